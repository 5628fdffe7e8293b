import type { CoordinatorLender } from '../../coordinator/coordinator-lender.js';
import type { Lease } from '../../pool/leases/lease.js';
import type { PgSession } from '../session/pg-session.js';
import { callQuery } from '../session/statement-of.js';
import type { Loan } from './loan.js';

/** A loan of a session that nobody else uses meanwhile. */
export class SeparateLoan implements Loan {
  readonly session: PgSession;

  /** @param key of a keyed type */
  constructor(
    private readonly lender: CoordinatorLender,
    private readonly lease: Lease<PgSession>,
    readonly type: string,
    private readonly key: string | undefined,
  ) {
    this.session = lease.resource;
  }

  get owner(): string {
    return this.lease.owner;
  }

  get ended(): boolean {
    return this.lease.ended;
  }

  query(args: unknown[]): unknown {
    return callQuery(this.session, args);
  }

  failed(error: unknown): void {
    const { type, key, lease } = this;
    this.lender.workFailed({ source: 'pool', type, key, lease }, error);
  }

  died(): void {
    void this.lease.release(); // never rejects; the session is retired already
  }

  end(broken: unknown): Promise<void> {
    return broken ? this.lease.invalidate(broken) : this.lease.release();
  }
}
