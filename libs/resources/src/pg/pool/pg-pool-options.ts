import { OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** How the clients of a `pgPool` borrow their sessions, inside and outside of the coordinator's transactions. */
export interface PgPoolOptions {
  /** For a type with `keyed`: the key, or a function that finds it, called for each client in the asynchronous context of who asks for it. */
  key?: string | (() => string);
  /** Longest wait for a session, or for the turn in a transaction, in milliseconds or as `'2s'`. Default: the type's `acquireTimeout`. */
  timeout?: Duration;
  /**
   * Which session a client gets where a transaction of its type is open: with `'share'` the transaction's, so that what it does is a part of that; with
   * `'separate'` one of its own. Default `'share'`.
   */
  inTransaction?: 'share' | 'separate';
  /**
   * Which session a client gets in a scope where no such transaction is open: with `'separate'` one of its own; with `'share'` the scope's, as all get
   * that borrow there: what one leaves in it the others find, and only one has a transaction open at a time. Default `'separate'`.
   */
  outsideTransaction?: 'separate' | 'share';
  /**
   * What becomes of a BEGIN on a shared session that asks for another isolation or access than the transaction around has: with `'refuse'` it fails; with
   * `'separate'` the client gets a session of its own until its COMMIT or ROLLBACK. Default `'refuse'`.
   */
  otherTerms?: 'refuse' | 'separate';
  /** What becomes of a statement that can't run in a transaction, such as VACUUM: with `'separate'` it is sent on a session of its own; with `'refuse'` it fails. Default `'separate'`. */
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
