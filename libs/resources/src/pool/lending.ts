import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { PoolPausedError } from '../errors/pool-paused-error.js';
import type { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { PoolStats } from '../policies/pool-stats.js';
import type { Clock } from '../time/clock.js';
import { DeadlineWheel } from '../time/deadline-wheel.js';
import { Inspector } from './inspector.js';
import { type Lease, type LeaseKeeper, NOTHING_TO_WAIT_FOR, PoolLease } from './lease.js';
import { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './resource-factory.js';
import type { Slot } from './slot.js';
import { Stock, type StockKeeper } from './stock.js';
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
  private readonly waiters = new WaiterQueue<T>();
  private readonly inspector: Inspector<T>;
  /** Resources being validated or reset: they will come to the queue by themselves. */
  private restoring = 0;
  private acquired = 0;
  private released = 0;
  private timeouts = 0;
  private quietListeners: (() => void)[] = [];

  constructor(
    readonly type: string,
    factory: ResourceFactory<T>,
    private settings: PoolSettings,
    private readonly clock: Clock,
  ) {
    this.time = { clock, wheel: new DeadlineWheel(clock) };
    this.inspector = new Inspector(this.time);
    this.stock = new Stock(type, factory, settings, this.time, this.events, this);
  }

  now(): number {
    return this.clock.now();
  }

  /** How many callers would depend on somebody's return if one more came now. */
  get excess(): number {
    const { stock, settings } = this;
    const callers = this.waiters.size + 1;
    if (this.paused) return callers;
    return callers - stock.creating - this.restoring - stock.slots.idle - (settings.max - stock.occupied);
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
      this.waiters.push(waiter);
      this.time.wheel.add(waiter, this.clock.now() + limit);
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
    if (!this.quiet) {
      await new Promise<void>((resolve) => {
        const timer = limit === Infinity ? undefined : this.clock.setTimeout(resolve, limit);
        this.quietListeners.push(() => {
          if (timer !== undefined) this.clock.clearTimeout(timer);
          resolve();
        });
      });
    }
    for (let waiter = this.waiters.shift(); waiter !== undefined; waiter = this.waiters.shift()) {
      this.dismiss(waiter, new PoolClosedError(this.type, waiter.owner, this.stats()));
    }
  }

  /** Revokes what is still on loan and destroys everything. */
  async end(): Promise<void> {
    for (const { slot } of this.loans()) this.endLease(slot, 'leaked');
    await this.stock.end(new PoolClosedError(this.type, 'a creation in flight'));
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
    return this.stock.slots.all().flatMap(({ lease }) => lease ?? []);
  }

  takeBack(slot: Slot<T>): Promise<void> {
    this.endLease(slot, 'released');
    slot.uses++;
    const { validation } = this.settings;
    if (validation.onBorrow) slot.aliveAt = this.clock.now();
    const cleans = slot.factory.reset !== undefined || validation.onReturn;
    return cleans && this.stock.whyNotKeep(slot) === undefined ? this.restore(slot) : this.shelve(slot);
  }

  takeBackBroken(slot: Slot<T>, reason: unknown): Promise<void> {
    this.endLease(slot, 'released');
    const gone = this.stock.retire(slot, slot.condemned ?? 'invalid', reason);
    this.quietCheck();
    return gone;
  }

  waiterExpired(waiter: Waiter<T>): void {
    const { owner, timeout } = waiter;
    this.timeouts++;
    if (this.events.observed) this.events.emit({ kind: 'timeout', type: this.type, owner });
    this.waiters.remove(waiter);
    this.dismiss(
      waiter,
      this.paused
        ? new PoolPausedError(this.type, timeout, this.stats(), owner)
        : new AcquireTimeoutError(this.type, timeout, this.stats(), owner, this.stock.lastCreationError),
    );
  }

  waiterAborted(waiter: Waiter<T>, reason: unknown): void {
    if (this.events.observed) this.events.emit({ kind: 'aborted', type: this.type, owner: waiter.owner });
    this.waiters.remove(waiter);
    this.dismiss(waiter, new AcquireAbortedError(this.type, reason, this.stats(), waiter.owner));
  }

  arrived(slot: Slot<T>): void {
    void this.shelve(slot);
  }

  creationFailed(error: ResourceCreationError): void {
    // One failure, one caller: the first, unless a resource on its way will serve it.
    if (this.waiters.size > this.stock.creating + this.restoring) {
      const waiter = this.waiters.shift();
      if (waiter !== undefined) this.dismiss(waiter, error);
    }
    this.pump();
  }

  placeFreed(): void {
    this.pump();
  }

  overdue(slot: Slot<T>): void {
    this.endLease(slot, 'leaked');
    void this.stock.retire(slot, 'leaked');
    this.quietCheck();
  }

  /** Serves callers from idle resources and starts the creations that the rest needs. */
  private pump(): void {
    const { waiters, stock, settings } = this;
    if (waiters.size === 0 || this.paused) return;
    const now = this.clock.now();
    while (waiters.size > 0) {
      const slot = stock.slots.peekIdle();
      if (slot === undefined) break;
      if (slot.expiresAt <= now) void stock.retire(slot, 'lifetime');
      else if (!settings.validation.isDue(slot.aliveAt, now)) {
        stock.slots.popIdle();
        this.serve(slot, now);
      } else if (this.restoring < waiters.size) void this.revalidate(slot);
      else break;
    }
    const { creating, occupied } = stock;
    if (occupied >= settings.max || waiters.size === 0) return;
    const arriving = creating + this.restoring;
    stock.create(
      settings.creation.wanted({ waiting: waiters.size, arriving, creating, occupied, max: settings.max }),
    );
  }

  private serve(slot: Slot<T>, now: number): void {
    const waiter = this.waiters.shift();
    if (waiter === undefined) return;
    this.time.wheel.cancel(waiter);
    waiter.detach();
    waiter.resolve(this.lend(slot, now, waiter.owner));
  }

  /** @param waiter already out of the queue */
  private dismiss(waiter: Waiter<T>, error: Error): void {
    this.time.wheel.cancel(waiter);
    waiter.detach();
    waiter.reject(error);
    this.quietCheck();
  }

  private lend(slot: Slot<T>, now: number, owner: string): Lease<T> {
    const lease = new PoolLease(this, slot, now, owner, ++this.acquired);
    slot.lease = lease;
    if (this.events.observed) this.events.emit({ kind: 'acquired', type: this.type, owner });
    return lease;
  }

  private endLease(slot: Slot<T>, kind: 'released' | 'leaked'): void {
    if (this.events.observed) this.events.emit({ kind, type: this.type, owner: slot.lease?.owner ?? '' });
    slot.lease = undefined;
    this.released++;
  }

  /** Puts a resource that nobody holds where it belongs: to the next caller, on the stack, or out. */
  private shelve(slot: Slot<T>): Promise<void> {
    const { stock } = this;
    const reason = stock.whyNotKeep(slot);
    let done = NOTHING_TO_WAIT_FOR;
    if (reason === undefined) {
      stock.slots.pushIdle(slot);
      if (this.waiters.size > 0) this.pump();
    } else {
      done = stock.retire(slot, reason);
    }
    if (this.refusing) this.quietCheck();
    return done;
  }

  /** Resets it, and validates it when that is asked for. */
  private async restore(slot: Slot<T>): Promise<void> {
    const { inspector, settings } = this;
    this.restoring++;
    let against = await inspector.reset(slot, settings.validationTimeout);
    if (against === undefined && settings.validation.onReturn) {
      against = await inspector.validate(slot, settings.validationTimeout);
    }
    this.restoring--;
    await this.judge(slot, against);
  }

  /** @param slot the idle one that would be lent next */
  private async revalidate(slot: Slot<T>): Promise<void> {
    this.stock.slots.popIdle();
    this.restoring++;
    const against = await this.inspector.validate(slot, this.settings.validationTimeout);
    this.restoring--;
    const fit = against === undefined && slot.state === 'busy' && this.stock.whyNotKeep(slot) === undefined;
    if (fit && this.waiters.size > 0 && !this.paused) {
      // Straight to a caller: from the stack, a bypass of 0 would ask for the next validation at once.
      slot.aliveAt = this.clock.now();
      this.serve(slot, slot.aliveAt);
    } else {
      await this.judge(slot, against);
    }
  }

  private judge(slot: Slot<T>, against: unknown): Promise<void> {
    if (slot.state === 'retired') return NOTHING_TO_WAIT_FOR; // the pool has closed meanwhile
    if (against === undefined) {
      slot.aliveAt = this.clock.now();
      return this.shelve(slot);
    }
    const gone = this.stock.retire(slot, slot.condemned ?? 'invalid', against);
    this.quietCheck();
    return gone;
  }

  private get quiet(): boolean {
    const { slots } = this.stock;
    return this.waiters.size === 0 && slots.size === slots.idle;
  }

  private quietCheck(): void {
    if (!this.refusing || !this.quiet) return;
    for (const listener of this.quietListeners.splice(0)) listener();
  }
}
