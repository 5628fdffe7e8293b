import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { checkIsObject, optionsError } from '../options/callers-options.js';
import { type AcquireOptions, checkNames, checkPriority, readTimeout } from '../pool/acquire-options.js';
import { checkSignal } from '../hooks/abort-signals.js';
import { checkReserve } from '../pool/sizing/reserve-options.js';
import { describeValue } from '../words/describe-value.js';

/** What one acquisition through the coordinator may ask for. */
export interface BorrowOptions extends AcquireOptions {
  /** For a type with `keyed`: which key's pool lends. */
  key?: string;
  /**
   * In a scope: a separate resource, besides the one that the scope has or may have. For two transactions side
   * by side. Default false.
   */
  separate?: boolean;
}

/** Options of {@link ResourceCoordinator.tryAcquire}, which never waits. */
export type TryBorrowOptions = Pick<BorrowOptions, 'key' | 'owner' | 'tenant' | 'separate'>;

/** What lends: the pool of a type, or the cache of a type. A pooled and a cached type may have the same name. */
export type LeaseSource = 'pool' | 'cache';

/** Options of one hold of a scope. */
export interface LoanOptions extends BorrowOptions {
  /** Default `'pool'`. */
  source?: LeaseSource;
}

/** {@link LoanOptions} of an acquisition that never waits. */
export type TryLoanOptions = TryBorrowOptions & Pick<LoanOptions, 'source'>;

/**
 * Reads what a caller asks for, once, and refuses what can't work before anything begins: a caller that joins another's acquisition is
 * refused as the one that begins it is.
 *
 * @throws InvalidOptionsError
 */
export function readBorrowOptions(options: LoanOptions | undefined, type = ''): LoanOptions | undefined {
  if (options === undefined) return undefined;
  try {
    checkIsObject(options);
    const { signal, timeout, owner, tenant, priority, reserve, key, separate, source } = options;
    if (signal !== undefined) checkSignal(signal, type);
    if (timeout !== undefined) readTimeout(timeout, type);
    checkNames(owner === undefined ? '' : owner, tenant === undefined ? '' : tenant, type);
    if (priority !== undefined) checkPriority(priority, type);
    if (reserve !== undefined) checkReserve(reserve, type);
    if (key !== undefined && typeof key !== 'string') {
      throw new InvalidOptionsError('key', `must be a string; got ${describeValue(key)}.`, type);
    }
    return { signal, timeout, owner, tenant, priority, reserve, key, separate, source };
  } catch (error) {
    throw optionsError(error, options, type);
  }
}
