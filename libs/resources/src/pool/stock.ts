import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { noneRetired, type PoolStats } from '../policies/pool-stats.js';
import type { RetireReason } from '../policies/retire-reason.js';
import type { BudgetClaim } from '../policies/budget-policy.js';
import { Creator } from './creator.js';
import { Destroyer } from './destroyer.js';
import { Generations } from './generations.js';
import { Housekeeper, type Household } from './housekeeper.js';
import type { PoolLease } from './lease.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { BudgetMember } from './resource-budget.js';
import type { ResourceFactory } from './resource-factory.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slot-table.js';
import { Sweep, type SweepKeeper } from './sweep.js';

/** What callers need. */
export interface Demand {
  /** Callers that could be served now, a count. */
  waiting: number;
  /** Resources on their way to them already, a count. */
  arriving: number;
  /** Since when the first of them has been waiting, in milliseconds of the clock; `Infinity` when nobody is. */
  since: number;
}

/** What the lending side does when the stock changes. */
export interface StockKeeper<T> {
  stats(): PoolStats;
  /** A new resource is ready to be lent. */
  arrived(slot: Slot<T>): void;
  /** @returns the error that callers shall see */
  creationFailed(cause: unknown): ResourceCreationError;
  demand(): Demand;
  /** One more resource may be created than before. */
  pump(): void;
  /** The housekeeper has been here. */
  swept(now: number): void;
  /** Looks at a lease from time to time. */
  look(lease: PoolLease<T>, now: number): void;
}

/**
 * A resource that dies so young, and before its first loan, counts as a creation that failed: the
 * other side accepts and hangs up. Milliseconds.
 */
const INFANCY = 1_000;

/**
 * The resources that a pool owns: how they come and go. It keeps the places under `max`, the
 * generations and the minimum, and counts why each resource left. Who may borrow what is the
 * business of lending.
 */
export class Stock<T> implements Household, SweepKeeper<T>, BudgetMember {
  readonly slots = new SlotTable<T>();
  lastCreationError: ResourceCreationError | undefined;
  readonly generations: Generations<T>;
  private readonly creator: Creator<T>;
  private readonly destroyer: Destroyer<T>;
  private readonly housekeeper: Housekeeper;
  private readonly sweeper: Sweep<T>;
  /** Called when one more resource is there, or will not be. */
  private readonly changes: (() => void)[] = [];
  private readonly creations = new Set<Promise<void>>();
  private readonly retired = noneRetired();
  private created = 0;
  private destroyed = 0;
  /** From the first caller or warm-up until the end, the minimum is kept. */
  private keepsMinimum = false;
  /** A failure since the last sweep. Until the next one the minimum is left alone, so that nothing fails in a busy loop. */
  private setback: ResourceCreationError | undefined;
  /** Why it came to its end. */
  private ended: Error | undefined;

  constructor(
    readonly type: string,
    private factory: ResourceFactory<T>,
    private settings: PoolSettings,
    private readonly time: PoolTime,
    private readonly events: PoolEvents,
    private readonly keeper: StockKeeper<T>,
  ) {
    this.creator = new Creator(
      {
        arrived: (slot) => this.arrived(slot),
        creationFailed: (cause) => this.creationFailed(cause),
        unwanted: (resource, maker) => this.unwanted(resource, maker),
        died: (slot, cause) => this.died(slot, cause),
      },
      time,
    );
    this.destroyer = new Destroyer(
      {
        destroyed: () => this.placeFreed(),
        destroyFailed: (cause) => events.emit({ kind: 'destroyFailed', type, cause }),
      },
      time,
    );
    this.generations = new Generations(this.slots, time.clock, (slot, reason) => this.retire(slot, reason));
    this.sweeper = new Sweep(this.slots, settings, this);
    this.housekeeper = new Housekeeper(time.clock, this);
    this.housekeeper.adopt(settings);
    this.slots.lendsOldest = settings.lendsOldest;
    settings.budget?.reserve(this, settings.min);
  }

  get creating(): number {
    return this.creator.inFlight;
  }

  /** Places taken under `max`. A resource that is being destroyed still exists, and holds its place. */
  get occupied(): number {
    return this.slots.size + this.creator.inFlight + this.destroyer.inFlight;
  }

  /** @throws InvalidOptionsError when the pool can't live on its budget with these settings; then nothing has changed */
  checkBudget({ budget, min }: PoolSettings): void {
    if (budget !== this.settings.budget) {
      throw new InvalidOptionsError('quota.budget', "can't be changed while the pool exists.", this.type);
    }
    budget?.reserve(this, min);
  }

