import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { PoolPausedError } from '../errors/pool-paused-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { PoolStats } from '../policies/pool-stats.js';
import type { RetireReason } from '../policies/retire-reason.js';
import type { Clock } from '../time/clock.js';
import { DeadlineWheel } from '../time/deadline-wheel.js';
import { Inspector } from './inspector.js';
import { type Lease, type LeaseKeeper, NOTHING_TO_WAIT_FOR, PoolLease } from './lease.js';
import { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import { QuietWatch } from './quiet-watch.js';
import type { ResourceFactory } from './resource-factory.js';
import type { Slot } from './slot.js';
import { type Demand, Stock, type StockKeeper } from './stock.js';
import { Waiter, type WaiterKeeper } from './waiter.js';
import { WaiterQueue } from './waiter-queue.js';

/**
 * Brings callers and resources together. Its invariant: nobody waits while a resource is idle or a
 * place is free, unless the pool is paused. Whatever makes a resource or a place free ends in `pump`.
 */
export class Lending<T> implements LeaseKeeper<T>, WaiterKeeper<T>, StockKeeper<T> {
  readonly events = new PoolEvents();
  readonly stock: Stock<T>;
  paused = false;
  /** Takes no more callers: draining or closed. */
  refusing = false;

  private readonly time: PoolTime;
  private readonly waiters: WaiterQueue<T>;
  private readonly quiet: QuietWatch;
  private readonly inspector: Inspector<T>;
  private acquired = 0;
  private released = 0;
  private timeouts = 0;

  constructor(
    readonly type: string,
    factory: ResourceFactory<T>,
    private settings: PoolSettings,
    private readonly clock: Clock,
    random: () => number,
  ) {
    this.time = { clock, wheel: new DeadlineWheel(clock), random };
    this.waiters = new WaiterQueue(this.time.wheel);
    this.quiet = new QuietWatch(clock, () => this.waiters.size === 0 && this.stock.slots.allIdle);
    this.inspector = new Inspector(this.time);
    this.stock = new Stock(type, factory, settings, this.time, this.events, this);
  }

  now(): number {
    return this.clock.now();
  }

  /** How many callers would depend on somebody's return if one more came now. */
  get excess(): number {
    const callers = this.waiters.size + 1;
    if (this.paused) return callers;
    const { slots } = this.stock;
    const held = slots.size - slots.idle - this.inspector.inFlight;
    return callers - Math.max(0, this.settings.max - held);
  }

  adopt(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.settings = settings;
    this.stock.adopt(settings, factory);
    this.pump();
  }

  /** Lends an idle resource now, or not at all. */
  lendIdle(owner: string): Lease<T> | undefined {
    if (this.paused || this.refusing || this.waiters.size > 0) return undefined;
    const { stock } = this;
    let slot = stock.slots.peekIdle();
    if (slot === undefined) return undefined;
    const now = this.clock.now();
    if (now > stock.alarm) stock.checkFreeze(now);
    while (slot !== undefined && slot.expiresAt <= now) {
      void stock.retire(slot, 'lifetime');
      slot = stock.slots.peekIdle();
    }
    if (slot === undefined || this.settings.validation.isDue(slot.aliveAt, now)) return undefined;
    stock.slots.popIdle();
    return this.lend(slot, now, owner);
  }

  /** @param limit most milliseconds to wait */
  queue(owner: string, limit: number, signal: AbortSignal | undefined): Promise<Lease<T>> {
    return new Promise((resolve, reject) => {
      const waiter = new Waiter<T>(this, owner, limit, signal, resolve, reject);
      this.waiters.push(waiter, this.clock.now() + limit);
      this.pump();
    });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.pump();
  }

  /** Takes no more callers and waits for the rest. @param limit most milliseconds */
  async drain(limit: number): Promise<void> {
    this.refusing = true;
    await this.quiet.wait(limit);
    for (let waiter = this.waiters.shift(); waiter !== undefined; waiter = this.waiters.shift()) {
      this.dismiss(waiter, new PoolClosedError(this.type, waiter.owner, this.stats()));
    }
  }

  /** Revokes what is still on loan and destroys everything. */
  async end(): Promise<void> {
    for (const lease of this.loans()) if (!lease.ended) this.endLease(lease, 'leaked');
    const gone = this.stock.end(new PoolClosedError(this.type, 'a creation in flight', this.stats()));
    this.quiet.check();
    await gone;
  }

  stats(): PoolStats {
    const { min, max } = this.settings;
    return {
      min,
      max,
      ...this.stock.counts(),
      pending: this.waiters.size,
      acquired: this.acquired,
      released: this.released,
      timeouts: this.timeouts,
    };
  }

  /** The leases that hold something now. */
  loans(): PoolLease<T>[] {
    const loans: PoolLease<T>[] = [];
    this.stock.slots.forEach(({ lease }) => lease !== undefined && loans.push(lease));
    return loans;
  }

  demand(): Demand {
    const { paused, waiters, arriving } = this;
    const waits = !paused && waiters.size > 0;
    return { waiting: waits ? waiters.size : 0, arriving, since: waits ? 0 : Infinity };
  }

  takeBack(lease: PoolLease<T>): Promise<void> {
    const { slot } = lease;
    this.endLease(lease, 'released');
    slot.uses++;
    this.stock.returned(slot);
    const { validation } = this.settings;
    if (validation.onBorrow) slot.aliveAt = this.clock.now();
    const cleans = slot.factory.reset !== undefined || validation.onReturn;
    return cleans && this.stock.whyNotKeep(slot) === undefined ? this.restore(slot) : this.shelve(slot);
  }

  takeBackBroken(lease: PoolLease<T>, reason: unknown): Promise<void> {
    this.endLease(lease, 'released');
    return this.retire(lease.slot, 'invalid', reason ?? lease.slot.cause);
  }

  waiterExpired(waiter: Waiter<T>): void {
    const { owner, timeout } = waiter;
    this.timeouts++;
    this.waiters.remove(waiter);
    if (this.events.observed) this.events.emit({ kind: 'timeout', type: this.type, owner });
    this.dismiss(
      waiter,
      this.paused
        ? new PoolPausedError(this.type, timeout, this.stats(), owner)
        : new AcquireTimeoutError(this.type, timeout, this.stats(), owner, this.stock.lastCreationError),
    );
  }

  waiterAborted(waiter: Waiter<T>, reason: unknown): void {
    this.waiters.remove(waiter);
    if (this.events.observed) this.events.emit({ kind: 'aborted', type: this.type, owner: waiter.owner });
    this.dismiss(waiter, new AcquireAbortedError(this.type, reason, this.stats(), waiter.owner));
  }

  arrived(slot: Slot<T>): void {
    void this.handOver(slot, slot.createdAt);
  }

  creationFailed(cause: unknown): ResourceCreationError {
    const { waiters } = this;
    // One failure, one caller: the first, unless a resource on its way will serve it.
    const waiter = waiters.size > this.arriving ? waiters.shift() : undefined;
    const error = new ResourceCreationError(this.type, cause, this.stats(), waiter?.owner);
    if (waiter !== undefined) this.dismiss(waiter, error);
    this.pump();
    return error;
  }

  overdue(lease: PoolLease<T>): void {
    this.endLease(lease, 'leaked');
    void this.retire(lease.slot, 'leaked');
  }

  /** Resources that will come to the queue by themselves, a count. */
  private get arriving(): number {
    return this.stock.creating + this.inspector.inFlight;
  }

  /** Serves callers from idle resources and starts the creations that the rest needs. */
  pump(): void {
    const { waiters, stock, settings } = this;
    if (waiters.size === 0 || this.paused) return;
    const now = this.clock.now();
    if (now > stock.alarm) stock.checkFreeze(now);
    while (waiters.size > 0) {
      const slot = stock.slots.peekIdle();
      if (slot === undefined) break;
      if (slot.expiresAt <= now) void stock.retire(slot, 'lifetime');
      else if (!settings.validation.isDue(slot.aliveAt, now)) {
        stock.slots.popIdle();
        this.serve(slot, now);
      } else if (this.inspector.validating < waiters.size) this.revalidate(slot);
      else break;
    }
    while (stock.createFor(waiters.size, this.arriving));
  }

  private serve(slot: Slot<T>, now: number): void {
    const waiter = this.waiters.shift() as Waiter<T>; // the caller has seen one
    waiter.resolve(this.lend(slot, now, waiter.owner));
  }

  /** @param waiter already out of the queue */
  private dismiss(waiter: Waiter<T>, error: Error): void {
    waiter.reject(error);
    this.quiet.check();
  }

  private lend(slot: Slot<T>, now: number, owner: string): Lease<T> {
    const lease = new PoolLease(this, slot, now, owner, ++this.acquired);
    slot.lease = lease;
    if (this.events.observed) this.events.emit({ kind: 'acquired', type: this.type, owner });
    return lease;
  }

  private endLease({ slot, owner }: PoolLease<T>, kind: 'released' | 'leaked'): void {
    slot.lease = undefined;
    this.released++;
    if (this.events.observed) this.events.emit({ kind, type: this.type, owner });
  }

  /** Puts a resource that nobody holds where it belongs: to the next caller, on the stack, or out. */
  private shelve(slot: Slot<T>): Promise<void> {
    const { stock } = this;
    const reason = stock.whyNotKeep(slot);
    if (reason !== undefined) return this.retire(slot, reason, slot.cause);
    stock.slots.pushIdle(slot);
    if (this.waiters.size > 0) this.pump();
    if (this.refusing) this.quiet.check();
    return NOTHING_TO_WAIT_FOR;
  }

  /**
   * The same for one that has just proved itself, but straight to the next caller: from the stack,
   * a bypass of 0 would ask for the next proof at once.
   */
  private handOver(slot: Slot<T>, now: number): Promise<void> {
    slot.aliveAt = now;
    const { waiters, stock } = this;
    const fit = slot.expiresAt > now && stock.whyNotKeep(slot) === undefined;
    if (!fit || this.paused || waiters.size === 0) return this.shelve(slot);
    this.serve(slot, now);
    this.pump();
    return NOTHING_TO_WAIT_FOR;
  }

  /** Whoever waits for a resource that goes instead of coming needs another. */
  private retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    const gone = this.stock.retire(slot, reason, cause);
    this.pump();
    this.quiet.check();
    return gone;
  }

  private restore(slot: Slot<T>): Promise<void> {
    return this.inspector.afterLoan(slot, this.settings, (against) => {
      slot.aliveAt = this.clock.now();
      return this.judge(slot, against) ?? this.shelve(slot);
    });
  }

  /** @param slot the idle one that would be lent next */
  private revalidate(slot: Slot<T>): void {
    this.stock.slots.popIdle();
    void this.inspector.beforeLoan(
      slot,
      this.settings,
      (against) => this.judge(slot, against) ?? this.handOver(slot, this.clock.now()),
    );
  }

  /** @returns undefined when it may be lent */
  private judge(slot: Slot<T>, against: unknown): Promise<void> | undefined {
    if (slot.state === 'retired') return NOTHING_TO_WAIT_FOR; // the pool has closed meanwhile
    return against === undefined ? undefined : this.retire(slot, 'invalid', against);
  }
}
