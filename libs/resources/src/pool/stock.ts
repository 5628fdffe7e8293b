import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { noneRetired, type PoolStats } from '../policies/pool-stats.js';
import type { RetireReason } from '../policies/retire-reason.js';
import { Creator } from './creator.js';
import { Destroyer } from './destroyer.js';
import { Housekeeper } from './housekeeper.js';
import type { PoolLease } from './lease.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './resource-factory.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slot-table.js';

/** What the lending side does when the stock changes. */
export interface StockKeeper<T> {
  stats(): PoolStats;
  /** A new resource is ready to be lent. */
  arrived(slot: Slot<T>): void;
  /** @returns the error that callers shall see */
  creationFailed(cause: unknown): ResourceCreationError;
  /** One more resource may be created than before. */
  pump(): void;
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
export class Stock<T> {
  readonly slots = new SlotTable<T>();
  lastCreationError: ResourceCreationError | undefined;
  generation = 0;
  private readonly creator: Creator<T>;
  private readonly destroyer: Destroyer<T>;
  private readonly housekeeper: Housekeeper;
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
    private readonly type: string,
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
    this.housekeeper = new Housekeeper(time.clock, () => this.sweep());
    this.housekeeper.adopt(settings);
    this.slots.lendsOldest = settings.lendsOldest;
  }

  get creating(): number {
    return this.creator.inFlight;
  }

  /** Places taken under `max`. A resource that is being destroyed still exists, and holds its place. */
  get occupied(): number {
    return this.slots.size + this.creator.inFlight + this.destroyer.inFlight;
  }

  adopt(settings: PoolSettings, factory: ResourceFactory<T>): void {
    this.settings = settings;
    this.housekeeper.adopt(settings);
    this.slots.lendsOldest = settings.lendsOldest;
    this.slots.forEach((slot) => (slot.expiresAt = settings.retirement.expiresAt(slot)));
    if (factory !== this.factory) {
      this.factory = factory;
      void this.flush();
    }
    this.slots.forEachIdle((slot) => {
      const reason = this.whyNotKeep(slot);
      if (reason !== undefined) void this.retire(slot, reason);
    });
    this.refill();
  }

  /**
   * Starts one creation, if it is wanted and there is a place for it.
   *
   * @param waiting callers in the queue
   * @param arriving resources on their way to them already
   * @returns whether it did
   */
  createFor(waiting: number, arriving: number): boolean {
    const { max, creation } = this.settings;
    const { creating, occupied } = this;
    if (waiting === 0 || occupied >= max) return false;
    if (creation.wanted({ waiting, arriving, creating, occupied, max }) === 0) return false;
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
      this.createMissing();
      await Promise.race([...this.creations, ...this.destroyer.running]);
      if (this.ended !== undefined) return this.ended;
      if (this.setback !== undefined) return this.setback;
    }
    return undefined;
  }

  /** Why this resource, which nobody holds, must not be lent again. */
  whyNotKeep(slot: Slot<T>): RetireReason | undefined {
    if (slot.condemned !== undefined) return slot.condemned;
    if (slot.generation !== this.generation) return 'flushed';
    if (this.settings.retirement.isUsedUp(slot)) return 'uses';
    return this.isTooLarge ? 'resized' : undefined;
  }

  /** Takes it out of service. Its place is free when it is destroyed. Never rejects. */
  retire(slot: Slot<T>, reason: RetireReason, cause?: unknown): Promise<void> {
    this.slots.remove(slot);
    this.retired[reason]++;
    if (this.events.observed) this.events.emit({ kind: 'retired', type: this.type, reason, cause });
    return this.destroy(slot.resource, slot.factory);
  }

  /** Starts the next generation. Resolves when the idle resources of this one are gone. */
  async flush(): Promise<void> {
    this.generation++;
    const going: Promise<void>[] = [];
    this.slots.forEachIdle((slot) => going.push(this.retire(slot, 'flushed')));
    await Promise.all(going);
  }

  /** Retires everything and waits until it is destroyed. Creations in flight are given up. */
  async end(reason: Error): Promise<void> {
    this.ended = reason;
    this.keepsMinimum = false;
    this.housekeeper.stop();
    this.creator.abort(reason);
    this.slots.forEach((slot) => void this.retire(slot, 'closed'));
    await Promise.all(this.creations);
    await this.destroyer.settled();
    this.time.wheel.close();
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
      .create(this.factory, this.generation, this.settings.creationTimeout)
      .then(() => void this.creations.delete(creation));
    this.creations.add(creation);
  }

  private refill(): void {
    if (this.keepsMinimum && this.setback === undefined) this.createMissing();
  }

  private createMissing(): void {
    const { slots, settings } = this;
    const { min, max, creation } = settings;
    const isMissing = (): boolean =>
      slots.size + this.creating < min && this.occupied < max && this.creating < creation.concurrency;
    while (isMissing()) this.create();
  }

  private arrived(slot: Slot<T>): void {
    this.lastCreationError = undefined;
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
    this.keeper.pump();
    this.refill();
  }

  /** @returns whether there is anything left to look after */
  private sweep(): boolean {
    const { slots, settings, keeper } = this;
    const now = this.time.clock.now();
    slots.forEachIdle((slot) => {
      if (slot.uses !== slot.usesSeen) {
        slot.usesSeen = slot.uses;
        slot.idleSince = now;
      }
      if (slot.expiresAt <= now) void this.retire(slot, 'lifetime');
      else if (slots.size > settings.min && settings.retirement.isIdleTooLong(slot.idleSince, now)) {
        void this.retire(slot, 'idle');
      }
    });
    if (settings.maxLeaseTime !== Infinity || settings.warnAfter !== Infinity) {
      slots.forEach(({ lease }) => lease !== undefined && keeper.look(lease, now));
    }
    this.setback = undefined;
    this.refill();
    return slots.size > 0 || (this.keepsMinimum && settings.min > 0);
  }
}
