import type { PoolStats } from '../reports/pool-stats.js';
import type { RetireReason } from '../reports/retire-reason.js';
import { Destroyer } from '../hooks/destroyer.js';
import { Ending } from '../hooks/ending.js';
import type { AttemptHost, Made, Maker } from './creation/creation-attempt.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import type { InService } from '../hooks/in-service.js';
import type { PoolLease } from './leases/lease.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolTime } from './pool-time.js';
import type { BudgetShare } from './sizing/budget-share.js';
import type { SizingSettings } from './sizing/sizing-options.js';
import { Generations } from './slots/generations.js';
import type { LendingSettings } from './slots/lending-options.js';
import { ResourceCounters } from './slots/resource-counters.js';
import type { Slot } from './slots/slot.js';
import { SlotTable } from './slots/slot-table.js';
import type { RetirementSettings } from './upkeep/retirement-options.js';

/**
 * A resource that dies so young, and before its first loan, counts as a creation that failed: the
 * other side accepts and hangs up. Milliseconds.
 */
const INFANCY = 1_000;

/** What an inventory goes by. */
export type InventorySettings = LendingSettings & RetirementSettings & Pick<SizingSettings, 'max'>;

/** Hears of what changes by itself in an inventory; implemented by the replenisher. */
export interface InventoryListener<T> {
  /** A resource has died as soon as it was there. */
  diedYoung(slot: Slot<T>, cause: unknown): void;
  /** A resource has died, or turned out to be broken. */
  died(): void;
  /** One has been destroyed. */
  placeFreed(): void;
}

/** The pool that owns the resources; implemented by the dispatcher. */
export interface InventoryHost<T> {
  readonly replenisher: InventoryListener<T> & { readonly share: Pick<BudgetShare, 'budget' | 'owes'> };
  /** One that was abandoned is dead. */
  retire(slot: Slot<T>, reason: 'invalid', cause: unknown): Promise<void>;
}

/**
 * The resources that a pool owns, and how they go. It keeps their slots and generations, and counts why each left. When
 * they are created is decided by the replenisher, and who borrows what by the dispatcher.
 */
export class Inventory<T> implements AttemptHost<T> {
  readonly slots = new SlotTable<T>();
  readonly generations: Generations<T>;
  private readonly destroyer: Destroyer;
  private readonly counters: ResourceCounters;
  private readonly ending: Ending;

  constructor(
    private readonly type: string,
    private factory: ResourceFactory<T>,
    private settings: InventorySettings,
    private readonly time: PoolTime,
    private readonly events: PoolEvents,
    private readonly host: InventoryHost<T>,
    private readonly objects: InService,
  ) {
    this.counters = new ResourceCounters(type, events);
    this.destroyer = new Destroyer(time);
    this.ending = new Ending(time.clock, () => this.destroyer.inFlight === 0);
    this.generations = new Generations(this.slots, time.clock, (slot, reason) => this.retire(slot, reason));
    this.slots.lendsOldest = settings.lendsOldest;
  }

  /** Resources that are being destroyed, a count: they still exist, and hold their places. */
  get destroying(): number {
    return this.destroyer.inFlight;
  }

  maker(): Maker<T> {
    return { factory: this.factory, generation: this.generations.current };
  }

  /** Begins the next generation with another factory, and with what that has made already. @returns its number */
  switchTo(factory: ResourceFactory<T>, young: readonly Slot<T>[]): number {
    this.factory = factory;
    return this.generations.begin(young);
  }

  /** Takes the generation before on again, with its factory. */
  switchBack(factory: ResourceFactory<T>): void {
    this.factory = factory;
    this.generations.goBack();
  }

  /** @returns whether the factory is another one, whose resources are the next generation */
  reconfigure(settings: InventorySettings, factory: ResourceFactory<T>): boolean {
    this.settings = settings;
    this.slots.lendsOldest = settings.lendsOldest;
    this.slots.forEach((slot) => (slot.expiresAt = settings.retirement.expiresAt(slot)));
    if (factory === this.factory) return false;
    this.factory = factory;
    void this.generations.flush(0);
    return true;
  }

  /** The leases that hold something now. */
  leases(): PoolLease<T>[] {
    const leases: PoolLease<T>[] = [];
    this.slots.forEach(({ lease }) => lease !== undefined && leases.push(lease));
    return leases;
  }

  /** Why this resource, which nobody holds, must not be lent again. */
  retireReasonFor(slot: Slot<T>): RetireReason | undefined {
    const { generations, host, slots } = this;
    const { max, retirement } = this.settings;
    const { share } = host.replenisher;
    if (slot.retireReason !== undefined) return slot.retireReason;
    if (slot.generation < generations.oldest) return 'flushed';
    if (retirement.maxUses !== Infinity && retirement.isUsedUp(slot) && !this.keeps(slot)) return 'uses';
    return slots.size > max || (share.budget !== undefined && share.owes) ? 'resized' : undefined;
  }

