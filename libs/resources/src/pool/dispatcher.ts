import type { UnitOfWork } from '../hooks/loan-hooks.js';
import { NOTHING_TO_WAIT_FOR } from '../hooks/nothing-to-wait-for.js';
import type { PoolStats } from '../reports/pool-stats.js';
import type { RetireReason } from '../reports/retire-reason.js';
import { TurnTime } from '../time/turn-time.js';
import { Replenisher } from './creation/replenisher.js';
import type { Demand, ReplenisherHost } from './creation/replenisher-host.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import type { InService } from '../hooks/in-service.js';
import { Inventory, type InventoryHost } from './inventory.js';
import type { Lease } from './leases/lease.js';
import { LeaseLedger, type LeaseLedgerHost } from './leases/lease-ledger.js';
import { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import { PendingAcquires, type PendingAcquiresHost } from './queue/pending-acquires.js';
import type { Borrower } from './queue/waiter.js';
import { statsOf } from './stats-of.js';
import { WaiterQueue } from './queue/waiter-queue.js';
import { QuietWatch } from './quiet-watch.js';
import { PoolLoad, type PoolLoadHost } from './sizing/pool-load.js';
import { Sizer } from './sizing/sizer.js';
import type { Slot } from './slots/slot.js';
import { Housekeeper, type HousekeeperHost } from './upkeep/housekeeper.js';
import { Validator, type ValidatorHost } from './upkeep/validator.js';

/**
 * Brings callers and resources together. Its invariant: nobody waits while a resource is idle or a
 * place is free, unless the pool is paused. Whatever makes a resource or a place free ends in `pump`.
 *
 * It owns the parts of a pool, which find each other through it: the queue, the inventory and who replenishes it, the ledger
 * of loans, the validator and the housekeeper.
 */
export class Dispatcher<T>
  implements
    HousekeeperHost<T>,
    InventoryHost<T>,
    LeaseLedgerHost<T>,
    PendingAcquiresHost<T>,
    PoolLoadHost<T>,
    ReplenisherHost<T>,
    ValidatorHost<T>
{
  readonly events: PoolEvents;
  readonly queue: WaiterQueue<T>;
  readonly pending: PendingAcquires<T>;
  readonly quiet: QuietWatch;
  readonly validator: Validator<T>;
  readonly inventory: Inventory<T>;
  readonly replenisher: Replenisher<T>;
  readonly ledger: LeaseLedger<T>;
  readonly housekeeper: Housekeeper<T>;
  sizer: Sizer | undefined;
  paused = false;
  /** Takes no more callers: draining or closed. */
  refusing = false;
  /** As they were given, whatever the size in force. */
  private configured: PoolSettings;
  private extra = 0;
  private readonly turn: TurnTime;

  constructor(
    readonly type: string,
    factory: ResourceFactory<T>,
    private settings: PoolSettings,
    readonly time: PoolTime,
    inService: InService,
  ) {
    const { clock } = time;
    this.configured = settings;
    this.events = new PoolEvents(time.ground);
    this.turn = new TurnTime(clock);
    this.queue = new WaiterQueue(time.wheel, this.turn, settings, (waiter, waited) =>
      this.pending.shed(waiter, waited),
    );
    this.pending = new PendingAcquires(this.queue, this.events, this);
    this.quiet = new QuietWatch(clock, () => this.queue.size === 0 && this.inventory.slots.allIdle);
    this.validator = new Validator(this, time);
    this.inventory = new Inventory(type, factory, settings, time, this.events, this, inService);
    this.replenisher = new Replenisher(this, settings, time);
    this.ledger = new LeaseLedger(this, settings, time, this.turn);
    this.housekeeper = new Housekeeper(this, settings, time);
    this.sizer = Sizer.for(settings, undefined, new PoolLoad(this), clock.now());
  }

  reconfigure(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.queue.reconfigure(
      settings,
      this.inventory.leases().map(({ tenant }) => tenant),
    );
    this.configured = settings;
    this.sizer = Sizer.for(settings, this.sizer, new PoolLoad(this), this.time.clock.now());
    this.housekeeper.reconfigure(this.sized);
    if (this.inventory.reconfigure(this.sized, factory)) this.replenisher.startOver();
    this.fit(this.sized);
  }

  findSize(now: number): void {
    if (this.sizer?.decide(now) === true) this.fit(this.sized);
  }

  /** Resources that there may be apart from what a change of generations adds or takes, a count. */
  get max(): number {
    return this.sizer?.max ?? this.configured.max;
  }

  /** @param extra resources that there may be besides, or not, for a change of generations; a count */
  adjust(extra: number): void {
    if (extra === this.extra) return;
    this.extra = extra;
    this.fit(this.sized);
  }

  /** Lends an idle resource now, or not at all. */
  lendIdle(owner: string, tenant: string, unit?: UnitOfWork): Lease<T> | undefined {
    const { queue, ledger } = this;
    const { slots } = this.inventory;
    if (this.paused || this.refusing || queue.order.size > 0 || slots.idlers.size === 0) return undefined;
    const now = this.turn.now();
    const slot = this.nextIdle(now);
    if (slot === undefined) return undefined;
    const { onBorrow } = this.settings.validation;
    if ((onBorrow || slot.aliveAt === -Infinity) && this.mustProveItself(slot)) return undefined;
    if (queue.quota !== undefined && !queue.quota.take(tenant)) return undefined;
    slots.takeIdle(slot);
    if (slots.idlers.size < this.settings.minimum.minIdle) this.replenisher.minimum.lookAhead();
    const { origins } = ledger.leaks;
    return ledger.begin(slot, owner, tenant, unit, now, origins.traces ? origins.next() : undefined);
  }

  /** @param limit most milliseconds to wait */
  wait(borrower: Borrower, limit: number, signal: AbortSignal | undefined): Promise<Lease<T>> {
    const refusal = this.pending.refusalOf(borrower, signal);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { origins } = this.ledger.leaks;
    const origin = origins.traces ? origins.next() : undefined;
    const pending = this.pending.join(borrower, origin, limit, signal);
    this.pump();
    return pending;
  }

  resume(): void {
    this.paused = false;
    this.pump();
  }

  /** Takes no more callers. Those that are waiting are still served. */
  refuse(): void {
    this.refusing = true;
    this.replenisher.refuse();
  }

  stats(): PoolStats {
    return statsOf(this, this.max, this.configured.minimum.min);
  }

  demand(): Demand {
    const { queue, arriving } = this;
    if (this.paused || queue.ready === 0) return { pending: 0, arriving, since: Infinity };
    return { pending: queue.ready, arriving, since: queue.waitingSince };
  }

  arrived(slot: Slot<T>): void {
    this.housekeeper.start();
    void this.handOver(slot, slot.createdAt);
  }

  wants(at: number): boolean {
    return this.queue.ready >= this.arriving && this.queue.latestDeadline > at;
  }

  creationFailed(cause: unknown): void {
    this.pending.creationFailed(cause, this.arriving, this.replenisher.gate.suspendedFor);
    this.pump();
  }

  /** Resources that will come to the queue by themselves, a count. */
  private get arriving(): number {
    return this.replenisher.arriving + this.validator.inFlight;
  }

  /** Serves callers from idle resources and starts the creations that the rest needs. */
  pump(): void {
    const { queue } = this;
    const { slots } = this.inventory;
    if (queue.ready === 0 || this.paused) return;
    while (queue.ready > 0 && slots.idle > 0) {
      const slot = this.nextIdle(this.turn.now());
      if (slot === undefined) break;
      if (!this.mustProveItself(slot)) {
        slots.takeIdle(slot);
        if (!this.serve(slot)) slots.addIdle(slot);
      } else if (this.validator.validating < queue.ready) {
        slots.takeIdle(slot);
        void this.validator.beforeLoan(slot, this.settings);
      } else break;
    }
    while (this.replenisher.createForCaller());
    if (slots.inService === 0 && !this.replenisher.changes.goingBack) this.refuseHopeless();
    if (slots.idle < this.settings.minimum.minIdle) this.replenisher.minimum.lookAhead();
  }

  /** Tells callers at once whom only a creation could serve while creation is suspended. */
  private refuseHopeless(): void {
    const { replenisher } = this;
    while (this.queue.ready > 0 && this.arriving === 0 && !replenisher.gate.permits) {
      this.pending.refuse((owner) => replenisher.refusal(owner));
    }
  }

  /** @returns false when the queue had only callers that it shed */
  private serve(slot: Slot<T>): boolean {
    const waiter = this.queue.take();
    if (waiter === undefined) return false;
    const { owner, tenant, unit, origin } = waiter;
    waiter.resolve(this.ledger.begin(slot, owner, tenant, unit, this.turn.now(), origin));
    return true;
  }

  /** The idle resource to lend next, once those that are too old, or were idle for too long, are gone; it stays where it is. */
  private nextIdle(now: number): Slot<T> | undefined {
    const { inventory, housekeeper } = this;
    if (now > housekeeper.freeze.alarm) housekeeper.look(now);
    const { idleTimeout } = this.settings.retirement;
    let slot = inventory.slots.nextIdle;
    while (slot !== undefined && (slot.expiresAt <= now || now - slot.idleSince >= idleTimeout)) {
      if (!housekeeper.retirements.retireOverdue(slot, now)) break;
      slot = inventory.slots.nextIdle;
    }
    return slot;
  }

  private mustProveItself(slot: Slot<T>): boolean {
    const { validation } = this.settings;
    if (!validation.onBorrow) return slot.aliveAt === -Infinity;
    return validation.isDue(slot.aliveAt, this.time.clock.now());
  }

  /** Puts a resource that nobody holds where it belongs: to the next caller, on the stack, or out. */
  shelve(slot: Slot<T>, rested = false): Promise<void> {
    const { slots } = this.inventory;
    const reason = this.inventory.retireReasonFor(slot);
    if (reason !== undefined) return this.retire(slot, reason, slot.cause);
    if (this.queue.order.size > 0) this.offer(slot);
    else if (rested) slots.addRested(slot);
    else slots.addIdle(slot);
    if (this.quiet.watched) this.quiet.check();
    return NOTHING_TO_WAIT_FOR;
  }

  /** Hands a resource straight to the next caller, if it needs no proof and there is one. */
  private offer(slot: Slot<T>): void {
    const fit = !this.paused && slot.expiresAt > this.turn.now() && !this.mustProveItself(slot);
    if (fit && this.serve(slot)) return;
    this.inventory.slots.addIdle(slot);
    this.pump();
  }

  doubt(doubted: Slot<T>, since: number, cause: unknown): void {
    this.inventory.doubt(doubted, since, cause);
    this.pump(); // when all are gone: none of them is to be tried for a caller
    this.quiet.check();
  }

  /**
   * Lends one that has just proved itself straight to the next caller: among the idle ones, a bypass of 0 would demand
   * the next proof at once.
   */
  handOver(slot: Slot<T>, now: number, rested = false): Promise<void> {
    slot.aliveAt = now;
    const fit = !this.paused && slot.expiresAt > now && this.inventory.retireReasonFor(slot) === undefined;
    if (!fit || !this.serve(slot)) return this.shelve(slot, rested);
    this.pump();
    return NOTHING_TO_WAIT_FOR;
  }

  /** A caller that waits for this resource to come back needs another one. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    const gone = this.inventory.retire(slot, reason, cause);
    this.pump();
    this.quiet.check();
    return gone;
  }

  private get sized(): PoolSettings {
    return { ...this.configured, max: this.max + this.extra };
  }

  /** Retires what is too much under these settings, and creates what is missing. */
  private fit(settings: PoolSettings): void {
    const { ledger, inventory, replenisher } = this;
    this.settings = settings;
    ledger.reconfigure(settings);
    replenisher.reconfigure(settings);
    inventory.fit(settings);
    replenisher.minimum.refill();
    replenisher.share.settle();
    this.pump();
  }
}
