import { OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** How the clients of a `pgPool` borrow, and what they do on a session that others share. */
export interface PgPoolOptions {
  /** For a type with `keyed`: the key, or what finds it; it is asked at each checkout, in the context of who asks for a client. */
  key?: string | (() => string);
  /** Longest wait for a session, or for the turn on a shared one, in milliseconds or as `'2s'`. Default: the type's `acquireTimeout`. */
  timeout?: Duration;
  /**
   * Which session a client has where a transaction of its type is open: `'share'`, the transaction's, so that it is in it; `'separate'`, one of its
   * own. Default `'share'`.
   */
  inTransaction?: 'share' | 'separate';
  /**
   * Which session a client has in a scope where no such transaction is open: `'separate'`, one of its own; `'share'`, the scope's, as all have that
   * borrow there: what one leaves in it the others find, and only one has a transaction open at a time. Default `'separate'`.
   */
  outsideTransaction?: 'separate' | 'share';
  /**
   * What becomes of a BEGIN on a shared session that asks for another isolation or access than the transaction around has: `'refuse'`, or
   * `'separate'`, a session of its own until its COMMIT or ROLLBACK. Default `'refuse'`.
   */
  otherTerms?: 'refuse' | 'separate';
  /** What becomes of a statement that can't run in a transaction, such as VACUUM: `'separate'`, it is sent on a session of its own; `'refuse'`. Default `'separate'`. */
  unfit?: 'separate' | 'refuse';
}

/** {@link PgPoolOptions} read. */
export interface PgPoolSettings extends Pick<PgPoolOptions, 'key'> {
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly inTransaction: NonNullable<PgPoolOptions['inTransaction']>;
  readonly outsideTransaction: NonNullable<PgPoolOptions['outsideTransaction']>;
  readonly otherTerms: NonNullable<PgPoolOptions['otherTerms']>;
  readonly unfit: NonNullable<PgPoolOptions['unfit']>;
}

const OPTIONS = [
  'key',
  'timeout',
  'inTransaction',
  'outsideTransaction',
  'otherTerms',
  'unfit',
] satisfies (keyof PgPoolOptions)[];

/** @throws InvalidOptionsError naming the first option that can't work */
export function readPgPoolOptions(type: string, given: PgPoolOptions): PgPoolSettings {
  const read = new OptionReader('pgPool', type);
  const { key, timeout, inTransaction, outsideTransaction, otherTerms, unfit } = read.group(
    '',
    given,
    OPTIONS,
  );
  if (key !== undefined && typeof key !== 'string') read.callback('key', key);
  return {
    key,
    timeout: timeout === undefined ? undefined : read.span('timeout', timeout, Infinity),
    inTransaction: read.oneOf('inTransaction', inTransaction, ['share', 'separate'], 'share'),
    outsideTransaction: read.oneOf(
      'outsideTransaction',
      outsideTransaction,
      ['separate', 'share'],
      'separate',
    ),
    otherTerms: read.oneOf('otherTerms', otherTerms, ['refuse', 'separate'], 'refuse'),
    unfit: read.oneOf('unfit', unfit, ['separate', 'refuse'], 'separate'),
  };
}