  adopt(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.settings = settings;
    this.sweeper.adopt(settings);
    this.housekeeper.adopt(settings);
    this.slots.lendsOldest = settings.lendsOldest;
    this.slots.forEach((slot) => (slot.expiresAt = settings.retirement.expiresAt(slot)));
    if (factory !== this.factory) {
      this.factory = factory;
      void this.generations.flush(0);
    }
    this.resize(settings);
  }

  /** @param settings with other bounds */
  resize(settings: PoolSettings): void {
    this.settings = settings;
    this.slots.forEachIdle((slot) => {
      if (this.isTooLarge) void this.retire(slot, 'resized');
    });
    this.refill();
    settings.budget?.settle();
  }

  /**
   * Starts one creation, if it is wanted and there is a place for it.
   *
   * @param waiting callers in the queue
   * @param arriving resources on their way to them already
   * @returns whether it did
   */
  createFor(waiting: number, arriving: number): boolean {
    if (this.wanted(waiting, arriving) === 0 || !this.isAffordable) return false;
    this.create();
    return true;
  }

  /**
   * Creates until there are `min`.
   *
   * @returns the first failure, which ends it
   */
  async fill(): Promise<Error | undefined> {
    this.keepsMinimum = true;
    this.setback = undefined;
    this.housekeeper.start();
    while (this.slots.size < this.settings.min) {
      this.refill();
      await new Promise<void>((resolve) => this.changes.push(resolve));
      if (this.ended !== undefined) return this.ended;
      if (this.setback !== undefined) return this.setback;
    }
    return undefined;
  }

  /** Why this resource, which nobody holds, must not be lent again. */
  whyNotKeep(slot: Slot<T>): RetireReason | undefined {
    if (slot.condemned !== undefined) return slot.condemned;
    if (this.generations.isPast(slot.generation)) return 'flushed';
    if (this.settings.retirement.isUsedUp(slot)) return 'uses';
    return this.isTooLarge || this.settings.budget?.isOwed(this) === true ? 'resized' : undefined;
  }

  /** Takes it out of service. Its place is free when it is destroyed. Never rejects. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    this.slots.remove(slot);
    this.retired[reason]++;
    if (this.events.observed) this.events.emit({ kind: 'retired', type: this.type, reason, cause });
    return this.destroy(slot.resource, slot.factory);
  }

  get pending(): number {
    return this.keeper.stats().pending;
  }

  look(lease: PoolLease<T>, now: number): void {
    this.keeper.look(lease, now);
  }

  sweep(): boolean {
    const now = this.time.clock.now();
    this.sweeper.run(now);
    this.keeper.swept(now);
    this.setback = undefined;
    this.refill();
    this.settings.budget?.settle();
    return this.slots.size > 0 || (this.keepsMinimum && this.settings.min > 0);
  }

  thaw(gap: number): void {
    this.sweeper.thaw(gap, this.time.clock.now());
  }

  /** After this moment {@link checkFreeze} must be called before anything is lent. Milliseconds of the clock. */
  get alarm(): number {
    return this.housekeeper.alarm;
  }

  checkFreeze(now: number): void {
    this.housekeeper.look(now);
  }

  /** It has come back, and the user's predicate may be against lending it again. */
  returned(slot: Slot<T>): void {
    if (this.settings.predicate === undefined || slot.condemned !== undefined) return;
    const now = this.time.clock.now();
    slot.idleSince = now;
    if (this.isUnwanted(slot, now)) slot.condemned ??= 'predicate';
  }

  isUnwanted(slot: Slot<T>, now: number): boolean {
    const { resource, createdAt, idleSince, uses } = slot;
    try {
      const life = { age: now - createdAt, idleFor: now - idleSince, uses };
      return this.settings.predicate?.(resource, life) === true;
    } catch (cause) {
      this.events.emit({ kind: 'predicateFailed', type: this.type, cause });
      return false;
    }
  }

  /** Retires everything and waits until it is destroyed. Creations in flight are given up. */
  async end(reason: Error): Promise<void> {
    this.ended = reason;
    for (const changed of this.changes.splice(0)) changed();
    this.keepsMinimum = false;
    this.generations.end();
    this.housekeeper.stop();
    this.creator.abort(reason);
    this.slots.forEach((slot) => void this.retire(slot, 'closed'));
    await Promise.all(this.creations);
    await this.destroyer.settled();
    this.time.wheel.close();
    this.settings.budget?.leave(this);
  }