  /** Whether it stays as it is until another generation has proved itself. */
  keeps({ generation }: Slot<T>): boolean {
    return generation < this.generations.kept;
  }

  /** Retires idle resources that must not be lent under these settings, or those that are in force. */
  fit(settings = this.settings): void {
    this.settings = settings;
    this.slots.forEachIdle((slot) => {
      const reason = this.retireReasonFor(slot);
      if (reason !== undefined) void this.retire(slot, reason);
    });
  }

  /** Gives up an idle resource, whose unit of the budget is another pool's. */
  cede(): void {
    const slot = this.slots.longestIdle;
    if (slot !== undefined) void this.retire(slot, 'resized');
  }

  /** @returns whether it is in service now. What comes when all is over is destroyed */
  add(slot: Slot<T>): boolean {
    slot.jitterFactor = this.time.random();
    slot.expiresAt = this.settings.retirement.expiresAt(slot);
    this.slots.add(slot);
    this.counters.creation(slot.id);
    if (!this.ending.begun) return true;
    void this.retire(slot, 'closed');
    return false;
  }

  /** One did not prove itself in time: retires the idle ones that may have died with it. @param since milliseconds of the clock */
  doubt(doubted: Slot<T>, since: number, cause: unknown): void {
    this.slots.forEachIdle((slot) => {
      if (this.keeps(slot) !== this.keeps(doubted)) return; // they may not connect to the same
      if (Math.max(slot.aliveAt, slot.idleSince) < since) void this.retire(slot, 'invalid', cause);
    });
  }

  /** Takes it out of service. Its place is free when it is destroyed. Never rejects. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    this.slots.remove(slot);
    this.counters.retirement(slot.id, reason, cause);
    if (reason === 'invalid') this.host.replenisher.died();
    return this.destroy(slot);
  }

  /**
   * Retires everything and waits until it is destroyed. What creations still bring that don't stop at their signal is waited for
   * and destroyed, too. All of it takes as long as one `destroy` may at the most.
   *
   * @param given resolves when all creations have been given up
   */
  async end(given: Promise<void>): Promise<void> {
    this.ending.begin(this.settings.destroyTimeout);
    this.generations.end();
    this.slots.forEach((slot) => void this.retire(slot, 'closed'));
    await given;
    await this.ending.over();
    this.time.wheel.close();
    await this.destroyer.settled();
  }

  counts(): Pick<
    PoolStats,
    'idle' | 'leased' | 'abandoned' | 'destroying' | 'created' | 'destroyed' | 'retired'
  > {
    const { slots } = this;
    return {
      idle: slots.idle,
      leased: slots.inService - slots.idle,
      abandoned: slots.held,
      destroying: this.destroyer.inFlight,
      ...this.counters.counts,
    };
  }

  takeIn(resource: T): number {
    return this.objects.enter(resource, this.type);
  }

  unwanted(made: Made<T>): void {
    this.counters.creation(made.id);
    void this.destroy(made);
  }

  cameLate(resource: T, factory: ResourceFactory<T>): void {
    let id: number;
    try {
      id = this.takeIn(resource);
    } catch {
      return; // nothing that could be destroyed, or what somebody else has
    }
    this.unwanted({ id, resource, factory });
  }

  /** Of a call of `create`, whoever waits for it. */
  createBegan(): void {
    this.ending.makingBegan();
  }

  createSettled(): void {
    this.ending.makingSettled();
  }

  died(slot: Slot<T>, cause: unknown): void {
    if (slot.state === 'held') {
      void this.host.retire(slot, 'invalid', cause);
    } else if (slot.state === 'idle') {
      const age = this.time.clock.now() - slot.createdAt;
      void this.retire(slot, 'invalid', cause); // first: who hears of the other may borrow
      if (slot.uses === 0 && age < INFANCY) this.host.replenisher.diedYoung(slot, cause);
    } else if (slot.state === 'busy' && slot.retireReason === undefined) {
      slot.retireReason = 'invalid';
      slot.cause = cause;
      this.host.replenisher.died();
    }
  }

  private destroy({ id, resource, factory }: Made<T>): Promise<void> {
    const { events, type } = this;
    return this.destroyer.destroy(
      (context) => factory.destroy?.(resource, context),
      this.ending.timeFor(this.settings.destroyTimeout),
      {
        failed: (cause) => events.emitTrouble({ kind: 'destroyFailed', type, resourceId: id, cause }),
        gone: () => this.gone(id, resource),
      },
    );
  }

  private gone(id: number, resource: T): void {
    this.objects.leave(resource);
    this.counters.destruction(id);
    this.host.replenisher.placeFreed();
    this.ending.check();
  }
}
