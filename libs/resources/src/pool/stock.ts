import { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { PoolStats } from '../policies/pool-stats.js';
import { RETIRE_REASONS, type RetireReason } from '../policies/retire-reason.js';
import { Creator } from './creator.js';
import { Destroyer } from './destroyer.js';
import { Housekeeper } from './housekeeper.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './resource-factory.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slot-table.js';

/** What the lending side does when the stock changes. */
export interface StockKeeper<T> {
  /** A new resource is ready to be lent. */
  arrived(slot: Slot<T>): void;
  creationFailed(error: ResourceCreationError): void;
  /** One more resource may be created than before. */
  placeFreed(): void;
  /** A lease is older than `maxLeaseTime`. */
  overdue(slot: Slot<T>): void;
}

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
  private readonly creations = new Set<Promise<Error | undefined>>();
  private readonly retired: PoolStats['retired'];
  private created = 0;
  private destroyed = 0;
  /** From the first caller or warm-up until the end, the minimum is kept. */
  private keepsMinimum = false;

  constructor(
    private readonly type: string,
    private factory: ResourceFactory<T>,
    private settings: PoolSettings,
    private readonly time: PoolTime,
    private readonly events: PoolEvents,
    private readonly keeper: StockKeeper<T>,
  ) {
    this.retired = Object.fromEntries(RETIRE_REASONS.map((reason) => [reason, 0])) as PoolStats['retired'];
    this.creator = new Creator(
      {
        arrived: (slot) => this.arrived(slot),
        creationFailed: (cause) => this.creationFailed(cause),
        unwanted: (resource, maker) => void this.destroy(resource, maker),
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
    this.factory = factory;
    this.housekeeper.adopt(settings);
    for (const slot of this.slots.all()) slot.expiresAt = settings.retirement.expiresAt(slot);
    for (const slot of this.slots.allIdle()) {
      if (this.slots.size + this.creating <= settings.max) break;
      void this.retire(slot, 'resized');
    }
    this.refill();
  }

  /** Starts creations. The caller has made sure that there are places. */
  create(count: number): void {
    this.keepsMinimum = true;
    for (let i = 0; i < count; i++) {
      const creation = this.creator
        .create(this.factory, this.generation, this.settings.creationTimeout)
        .then((error) => {
          this.creations.delete(creation);
          return error;
        });
      this.creations.add(creation);
    }
  }

  /**
   * Creates until there are `min`.
   *
   * @returns the first failure, which ends it
   */
  async fill(): Promise<Error | undefined> {
    this.keepsMinimum = true;
    this.housekeeper.start();
    while (this.slots.size < this.settings.min) {
      this.create(this.missing);
      if (this.creations.size === 0) return undefined; // all places are held by resources that are going
      const error = await Promise.race(this.creations);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** Why this resource, which nobody holds, must not be lent again. */
  whyNotKeep(slot: Slot<T>): RetireReason | undefined {
    if (slot.condemned !== undefined) return slot.condemned;
    if (slot.generation !== this.generation) return 'flushed';
    if (this.settings.retirement.isUsedUp(slot)) return 'uses';
    return this.slots.size + this.creating > this.settings.max ? 'resized' : undefined;
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
    await Promise.all(this.slots.allIdle().map((slot) => this.retire(slot, 'flushed')));
  }

  /** Retires everything and waits until it is destroyed. Creations in flight are given up. */
  async end(reason: Error): Promise<void> {
    this.keepsMinimum = false;
    this.housekeeper.stop();
    this.creator.abort(reason);
    for (const slot of this.slots.all()) void this.retire(slot, 'closed');
    await Promise.all(this.creations);
    await this.destroyer.settled();
    this.time.wheel.stop();
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

  private get missing(): number {
    const { min, max, creation } = this.settings;
    const wanted = Math.min(min - this.slots.size - this.creating, max - this.occupied);
    return Math.max(0, Math.min(wanted, creation.concurrency - this.creating));
  }

  private refill(): void {
    if (this.keepsMinimum) this.create(this.missing);
  }

  private arrived(slot: Slot<T>): void {
    this.created++;
    this.lastCreationError = undefined;
    slot.expiresAt = this.settings.retirement.expiresAt(slot);
    this.slots.add(slot);
    this.housekeeper.start();
    if (this.events.observed) this.events.emit({ kind: 'created', type: this.type });
    this.keeper.arrived(slot);
  }

  private creationFailed(cause: unknown): ResourceCreationError {
    const error = new ResourceCreationError(this.type, cause);
    this.lastCreationError = error;
    this.events.emit({ kind: 'creationFailed', type: this.type, cause });
    if (this.keepsMinimum) this.housekeeper.start(); // the next sweep tries again, no sooner
    this.keeper.creationFailed(error);
    return error;
  }

  private died(slot: Slot<T>, cause: unknown): void {
    if (slot.state === 'idle') void this.retire(slot, 'invalid', cause);
    else if (slot.state === 'busy') slot.condemned ??= 'invalid';
  }

  private destroy(resource: T, factory: ResourceFactory<T>): Promise<void> {
    return this.destroyer.destroy(resource, factory, this.settings.destroyTimeout);
  }

  private placeFreed(): void {
    this.destroyed++;
    if (this.events.observed) this.events.emit({ kind: 'destroyed', type: this.type });
    this.keeper.placeFreed();
    this.refill();
  }

  /** @returns whether there is anything left to look after */
  private sweep(): boolean {
    const { slots, settings, keeper } = this;
    const now = this.time.clock.now();
    for (const slot of slots.allIdle()) {
      if (slot.uses !== slot.usesSeen) {
        slot.usesSeen = slot.uses;
        slot.idleSince = now;
      }
      if (slot.expiresAt <= now) void this.retire(slot, 'lifetime');
      else if (slots.size > settings.min && settings.retirement.isIdleTooLong(slot.idleSince, now)) {
        void this.retire(slot, 'idle');
      }
    }
    for (const slot of settings.maxLeaseTime === Infinity ? [] : slots.all()) {
      if (slot.lease !== undefined && now - slot.lease.acquiredAt >= settings.maxLeaseTime)
        keeper.overdue(slot);
    }
    this.refill();
    return slots.size > 0 || (this.keepsMinimum && settings.min > 0);
  }
}
