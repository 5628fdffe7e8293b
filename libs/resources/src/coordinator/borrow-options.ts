import type { AcquireOptions } from '../pool/acquire-options.js';

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

/** What one loan of a scope is told. */
export interface LoanOptions extends BorrowOptions {
  /** Whether it is a lease on a cached resource, whose type and `key` are those of a cache. Default false. */
  cached?: boolean;
}

/** The same for one that never waits. */
export type TryLoanOptions = TryBorrowOptions & Pick<LoanOptions, 'cached'>;
