import type { RetireReason } from '../../reports/retire-reason.js';
import type { TurnTime } from '../../time/turn-time.js';
import { Abandoned } from './abandoned.js';
import type { Inspector } from '../upkeep/inspector.js';
import type { PoolLease } from './lease.js';
import { type LoanEnd, Loans, type LoansKeeper } from './loans.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolSettings } from '../pool-options.js';
import type { PoolTime } from '../pool-time.js';
import type { Slot } from '../slots/slot.js';
import type { Stock } from '../stock.js';
import type { WaiterQueue } from '../queue/waiter-queue.js';

/** Where resources go whose loan has ended; implemented by the pool. */
export interface ReturnsKeeper<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly stock: Stock<T>;
  /** It is clean, and nobody holds it. */
  shelve(slot: Slot<T>): Promise<void>;
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void>;
  pump(): void;
}

/**
 * How loans end, and what that means for the resource: given back, it goes to who is next, once it is clean; broken, it
 * retires, and so does one whose user may still hold it; abandoned, it is held first.
 */
export class Returns<T> implements LoansKeeper<T> {
  readonly loans: Loans<T>;
  private readonly abandoned: Abandoned<T>;

  constructor(
    private readonly keeper: ReturnsKeeper<T>,
    private settings: PoolSettings,
    private readonly queue: WaiterQueue<T>,
    private readonly inspector: Inspector<T>,
    private readonly time: PoolTime,
    private readonly turn: TurnTime,
  ) {
    const { stock } = keeper;
    this.loans = new Loans(this, settings, time, turn, keeper.events);
    this.abandoned = new Abandoned(stock.slots, settings, time.clock, {
      retire: (slot, reason) => keeper.retire(slot, reason),
      noticeFreeze: (now) => stock.noticeFreeze(now),
    });
  }

  get type(): string {
    return this.keeper.type;
  }

  now(): number {
    return this.time.clock.now();
  }

  /** @param settings with the size in force */
  adopt(settings: PoolSettings): void {
    this.settings = settings;
    this.abandoned.adopt(settings);
  }

  takeBack(lease: PoolLease<T>): Promise<void> {
    const { slot } = lease;
    this.end(lease, 'released');
    slot.uses++;
    const { settings, keeper } = this;
    const { validation, predicate } = settings;
    if (predicate !== undefined) keeper.stock.sweeper.returned(slot, this.time.clock.now());
    if (validation.onBorrow) slot.aliveAt = this.turn.now(); // too early rather than too late
    const cleans = slot.factory.reset !== undefined || validation.onReturn;
    return cleans && keeper.stock.whyNotKeep(slot) === undefined
      ? this.inspector.afterLoan(slot, settings)
      : keeper.shelve(slot);
  }

  takeBackBroken(lease: PoolLease<T>, reason: unknown): Promise<void> {
    this.end(lease, 'released');
    return this.keeper.retire(lease.slot, 'invalid', reason ?? lease.slot.cause);
  }

  /** The user may still hold the resource, so it is not lent on. */
  overdue(lease: PoolLease<T>): void {
    if (lease.ended) return;
    this.end(lease, 'leaked');
    void this.keeper.retire(lease.slot, 'leaked');
  }

  /** Its work may go on unseen, so the resource is not lent on. One that is known to be dead goes at once. */
  abandon(lease: PoolLease<T>): void {
    const { slot } = lease;
    this.end(lease, 'abandoned');
    if (slot.condemned === 'invalid') void this.keeper.retire(slot, 'invalid', slot.cause);
    else this.abandoned.hold(slot);
    this.keeper.pump();
  }

  /** Ends what is still on loan: the pool is at its end. */
  revokeAll(): void {
    for (const lease of this.keeper.stock.leases()) if (!lease.ended) this.end(lease, 'leaked');
    this.abandoned.stop();
  }

  private end(lease: PoolLease<T>, kind: LoanEnd): void {
    this.loans.end(lease, kind);
    this.queue.giveUnitBack(lease.lane);
  }
}
