import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { checkIsObject, optionsError } from '../options/callers-options.js';
import { type AcquireOptions, checkNames, checkPriority, readTimeout } from '../pool/acquire-options.js';
import { checkSignal } from '../hooks/abort-signals.js';
import { describeValue } from '../errors/describe-value.js';

/** What one acquisition through the coordinator may ask for. */
export interface BorrowOptions extends AcquireOptions {
  /** For whom, of a type with `keyed`: which key's pool lends. */
  key?: string;
  /**
   * In a scope: a resource of its own, beside the one that the scope has or may have. For two transactions side
   * by side. Default false.
   */
  separate?: boolean;
}

/** What {@link ResourceCoordinator.tryAcquire} may be told: it never waits. */
export type TryBorrowOptions = Pick<BorrowOptions, 'key' | 'owner' | 'tenant' | 'separate'>;

/** Who lends: the pool of a type, or the cache of a type. The two have names of their own. */
export type LeaseSource = 'pool' | 'cache';

/** What one loan of a scope is told. */
export interface LoanOptions extends BorrowOptions {
  /** Default `'pool'`. */
  source?: LeaseSource;
}

/** The same for one that never waits. */
export type TryLoanOptions = TryBorrowOptions & Pick<LoanOptions, 'source'>;

/**
 * Reads what a caller asks for, once, and refuses what can't work before anything begins: who joins another's acquisition is told
 * the same as who begins one.
 *
 * @throws InvalidOptionsError
 */
export function readBorrowOptions(options: LoanOptions | undefined, type = ''): LoanOptions | undefined {
  if (options === undefined) return undefined;
  try {
    checkIsObject(options);
    const { signal, timeout, owner, tenant, priority, key, separate, source } = options;
    if (signal !== undefined) checkSignal(signal, type);
    if (timeout !== undefined) readTimeout(timeout, type);
    checkNames(owner === undefined ? '' : owner, tenant === undefined ? '' : tenant, type);
    if (priority !== undefined) checkPriority(priority, type);
    if (key !== undefined && typeof key !== 'string') {
      throw new InvalidOptionsError('key', `must be a text; got ${describeValue(key)}.`, type);
    }
    return { signal, timeout, owner, tenant, priority, key, separate, source };
  } catch (error) {
    throw optionsError(error, options, type);
  }
}
