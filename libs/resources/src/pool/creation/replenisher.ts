import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { isAnswer } from '../../hooks/final-failure.js';
import type { BudgetClaim } from '../../policies/sizing/budget-policy.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import type { Inventory, InventoryListener } from '../inventory.js';
import type { PoolTime } from '../pool-time.js';
import { BudgetShare, type ShareHost, type ShareSettings } from '../sizing/budget-share.js';
import type { SizingSettings } from '../sizing/sizing-options.js';
import type { Slot } from '../slots/slot.js';
import { Creation, type CreationHost } from './creation.js';
import { type BreakerListener, CreationGate } from './creation-gate.js';
import { ChangeWatch } from './change-watch.js';
import { LastFailure } from './last-failure.js';
import type { CreationSettings } from './creation-options.js';
import { Minimum, type MinimumHost } from './minimum.js';
import type { Demand, ReplenisherHost } from './replenisher-host.js';
import { Revival, type RevivalHost, type RevivalSettings } from './revival.js';

/** What a replenisher goes by. */
export type ReplenisherSettings = CreationSettings &
  ShareSettings &
  RevivalSettings &
  Pick<SizingSettings, 'max' | 'minimum'>;

/**
 * Decides when to create: for callers, and for the minimum, within what `max` and the budget leave. Its creations run side by
 * side on neutral ground, behind one gate. It remembers failures, so that callers hear of them and nothing fails in a
 * busy loop.
 */
