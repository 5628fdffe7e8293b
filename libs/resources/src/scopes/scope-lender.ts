import type { Lease } from '../pool/leases/lease.js';
import type { LoanOptions, TryLoanOptions } from './borrow-options.js';
import type { ScopeHold } from './scope-hold.js';

/** Lends to scopes; implemented by `CoordinatorLender`. */
export interface ScopeLender<Scope> {
  /** Borrows for a scope. */
  lendTo(scope: Scope, type: string, options: LoanOptions | undefined): Promise<Lease<unknown>>;
  /** Like `lendTo`, but only what is idle, at once or not at all. */
  tryLendTo(scope: Scope, type: string, options: TryLoanOptions | undefined): Lease<unknown> | undefined;
  /** Like `lendTo`, for a scope that has other leases; it may have to give up for others. */
  lendMoreTo(scope: Scope, hold: ScopeHold, options: LoanOptions | undefined): Promise<Lease<unknown>>;
  /** A scope holds something now, while it may wait for something else. */
  watch(scope: Scope): void;
  /** Work with the resource of a hold has thrown. */
  workFailed(hold: ScopeHold, error: unknown): void;
}
