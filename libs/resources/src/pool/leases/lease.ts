import { NOTHING_TO_WAIT_FOR } from '../../hooks/nothing-to-wait-for.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import type { LeaseInfo } from '../../reports/lease-info.js';
import { describeName } from '../../words/describe-name.js';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import type { Slot } from '../slots/slot.js';

/** One loan of one resource to one owner. It ends exactly once: by `release`, by `invalidate`, or by the pool. */
export interface Lease<T> {
  /** @throws LeaseReleasedError after the end */
  readonly resource: T;
  /** Milliseconds since the loan began. Time in which the process was frozen does not count. */
  readonly age: number;
  readonly owner: string;
  /** Whether the loan has ended. */
  readonly ended: boolean;
  /** Gives the resource back. A second call, or one after the pool took it back, does nothing. */
  release(): Promise<void>;
  /** Gives the resource back as broken: it is destroyed and never lent again. */
  invalidate(reason?: unknown): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What ends a lease; implemented by `LeaseLedger`. */
export interface LeaseHost<T> {
  readonly type: string;
  now(): number;
  takeBack(lease: PoolLease<T>): Promise<void>;
  takeBackBroken(lease: PoolLease<T>, reason: unknown): Promise<void>;
  abandon(lease: PoolLease<T>): void;
}

/**
 * The only implementation of {@link Lease}. A lease is alive while its slot names it, so a release
 * by a previous owner can never touch the next owner's loan, and checking costs one comparison.
 */
export class PoolLease<T> implements Lease<T> {
  /**
   * @param tenant for whom it was borrowed: what quotas count
   * @param serial sequence number of the loan in the pool
   * @param origin where it was acquired, when that was captured
   */
  constructor(
    private readonly host: LeaseHost<T>,
    readonly slot: Slot<T>,
    /** Milliseconds of the pool's clock; later than it was if the process was frozen meanwhile. */
    public acquiredAt: number,
    readonly owner: string,
    readonly tenant: string,
    readonly serial: number,
    readonly origin: LeaseOrigin | undefined,
  ) {}

  get ended(): boolean {
    return this.slot.lease !== this;
  }

  get resource(): T {
    if (this.slot.lease !== this) throw new LeaseReleasedError(this.host.type, this.owner);
    return this.slot.resource;
  }

  get age(): number {
    return this.host.now() - this.acquiredAt;
  }

  release(): Promise<void> {
    return this.slot.lease === this ? this.host.takeBack(this) : NOTHING_TO_WAIT_FOR;
  }

  invalidate(reason?: unknown): Promise<void> {
    return this.slot.lease === this ? this.host.takeBackBroken(this, reason) : NOTHING_TO_WAIT_FOR;
  }

  /** @internal Ends it for its owner, whose work may go on unseen: the resource is held, and then retires. */
  abandon(): void {
    if (this.slot.lease === this) this.host.abandon(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  info(): LeaseInfo {
    const { age, origin } = this;
    return {
      id: `${describeName(this.host.type)}#${this.serial}`,
      type: this.host.type,
      resourceId: this.slot.id,
      owner: this.owner,
      acquiredAt: new Date(Date.now() - age),
      age,
      ...(origin?.stack !== undefined && { stack: origin.stack }),
    };
  }
}