export class Replenisher<T>
  implements CreationHost<T>, BreakerListener, InventoryListener<T>, MinimumHost, RevivalHost, ShareHost
{
  readonly type: string;
  readonly inventory: Inventory<T>;
  readonly gate: CreationGate;
  /** The pool's share of a budget. */
  readonly share: BudgetShare;
  readonly minimum: Minimum;
  readonly revival: Revival;
  readonly changes: ChangeWatch;
  readonly lastFailure = new LastFailure();
  /** Creations in flight that callers get nothing of, a count. */
  private reserved = 0;
  private readonly creations = new Set<Creation<T>>();
  /** Each resolves when its creation has ended, one way or the other. */
  private readonly running = new Set<Promise<void>>();
  /** All creations have been given up: that they fail tells nothing of the other side. */
  private ended = false;

  constructor(
    private readonly host: ReplenisherHost<T>,
    private settings: ReplenisherSettings,
    private readonly time: PoolTime,
  ) {
    this.type = host.type;
    this.inventory = host.inventory;
    this.gate = new CreationGate(settings.creationBreaker, time.clock, this);
    this.share = new BudgetShare(this, settings);
    this.changes = new ChangeWatch(this.inventory, time.clock);
    this.minimum = new Minimum(this, settings, time.clock);
    this.revival = new Revival(this, settings, time);
  }

  /** Resources being created, a count. */
  get creating(): number {
    return this.creations.size;
  }

  /** Resources being created that will come to the queue by themselves, a count. */
  get arriving(): number {
    return this.creations.size - this.reserved;
  }

  /** Places taken under `max`, a count. */
  get occupied(): number {
    return this.inventory.slots.size + this.creating + this.inventory.destroying;
  }

  /** Whether there is a place for one more. */
  get hasRoom(): boolean {
    return this.occupied < this.settings.max && this.creating < this.settings.creation.concurrency;
  }

  /** Most resources that there can be without anybody's giving back a lease. */
  get attainable(): number {
    return Math.min(this.settings.max, this.share.attainable);
  }

  reconfigure(settings: ReplenisherSettings): void {
    this.settings = settings;
    this.gate.reconfigure(settings.creationBreaker);
    this.minimum.reconfigure(settings);
    this.revival.reconfigure(settings);
  }

  /** There is a new factory, which has not failed yet: creations under way try again with it now. */
  startOver(): void {
    if (this.lastFailure.forget()) this.tellRecovery();
    this.minimum.startOver();
    this.gate.reset();
    this.revival.startOver();
    for (const creation of this.creations) creation.startOver();
  }

  /**
   * Starts one for a change of generations, which takes what it brings. It has a place as any other.
   *
   * @param over called when it has ended
   */
  createFor(settings: CreationSettings, host: CreationHost<T>): Creation<T> {
    this.reserved++;
    return this.launch(settings, host, () => this.reserved--);
  }

  /** What callers get that come while creation is suspended. */
  refusal(owner?: string): ResourceCreationError {
    const { type, lastFailure, host, gate } = this;
    const { cause } = lastFailure.error ?? {};
    return new ResourceCreationError(type, cause, host.stats(), owner, gate.suspendedFor);
  }

  /**
   * Starts one creation, if callers need it and there is a place for it.
   *
   * @returns whether it did
   */
  createForCaller(): boolean {
    if (this.wantedForCallers === 0 || !this.share.admits) return false;
    this.create();
    return true;
  }

  /** Creates what is wanted now: what kept it from doing so is over. */
  makeUp(): void {
    this.changes.look();
    this.host.pump();
    this.minimum.refill();
    this.minimum.tellWatchers();
    this.revival.makeUp();
  }

  placeFreed(): void {
    this.makeUp();
    this.share.settle();
  }

  /** A resource that was created turned out to be unusable. */
  diedYoung({ factory }: Slot<T>, cause: unknown): void {
    const why = cause ?? new Error('it died before its first loan');
    this.attemptFailed(why, factory);
    if (!this.changes.isOutdated(factory)) this.setBack(why);
  }

  died(): void {
    this.revival.died();
  }

  /** The pool takes no more callers. */
  refuse(): void {
    this.changes.close();
    this.minimum.refuse();
    this.revival.stop();
  }

  /** Keeps no minimum any more. */
  runDown(): void {
    this.minimum.runDown();
    this.wake();
  }

  /** Gives up all creations in flight, and waits until they have ended. Whatever they still create is destroyed. */
  async end(reason: Error): Promise<void> {
    this.minimum.runDown();
    this.refuse();
    this.ended = true;
    this.gate.stop();
    this.time.ground.run(() => {
      for (const creation of this.creations) creation.abort(reason);
    });
    await Promise.all(this.running);
  }

  wants(at: number): boolean {
    return this.host.wants(at) || this.minimum.fallsShort;
  }

  arrived(slot: Slot<T>): void {
    const tells = !this.changes.isOutdated(slot.factory);
    const hadFailed = tells && this.lastFailure.forget();
    if (tells) this.revival.arrived();
    if (tells) this.changes.created();
    const added = this.inventory.add(slot);
    if (hadFailed) this.tellRecovery();
    if (added) this.host.arrived(slot);
    this.minimum.refill();
    this.minimum.tellWatchers();
  }

  attemptFailed(cause: unknown, factory: ResourceFactory<T>): void {
    const { type, host } = this;
    const isTrouble = !this.ended && !isAnswer(cause) && !this.changes.isOutdated(factory);
    host.events.emit({ kind: 'creationFailed', type, cause }, isTrouble);
    if (!isTrouble) return;
    this.lastFailure.remember(new ResourceCreationError(type, cause, host.stats()));
    this.revival.failed();
  }

  creationFailed(cause: unknown, factory: ResourceFactory<T>): void {
    const { changes, minimum } = this;
    const { suspendedFor } = this.gate;
    if (changes.spares(cause, factory)) this.host.pump();
    else this.host.creationFailed(cause);
    changes.look();
    if (changes.isOutdated(factory)) {
      minimum.refill();
      minimum.tellWatchers();
    } else this.setBack(cause, suspendedFor);
    this.share.settle();
  }

  breakerOpened(cause: unknown, cooldown: number): void {
    this.host.events.emitTrouble({ kind: 'breakerOpened', type: this.type, cause, cooldown });
    this.wake();
  }

  breakerClosed(): void {
    this.host.events.emitTrouble({ kind: 'breakerClosed', type: this.type });
  }

  demand(): Demand {
    return this.host.demand();
  }

  stats(): PoolStats {
    return this.host.stats();
  }

  watchOver(): void {
    this.host.housekeeper.start();
  }

  claim(): Omit<BudgetClaim, 'min'> {
    const { slots } = this.inventory;
    const wants = Math.max(this.wantedForCallers, this.minimum.missing, this.changes.wants);
    return { held: slots.size + this.creating, idle: slots.idle, wants, since: this.host.demand().since };
  }

  create(): void {
    this.minimum.keep();
    this.revival.tried();
    this.launch(this.settings, this);
  }

  private launch(settings: CreationSettings, host: CreationHost<T>, over?: () => void): Creation<T> {
    const creation = new Creation(settings, host, this.time, () => {
      this.creations.delete(creation);
      over?.();
    });
    this.creations.add(creation);
    this.time.ground.run(() => {
      const run = creation.run().then(() => void this.running.delete(run));
      this.running.add(run);
    });
    return creation;
  }

  private tellRecovery(): void {
    this.host.events.emitTrouble({ kind: 'creationRecovered', type: this.type });
  }

  /** Lets creations that pause look whether they are still wanted. */
  private wake(): void {
    for (const creation of this.creations) creation.wake();
  }

  private get wantedForCallers(): number {
    const { occupied, arriving: creating, host, gate } = this;
    const { max, creation } = this.settings;
    if (occupied >= max) return 0; // as under contention nearly always
    if (this.changes.holdsBack) return 0;
    const { pending, arriving: coming } = host.demand();
    // Where it is time for another probe, those that are on their way hang: they may serve nobody.
    const arriving = gate.closed ? coming : coming - creating;
    if (pending <= arriving || !gate.permits) return 0;
    return creation.wanted({ pending, arriving, creating, occupied, max });
  }

  /** It failed for nobody in particular: many callers will be told of it. After a success, that a try before it had failed is no news. */
  private setBack(cause: unknown, suspendedFor?: number): void {
    const { type, host, lastFailure, minimum } = this;
    const error = new ResourceCreationError(type, cause, host.stats(), undefined, suspendedFor);
    const isFailing = lastFailure.error !== undefined && !this.ended;
    if (isFailing && !isAnswer(cause)) lastFailure.remember(error);
    minimum.setBack(error);
  }
}
