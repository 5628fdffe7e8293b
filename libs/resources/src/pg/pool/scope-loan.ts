import type { CoordinatorLender } from '../../coordinator/coordinator-lender.js';
import type { ScopeSession } from './scope-session.js';
import { SharedLoan, type SharedLoanHost } from './shared-loan.js';

/** The session of a scope, until its client is released: it goes back when nobody else in the scope holds it. */
export class ScopeLoan extends SharedLoan {
  constructor(
    host: SharedLoanHost,
    private readonly coordinator: { readonly lender: CoordinatorLender },
    private readonly shared: ScopeSession,
  ) {
    super(host, shared);
  }

  override failed(error: unknown): void {
    const { type, shared, coordinator } = this;
    const { lease } = shared;
    coordinator.lender.workFailed({ source: 'pool', type, key: lease.hold.key, lease }, error);
  }

  override died(): void {
    void this.end(undefined); // never rejects
  }

  /** Broken is broken for all in the scope. */
  override async end(broken: unknown): Promise<void> {
    const { lease } = this.shared;
    const gone = broken ? lease.invalidate(broken) : undefined;
    await super.end(broken);
    await (gone ?? lease.release());
  }
}
