import { NOTHING_TO_WAIT_FOR } from '../time/nothing-to-wait-for.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import type { Lease } from '../pool/leases/lease.js';
import type { ScopeHold } from './scope-hold.js';

/**
 * One caller's lease on the resource that its scope has for all who ask in it. It ends once, as every lease
 * does; the loan behind it goes back when the last of those who share it has ended, or with the scope.
 * Broken is broken for all: `invalidate` ends the loan.
 */
export class HoldReference implements Lease<unknown> {
  /** Whether its caller has ended it. */
  over = false;

  /** The one taken before it on the same loan. */
  readonly previous: HoldReference | undefined;
  private readonly lease: Lease<unknown>;

  /** @param loan one hold of it becomes this lease's. @throws LeaseReleasedError when it has ended */
  constructor(
    private readonly loan: ScopeHold,
    readonly owner: string,
  ) {
    const { lease, type, top } = loan;
    if (lease === undefined || lease.ended) throw new LeaseReleasedError(type, owner);
    this.lease = lease;
    this.previous = top;
    loan.top = this;
  }

  get ended(): boolean {
    return this.over || this.lease.ended;
  }

  get resource(): unknown {
    if (this.over) throw new LeaseReleasedError(this.loan.type, this.owner);
    return this.lease.resource;
  }

  get age(): number {
    return this.lease.age;
  }

  release(): Promise<void> {
    if (this.over) return NOTHING_TO_WAIT_FOR;
    this.over = true;
    return this.loan.letGo();
  }

  async invalidate(reason?: unknown): Promise<void> {
    if (this.over) return;
    const gone = this.lease.invalidate(reason);
    void this.release(); // the loan has ended: nothing is given back twice
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