  claim(): BudgetClaim {
    const { waiting, arriving, since } = this.keeper.demand();
    const { slots, creating, settings } = this;
    const wants = Math.max(this.wanted(waiting, arriving), this.missing);
    return { held: slots.size + creating, min: settings.min, idle: slots.idle, wants, since };
  }

  makeUp(): void {
    this.keeper.pump();
    this.refill();
  }

  cede(): void {
    let first = true;
    this.slots.forEachIdle((slot) => {
      if (first) void this.retire(slot, 'resized');
      first = false;
    });
  }

  counts(): Pick<
    PoolStats,
    'size' | 'idle' | 'leased' | 'creating' | 'destroying' | 'created' | 'destroyed' | 'retired'
  > {
    const { slots, creating } = this;
    return {
      size: slots.size + creating,
      idle: slots.idle,
      leased: slots.size - slots.idle,
      creating,
      destroying: this.destroyer.inFlight,
      created: this.created,
      destroyed: this.destroyed,
      retired: { ...this.retired },
    };
  }

  private get isTooLarge(): boolean {
    return this.slots.size > this.settings.max;
  }

  private create(): void {
    this.keepsMinimum = true;
    const creation = this.creator
      .create(this.factory, this.generations.current, this.settings.creationTimeout)
      .then(() => {
        this.creations.delete(creation);
        for (const changed of this.changes.splice(0)) changed();
      });
    this.creations.add(creation);
  }

  private refill(): void {
    while (this.missing > 0 && this.isAffordable) this.create();
  }

  /** How many creations to start for callers. */
  private wanted(waiting: number, arriving: number): number {
    const { max, creation } = this.settings;
    const { creating, occupied } = this;
    return creation.wanted({ waiting, arriving, creating, occupied, max });
  }

  /** How many creations to start for the minimum. */
  private get missing(): number {
    if (!this.keepsMinimum || this.setback !== undefined) return 0;
    const { min, max, creation } = this.settings;
    const { slots, creating, occupied } = this;
    return Math.max(
      0,
      Math.min(min - slots.size - creating, max - occupied, creation.concurrency - creating),
    );
  }

  private get isAffordable(): boolean {
    const { budget } = this.settings;
    return budget === undefined || budget.admits(this);
  }

  private arrived(slot: Slot<T>): void {
    this.lastCreationError = undefined;
    slot.luck = this.time.random();
    slot.expiresAt = this.settings.retirement.expiresAt(slot);
    this.slots.add(slot);
    this.countCreated();
    if (this.ended !== undefined) return void this.retire(slot, 'closed');
    this.housekeeper.start();
    this.keeper.arrived(slot);
    this.refill();
  }

  private unwanted(resource: T, factory: ResourceFactory<T>): void {
    this.countCreated();
    void this.destroy(resource, factory);
  }

  private countCreated(): void {
    this.created++;
    if (this.events.observed) this.events.emit({ kind: 'created', type: this.type });
  }

  private creationFailed(cause: unknown): void {
    this.events.emit({ kind: 'creationFailed', type: this.type, cause });
    this.remember(this.keeper.creationFailed(cause));
    this.settings.budget?.settle();
  }

  private remember(error: ResourceCreationError): void {
    this.lastCreationError = error;
    this.setback = error;
    if (this.keepsMinimum) this.housekeeper.start();
  }

  private died(slot: Slot<T>, cause: unknown): void {
    if (slot.state === 'idle') {
      if (slot.uses === 0 && this.time.clock.now() - slot.createdAt < INFANCY) {
        const why = cause ?? new Error('it died before its first loan');
        this.remember(new ResourceCreationError(this.type, why, this.keeper.stats()));
      }
      void this.retire(slot, 'invalid', cause);
    } else if (slot.state === 'busy' && slot.condemned === undefined) {
      slot.condemned = 'invalid';
      slot.cause = cause;
    }
  }

  private destroy(resource: T, factory: ResourceFactory<T>): Promise<void> {
    return this.destroyer.destroy(resource, factory, this.settings.destroyTimeout);
  }

  private placeFreed(): void {
    this.destroyed++;
    if (this.events.observed) this.events.emit({ kind: 'destroyed', type: this.type });
    this.makeUp();
    this.settings.budget?.settle();
  }
}
