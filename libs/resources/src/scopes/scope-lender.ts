import type { Lease } from '../pool/leases/lease.js';
import type { LoanOptions, TryLoanOptions } from './borrow-options.js';
import type { ScopeHold } from './scope-hold.js';

/** Who lends to scopes. */
export interface ScopeLender<Scope> {
  /** Borrows for a scope. */
  lendTo(scope: Scope, type: string, options: LoanOptions | undefined): Promise<Lease<unknown>>;
  /** The same, of what is idle, at once or not at all. */
  tryLendTo(scope: Scope, type: string, options: TryLoanOptions | undefined): Lease<unknown> | undefined;
  /** The same as `lendTo`, for a scope that has other loans; it may have to give up for others. */
  lendMoreTo(scope: Scope, loan: ScopeHold, options: LoanOptions | undefined): Promise<Lease<unknown>>;
  /** A scope holds something now, while it may wait for something else. */
  watch(scope: Scope): void;
  /** Work with the resource of a loan has thrown. */
  workFailed(loan: ScopeHold, error: unknown): void;
}
