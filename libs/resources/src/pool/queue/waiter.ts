import type { QueueEntry } from '../../policies/queue/queue-order.js';
import type { UnitOfWork } from '../../hooks/loan-hooks.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import { Deadline } from '../../time/deadline-wheel.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import type { Lease } from '../leases/lease.js';

/** What becomes of a waiter that is not served; implemented by `PendingAcquires`. */
export interface WaiterListener<T> {
  waiterExpired(waiter: Waiter<T>): void;
  waiterAborted(waiter: Waiter<T>, reason: unknown): void;
}

/** A caller that asks for a loan. */
export interface Borrower {
  readonly owner: string;
  /** For whom it borrows: what quotas and the fair order count. */
  readonly tenant: string;
  readonly priority: number;
  /** What it borrows for, if that is known. */
  readonly unit?: UnitOfWork | undefined;
}

/** One caller in the queue. It is its own node in the queue and in the deadline wheel, so leaving both is O(1). */
export class Waiter<T> extends Deadline implements Borrower, QueueEntry<Waiter<T>>, SignalFollower {
  previous: Waiter<T> | undefined = undefined;
  next: Waiter<T> | undefined = undefined;
  queuedAt = 0;
  /** Waits for its own tenant's quota, and not in the queue. */
  parked = false;
  readonly owner: string;
  readonly tenant: string;
  readonly priority: number;
  readonly unit: UnitOfWork | undefined;

  /**
   * @param origin where it asked, when that was captured
   * @param timeout milliseconds it may wait
   */
  constructor(
    private readonly listener: WaiterListener<T>,
    { owner, tenant, priority, unit }: Borrower,
    readonly origin: LeaseOrigin | undefined,
    readonly timeout: number,
    readonly signal: AbortSignal | undefined,
    readonly resolve: (lease: Lease<T>) => void,
    readonly reject: (error: Error) => void,
  ) {
    super();
    this.owner = owner;
    this.tenant = tenant;
    this.priority = priority;
    this.unit = unit;
    if (signal !== undefined) followSignal(signal, this);
  }

  /** Stops listening to the caller's signal. */
  detach(): void {
    if (this.signal !== undefined) unfollowSignal(this.signal, this);
  }

  signalAborted(reason: unknown): void {
    this.listener.waiterAborted(this, reason);
  }

  override expire(): void {
    this.listener.waiterExpired(this);
  }
}
