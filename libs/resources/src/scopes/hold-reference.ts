import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { type Lease, NOTHING_TO_WAIT_FOR } from '../pool/leases/lease.js';
import type { ScopeHold } from './scope-hold.js';

/**
 * One caller's lease on the resource that its scope has for all who ask in it. It ends once, as every lease
 * does; the loan behind it goes back when the last of those who share it has ended, or with the scope.
 * Broken is broken for all: `invalidate` ends the loan.
 */
export class HoldReference implements Lease<unknown> {
  /** Whether its caller has ended it. */
  over = false;

  /** @param previous the one taken before it on the same loan */
  constructor(
    private readonly loan: ScopeHold,
    private readonly lease: Lease<unknown>,
    readonly owner: string,
    readonly previous: HoldReference | undefined,
  ) {}

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
    return this.loan.handleEnded();
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
