import type { RetireReason } from '../../reports/retire-reason.js';
import type { TurnTime } from '../../time/turn-time.js';
import { Abandoned } from './abandoned.js';
import type { Validator } from '../upkeep/validator.js';
import type { PoolLease } from './lease.js';
import { type LoanEnd, LeaseLedger, type LeaseLedgerHost } from './lease-ledger.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolSettings } from '../pool-options.js';
import type { PoolTime } from '../pool-time.js';
import type { Slot } from '../slots/slot.js';
import type { Inventory } from '../inventory.js';
import type { WaiterQueue } from '../queue/waiter-queue.js';

/** Where resources go whose loan has ended; implemented by the pool. */
export interface ReturnsHost<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly inventory: Inventory<T>;
  /** It is clean, and nobody holds it. */
  shelve(slot: Slot<T>): Promise<void>;
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void>;
  pump(): void;
}

/**
 * How loans end, and what that means for the resource: given back, it goes to who is next, once it is clean; broken, it
 * retires, and so does one whose user may still hold it; abandoned, it is held first.
 */
export class Returns<T> implements LeaseLedgerHost<T> {
  readonly loans: LeaseLedger<T>;
  private readonly abandoned: Abandoned<T>;

  constructor(
    private readonly host: ReturnsHost<T>,
    private settings: PoolSettings,
    private readonly queue: WaiterQueue<T>,
    private readonly validator: Validator<T>,
    private readonly time: PoolTime,
    private readonly turn: TurnTime,
  ) {
    const { inventory } = host;
    this.loans = new LeaseLedger(this, settings, time, turn, host.events);
    this.abandoned = new Abandoned(inventory.slots, settings, time.clock, {
      retire: (slot, reason) => host.retire(slot, reason),
      noticeFreeze: (now) => inventory.noticeFreeze(now),
    });
  }

  get type(): string {
    return this.host.type;
  }

  now(): number {
    return this.time.clock.now();
  }

  /** @param settings with the size in force */
  reconfigure(settings: PoolSettings): void {
    this.settings = settings;
    this.abandoned.reconfigure(settings);
  }

  takeBack(lease: PoolLease<T>): Promise<void> {
    const { slot } = lease;
    this.end(lease, 'released');
    slot.uses++;
    const { settings, host } = this;
    const { validation, predicate } = settings;
    if (predicate !== undefined) host.inventory.retirementSweep.returned(slot, this.time.clock.now());
    if (validation.onBorrow) slot.aliveAt = this.turn.now(); // too early rather than too late
    const cleans = slot.factory.reset !== undefined || validation.onReturn;
    return cleans && host.inventory.retireReasonFor(slot) === undefined
      ? this.validator.afterLoan(slot, settings)
      : host.shelve(slot);
  }

  takeBackBroken(lease: PoolLease<T>, reason: unknown): Promise<void> {
    this.end(lease, 'released');
    return this.host.retire(lease.slot, 'invalid', reason ?? lease.slot.cause);
  }

  /** The user may still hold the resource, so it is not lent on. */
  overdue(lease: PoolLease<T>): void {
    if (lease.ended) return;
    this.end(lease, 'leaked');
    void this.host.retire(lease.slot, 'leaked');
  }

  /** Its work may go on unseen, so the resource is not lent on. One that is known to be dead goes at once. */
  abandon(lease: PoolLease<T>): void {
    const { slot } = lease;
    this.end(lease, 'abandoned');
    if (slot.retireReason === 'invalid') void this.host.retire(slot, 'invalid', slot.cause);
    else this.abandoned.hold(slot);
    this.host.pump();
  }

  /** Ends what is still on loan: the pool is at its end. */
  revokeAll(): void {
    for (const lease of this.host.inventory.leases()) if (!lease.ended) this.end(lease, 'leaked');
    this.abandoned.stop();
  }

  private end(lease: PoolLease<T>, kind: LoanEnd): void {
    this.loans.end(lease, kind);
    this.queue.giveUnitBack(lease.tenant);
  }
}
