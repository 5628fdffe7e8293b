import { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { BudgetClaim } from '../policies/sizing/budget-policy.js';
import type { PoolStats } from '../reports/pool-stats.js';
import type { RetireReason } from '../reports/retire-reason.js';
import { waitAtMost } from '../time/wait-at-most.js';
import type { Maker } from './creation/creation-attempt.js';
import { BudgetShare, type ShareHost } from './sizing/budget-share.js';
import { Destroyer } from '../time/destroyer.js';
import { Generations } from './slots/generations.js';
import { Housekeeper, type Household } from './upkeep/housekeeper.js';
import type { InService } from './in-service.js';
import type { PoolLease } from './leases/lease.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import type { Slot } from './slots/slot.js';
import { SlotTable } from './slots/slot-table.js';
import type { InventoryHost } from './inventory-host.js';
import { type Demand, Replenisher, type ReplenisherHost } from './creation/replenisher.js';
import { RetirementSweep, type RetirementSweepHost } from './upkeep/retirement-sweep.js';
import { ResourceCounters } from './slots/resource-counters.js';

/**
 * A resource that dies so young, and before its first loan, counts as a creation that failed: the
 * other side accepts and hangs up. Milliseconds.
 */
const INFANCY = 1_000;

/**
 * The resources that a pool owns, and how they go. It keeps the places under `max` and the
 * generations, and counts why each resource left. How they come is the business of its
 * replenisher, and who borrows what is decided by its dispatcher.
 */
export class Inventory<T> implements ReplenisherHost<T>, Household, RetirementSweepHost<T>, ShareHost {
  readonly slots = new SlotTable<T>();
  readonly generations: Generations<T>;
  readonly replenisher: Replenisher<T>;
  readonly share: BudgetShare;
  readonly retirementSweep: RetirementSweep<T>;
  private readonly destroyer: Destroyer;
  private readonly housekeeper: Housekeeper;
  private readonly counters: ResourceCounters;
  /** Calls of `create` that have not settled, those that nobody waits for among them. A count. */
  private creates = 0;
  /** When its end is over at the latest, in milliseconds of the clock; `undefined` before it has begun. */
  private endsAt: number | undefined;
  /** Hears that nothing is left. */
  private goneListener: (() => void) | undefined;

  constructor(
    readonly type: string,
    private factory: ResourceFactory<T>,
    private settings: PoolSettings,
    private readonly time: PoolTime,
    private readonly events: PoolEvents,
    private readonly host: InventoryHost<T>,
    private readonly objects: InService,
  ) {
    this.counters = new ResourceCounters(type, events);
    this.replenisher = new Replenisher(type, settings, time, events, this);
    this.destroyer = new Destroyer(time);
    this.generations = new Generations(this.slots, time.clock, (slot, reason) => this.retire(slot, reason));
    this.retirementSweep = new RetirementSweep(this.slots, settings, this, time.ground);
    this.housekeeper = new Housekeeper(time.clock, this);
    this.housekeeper.reconfigure(settings);
    this.slots.lendsOldest = settings.lendsOldest;
    this.share = new BudgetShare(this, settings);
  }

  get inService(): number {
    return this.slots.inService;
  }

  /** Places taken under `max`. A resource that is being destroyed still exists, and holds its place. */
  get occupied(): number {
    return this.slots.size + this.replenisher.creating + this.destroyer.inFlight;
  }

  get destroying(): number {
    return this.destroyer.inFlight;
  }

  maker(): Maker<T> {
    return { factory: this.factory, generation: this.generations.current };
  }

  stats(): PoolStats {
    return this.host.stats();
  }

  demand(): Demand {
    return this.host.demand();
  }

  wants(at: number): boolean {
    return this.host.wants(at);
  }

  creationFailed(cause: unknown): void {
    this.host.creationFailed(cause);
  }

  pump(): void {
    this.host.pump();
  }

  watch(): void {
    this.housekeeper.start();
  }

  reconfigure(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.settings = settings;
    this.replenisher.reconfigure(settings);
    this.retirementSweep.reconfigure(settings);
    this.housekeeper.reconfigure(settings);
    this.slots.lendsOldest = settings.lendsOldest;
    this.slots.forEach((slot) => (slot.expiresAt = settings.retirement.expiresAt(slot)));
    if (factory !== this.factory) {
      this.factory = factory;
      void this.generations.flush(0);
      this.replenisher.startOver();
    }
    this.fit();
  }

  /** @param settings with other bounds */
  resize(settings: PoolSettings): void {
    this.settings = settings;
    this.replenisher.reconfigure(settings);
    this.fit();
  }

  /** The idle resource to lend next, once those that are too old are gone; it stays where it is. */
  nextIdle(now: number): Slot<T> | undefined {
    if (now > this.housekeeper.alarm) this.housekeeper.look(now);
    let slot = this.slots.peekIdle();
    while (slot !== undefined && slot.expiresAt <= now) {
      void this.retire(slot, 'lifetime');
      slot = this.slots.peekIdle();
    }
    return slot;
  }

  /** To be called before anything is decided by the time. */
  noticeFreeze(now: number): void {
    this.housekeeper.look(now);
  }

  /** The leases that hold something now. */
  leases(): PoolLease<T>[] {
    const leases: PoolLease<T>[] = [];
    this.slots.forEach(({ lease }) => lease !== undefined && leases.push(lease));
    return leases;
  }

  /** Why this resource, which nobody holds, must not be lent again. */
  retireReasonFor(slot: Slot<T>): RetireReason | undefined {
    if (slot.retireReason !== undefined) return slot.retireReason;
    if (this.generations.isPast(slot.generation)) return 'flushed';
    if (this.settings.retirement.isUsedUp(slot)) return 'uses';
    return this.isTooLarge || this.share.owes ? 'resized' : undefined;
  }

  /** Takes it out of service. Its place is free when it is destroyed. Never rejects. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    this.slots.remove(slot);
    this.counters.retirement(reason, cause);
    return this.destroy(slot.resource, slot.factory);
  }

  /**
   * Retires everything and waits until it is destroyed. Creations in flight are given up; what those bring that don't stop at
   * their signal is waited for and destroyed, too. All of it takes as long as one `destroy` may at the most.
   */
  async end(reason: Error): Promise<void> {
    const { clock, wheel } = this.time;
    this.endsAt = clock.now() + this.settings.destroyTimeout;
    this.generations.end();
    this.housekeeper.stop();
    const given = this.replenisher.end(reason);
    this.slots.forEach((slot) => void this.retire(slot, 'closed'));
    await given;
    if (!this.isGone)
      await waitAtMost(this.endsAt - clock.now(), clock, (gone) => (this.goneListener = gone));
    wheel.close();
    await this.destroyer.settled();
    this.share.leave();
  }

  claim(): Omit<BudgetClaim, 'min'> {
    const { slots, replenisher } = this;
    const { since } = this.host.demand();
    return { held: slots.size + replenisher.creating, idle: slots.idle, wants: replenisher.wanted, since };
  }

  makeUp(): void {
    this.replenisher.makeUp();
  }

  cede(): void {
    const slot = this.slots.longestIdle;
    if (slot !== undefined) void this.retire(slot, 'resized');
  }

  sweep(): boolean {
    const now = this.time.clock.now();
    this.retirementSweep.run(now);
    this.host.swept(now);
    this.replenisher.retry();
    this.share.settle();
    return this.slots.size > 0; // what lacks of the minimum starts it anew when it fails again
  }

  thaw(gap: number): void {
    this.retirementSweep.thaw(gap, this.time.clock.now());
  }

  get pending(): number {
    return this.host.stats().pending;
  }

  look(lease: PoolLease<T>, now: number): void {
    this.host.look(lease, now);
  }

  predicateFailed(cause: unknown): void {
    this.events.emit({ kind: 'predicateFailed', type: this.type, cause });
  }

  counts(): Pick<
    PoolStats,
    'size' | 'idle' | 'leased' | 'abandoned' | 'creating' | 'destroying' | 'created' | 'destroyed' | 'retired'
  > {
    const { slots } = this;
    const { creating } = this.replenisher;
    return {
      size: slots.size + creating,
      idle: slots.idle,
      leased: slots.inService - slots.idle,
      abandoned: slots.held,
      creating,
      destroying: this.destroyer.inFlight,
      ...this.counters.counts,
    };
  }

  /** Most resources that there can be without anybody's giving back a lease. */
  get attainable(): number {
    return Math.min(this.settings.max, this.share.attainable);
  }

  private fit(): void {
    this.slots.forEachIdle((slot) => {
      const reason = this.retireReasonFor(slot);
      if (reason !== undefined) void this.retire(slot, reason);
    });
    this.replenisher.refill();
    this.share.settle();
  }

  private get isTooLarge(): boolean {
    return this.slots.size > this.settings.max;
  }

  arrived(slot: Slot<T>): void {
    slot.jitterFactor = this.time.random();
    slot.expiresAt = this.settings.retirement.expiresAt(slot);
    this.slots.add(slot);
    this.counters.creation();
    if (this.endsAt !== undefined) return void this.retire(slot, 'closed');
    this.housekeeper.start();
    this.host.arrived(slot);
  }

  takeIn(resource: T): void {
    this.objects.enter(resource, this.type);
  }

  unwanted(resource: T, factory: ResourceFactory<T>): void {
    this.counters.creation();
    void this.destroy(resource, factory);
  }

  cameLate(resource: T, factory: ResourceFactory<T>): void {
    try {
      this.takeIn(resource);
    } catch {
      return; // nothing that could be destroyed, or what somebody else has
    }
    this.unwanted(resource, factory);
  }

  createBegan(): void {
    this.creates++;
  }

  createSettled(): void {
    this.creates--;
    this.tellIfGone();
  }

  died(slot: Slot<T>, cause: unknown): void {
    if (slot.state === 'held') {
      this.host.heldDied(slot, cause);
    } else if (slot.state === 'idle') {
      if (slot.uses === 0 && this.time.clock.now() - slot.createdAt < INFANCY) {
        const why = cause ?? new Error('it died before its first loan');
        this.replenisher.setBack(new ResourceCreationError(this.type, why, this.host.stats()));
      }
      void this.retire(slot, 'invalid', cause);
    } else if (slot.state === 'busy' && slot.retireReason === undefined) {
      slot.retireReason = 'invalid';
      slot.cause = cause;
    }
  }

  private destroy(resource: T, factory: ResourceFactory<T>): Promise<void> {
    return this.destroyer.destroy(() => factory.destroy?.(resource), this.destroyLimit, {
      failed: (cause) => this.events.emit({ kind: 'destroyFailed', type: this.type, cause }),
      gone: () => this.placeFreed(resource),
    });
  }

  /** Milliseconds. What is destroyed during the pool's end has as long as that lasts; what comes after it, as usual. */
  private get destroyLimit(): number {
    const { endsAt, time, settings } = this;
    const remaining = endsAt === undefined ? 0 : endsAt - time.clock.now();
    return remaining > 0 ? remaining : settings.destroyTimeout;
  }

  private placeFreed(resource: T): void {
    this.objects.leave(resource);
    this.counters.destruction();
    this.replenisher.makeUp();
    this.share.settle();
    this.tellIfGone();
  }

  private get isGone(): boolean {
    return this.creates === 0 && this.destroyer.inFlight === 0;
  }

  private tellIfGone(): void {
    if (this.isGone) this.goneListener?.();
  }
}
