import { checkSignal } from '../hooks/abort-signals.js';
import { readCallersOptions } from '../options/callers-options.js';
import { isGroup, OptionReader } from '../options/option-reader.js';
import { CreationRetry } from '../policies/creation/creation-retry.js';
import type { Isolation, TransactionTerms } from '../pool/factory/transaction-control.js';
import type { BorrowOptions } from '../scopes/borrow-options.js';
import type { Duration } from '../time/duration.js';

/**
 * What work has to do with the transaction around it. (The seven of Jakarta Transactions and Spring.)
 *
 * - `'REQUIRED'`: joins it, or begins one.
 * - `'REQUIRES_NEW'`: begins one on another session.
 * - `'NESTED'`: begins a savepoint in it, or one.
 * - `'SUPPORTS'`: joins it, or runs without.
 * - `'NOT_SUPPORTED'`: runs without, on another session if there is one.
 * - `'MANDATORY'`: joins it, or is refused.
 * - `'NEVER'`: runs without, or is refused.
 */
export type Propagation =
  'REQUIRED' | 'REQUIRES_NEW' | 'NESTED' | 'SUPPORTS' | 'NOT_SUPPORTED' | 'MANDATORY' | 'NEVER';

/** How often and when a transaction is tried again that the server has given up because of others. */
export interface TransactionRetryOptions {
  /** How many tries there are in all, the first one included. At least 1. Default 3. */
  attempts?: number;
  /** Longest pause before the second try. It doubles with each further one; each pause is shortened at random. More than 0. Default `'20ms'`. */
  delay?: Duration;
  /** Longest pause before any try. At least `delay`. Default `'1s'`. */
  maxDelay?: Duration;
}

/** What one transaction may ask for. */
export interface TransactionOptions extends Omit<BorrowOptions, 'separate'> {
  /** Default `'REQUIRED'`. */
  propagation?: Propagation;
  /** Default: the server's. Refused where it joins, or is nested in, a transaction that was not begun with it. */
  isolation?: Isolation;
  /** Whether it may only read. Default: the server's. Refused where it joins, or is nested in, a transaction that was begun otherwise. */
  readOnly?: boolean;
  /**
   * Whether the work is done again when the server has given up the transaction because of others (in PostgreSQL 40001 and 40P01): `true`, or how often and
   * when. Only the outermost call does so, and never when it is unknown whether the transaction was committed. Default false.
   */
  retry?: boolean | TransactionRetryOptions;
  /** How long it may wait for its session, in place of the pool's `acquireTimeout`; with `retry`, also until its last try begins. More than 0. */
  timeout?: Duration;
}

/** {@link TransactionOptions} read. */
export interface TransactionSettings {
  readonly propagation: Propagation;
  readonly terms: TransactionTerms;
  readonly retry: CreationRetry;
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number;
  readonly loan: BorrowOptions;
}

const PROPAGATIONS = [
  'REQUIRED',
  'REQUIRES_NEW',
  'NESTED',
  'SUPPORTS',
  'NOT_SUPPORTED',
  'MANDATORY',
  'NEVER',
] as const satisfies Propagation[];

const ISOLATIONS = [
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
] as const satisfies Isolation[];

/** The options of the transaction itself; the others are those of the loan. */
export const TRANSACTION_OPTIONS = [
  'propagation',
  'isolation',
  'readOnly',
  'retry',
  'timeout',
] as const satisfies (keyof TransactionOptions)[];

const NAMES: readonly (keyof TransactionOptions)[] = [
  ...TRANSACTION_OPTIONS,
  'signal',
  'key',
  'owner',
  'tenant',
  'priority',
  'reserve',
];

const ONCE = new CreationRetry(1, 0, 0);
const DEFAULT_RETRY = { attempts: 3, delay: '20ms', maxDelay: '1s' } as const;

/**
 * @param at where the options stand, for the error
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readTransactionOptions(
  options: TransactionOptions,
  type: string,
  at = '',
): TransactionSettings {
  return readCallersOptions(options, type, (given) => {
    const read = new OptionReader(at, type);
    const { propagation, isolation, readOnly, retry, timeout, ...loan } = read.group('', given, NAMES);
    checkSignal(loan.signal, type);
    const limit = read.span('timeout', timeout, Infinity);
    return {
      propagation: read.oneOf<Propagation>('propagation', propagation, PROPAGATIONS, 'REQUIRED'),
      terms: {
        isolation:
          isolation === undefined ? undefined : read.oneOf('isolation', isolation, ISOLATIONS, isolation),
        readOnly: readOnly === undefined ? undefined : read.flag('readOnly', readOnly, readOnly),
      },
      retry: readRetry(read, retry),
      timeout: limit,
      loan: { ...loan, ...(limit !== Infinity && { timeout: limit }) },
    };
  });
}

function readRetry(read: OptionReader, retry: TransactionOptions['retry']): CreationRetry {
  const given = isGroup(retry) ? retry : undefined;
  if (given === undefined && !read.flag('retry', retry as boolean | undefined, false)) return ONCE; // `flag` refuses what is no boolean
  const { attempts, delay, maxDelay } = read.group('retry', given, ['attempts', 'delay', 'maxDelay']);
  const first = read.span('retry.delay', delay, DEFAULT_RETRY.delay);
  const most = read.span('retry.maxDelay', maxDelay, maxDelay ?? DEFAULT_RETRY.maxDelay);
  if (most < first) read.fail('retry.maxDelay', 'must not be less than "retry.delay".');
  return new CreationRetry(read.count('retry.attempts', attempts, DEFAULT_RETRY.attempts, 1), first, most);
}
