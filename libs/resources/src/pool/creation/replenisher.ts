import { forgetFrames } from '../../errors/forget-frames.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import type { BreakerState } from '../../policies/creation/creation-breaker.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import type { AttemptListener, Maker } from './creation-attempt.js';
import type { BudgetShare } from '../sizing/budget-share.js';
import { Creator } from './creator.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolSettings } from '../pool-options.js';
import type { PoolTime } from '../pool-time.js';
import type { Slot } from '../slots/slot.js';

/** What callers need. */
export interface Demand {
  /** Callers that could be served now, a count. */
  waiting: number;
  /** Resources on their way to them already, a count. */
  arriving: number;
  /** Since when the first of them has been waiting, in milliseconds of the clock; `Infinity` when nobody is. */
  since: number;
}

/** What a replenisher needs of the inventory that it fills. */
export interface ReplenisherHost<T> extends AttemptListener<T> {
  /** Resources in service, a count. */
  readonly inService: number;
  /** Places taken under `max`, a count. */
  readonly occupied: number;
  /** Resources that are being destroyed, a count: their places will be free. */
  readonly destroying: number;
  /** The pool's share of a budget. */
  readonly share: Pick<BudgetShare, 'admits' | 'settle'>;
  demand(): Demand;
  maker(): Maker<T>;
  stats(): PoolStats;
  arrived(slot: Slot<T>): void;
  /** Whether a caller will still be waiting for one more resource at that moment, in milliseconds of the clock. */
  wants(at: number): boolean;
  /** A creation has ended for good: whom it fails hears of it. */
  creationFailed(cause: unknown): void;
  /** Callers may be served who could not be served before, or must be told that they can't. */
  pump(): void;
  /** Something needs looking after. */
  watch(): void;
}

/**
 * Decides when to create: for callers, and for the minimum. It remembers failures, so that callers
 * hear of them and nothing fails in a busy loop.
 */
export class Replenisher<T> {
  lastError: ResourceCreationError | undefined;
  private readonly creator: Creator<T>;
  /** From the first caller or warm-up until the end, the minimum is kept. */
  private keepsMinimum = false;
  /** A failure since the last sweep. Until the next one the minimum is left alone. */
  private setback: ResourceCreationError | undefined;
  /** Who waits for one resource more, or for the news that there will be none. */
  private readonly watchers: (() => void)[] = [];
  /** Whether the pool lends to nobody new: then nobody waits for the minimum either. */
  private refusing = false;

  constructor(
    private readonly type: string,
    private settings: PoolSettings,
    time: PoolTime,
    private readonly events: PoolEvents,
    private readonly host: ReplenisherHost<T>,
  ) {
    this.creator = new Creator(
      settings,
      {
        maker: () => host.maker(),
        wants: (at) => host.wants(at) || this.fallsShort,
        arrived: (slot) => this.arrived(slot),
        attemptFailed: (cause) => this.attemptFailed(cause),
        creationFailed: (cause) => this.creationFailed(cause),
        takeIn: (resource) => host.takeIn(resource),
        unwanted: (resource, factory) => host.unwanted(resource, factory),
        cameLate: (resource, factory) => host.cameLate(resource, factory),
        createBegan: () => host.createBegan(),
        createSettled: () => host.createSettled(),
        died: (slot, cause) => host.died(slot, cause),
        breakerOpened: (cause, cooldown) => events.emit({ kind: 'breakerOpened', type, cause, cooldown }),
        breakerClosed: () => events.emit({ kind: 'breakerClosed', type }),
        cooledDown: () => this.makeUp(),
      },
      time,
    );
  }

  /** Resources being created, a count. */
  get creating(): number {
    return this.creator.inFlight;
  }

  get breaker(): BreakerState {
    return this.creator.breaker;
  }

  reconfigure(settings: PoolSettings): void {
    this.settings = settings;
    this.creator.reconfigure(settings);
    this.tellWatchers(); // there may be less to wait for
  }

  /** There is a new factory, of which no failure is known. */
  startOver(): void {
    this.setback = undefined;
    this.creator.startOver();
  }

  /** Whether the breaker lets nothing be created now. */
  get suspended(): boolean {
    return !this.creator.permits;
  }

  /** Milliseconds until a probe, while the breaker is not closed. */
  get suspendedFor(): number | undefined {
    return this.creator.suspendedFor;
  }

  /** What callers get who come while creation is suspended. */
  refusal(owner?: string): ResourceCreationError {
    const { type, lastError, host, suspendedFor } = this;
    return new ResourceCreationError(type, lastError?.cause, host.stats(), owner, suspendedFor);
  }

  /** How many creations to start now, for callers or for the minimum, if the budget allows it. */
  get wanted(): number {
    return Math.max(this.wantedForCallers, this.missing);
  }

  /**
   * Starts one creation, if callers need it and there is a place for it.
   *
   * @returns whether it did
   */
  createForCaller(): boolean {
    if (this.wantedForCallers === 0 || !this.host.share.admits) return false;
    this.create();
    return true;
  }

  /**
   * Creates until there are `min`.
   *
   * @returns the first failure, which ends it
   */
  async fill(): Promise<Error | undefined> {
    const { host } = this;
    this.keepsMinimum = true;
    this.setback = undefined;
    host.watch();
    while (host.inService < this.settings.min) {
      if (this.refusing) return new PoolClosedError(this.type, 'warmUp()', host.stats());
      this.refill();
      if (this.suspended && this.creating + host.destroying === 0) return this.refusal();
      await new Promise<void>((resolve) => this.watchers.push(resolve));
      if (this.setback !== undefined) return this.setback;
    }
    return undefined;
  }

  /** A place is free. */
  makeUp(): void {
    this.host.pump();
    this.refill();
    this.tellWatchers();
  }

  /** Creates what is missing of the minimum, unless that has just failed. */
  refill(): void {
    while (this.missing > 0 && this.host.share.admits) this.create();
  }

  /** The same, but what has failed before is tried again. */
  retry(): void {
    this.setback = undefined;
    this.refill();
  }

  /** It failed for nobody in particular. */
  setBack(error: ResourceCreationError): void {
    this.remember(error);
    this.setback = error;
    if (this.keepsMinimum) this.host.watch();
    this.tellWatchers();
  }

  /** Nobody will borrow but those who wait. */
  refuse(): void {
    this.refusing = true;
    this.tellWatchers();
  }

  /** Keeps no minimum any more. */
  runDown(): void {
    this.keepsMinimum = false;
    this.creator.wake();
  }

  /** Gives up all creations in flight, and waits until they have ended. */
  async end(reason: Error): Promise<void> {
    this.keepsMinimum = false;
    this.refuse();
    this.creator.abort(reason);
    await Promise.all(this.creator.running);
  }

  /** Whether the minimum would not be reached even if all creations in flight but one succeeded. */
  private get fallsShort(): boolean {
    return this.keepsMinimum && this.host.inService + this.creating <= this.settings.min;
  }

  private create(): void {
    this.keepsMinimum = true;
    this.creator.start();
  }

  private get wantedForCallers(): number {
    const { max, creation } = this.settings;
    const { occupied } = this.host;
    if (occupied >= max) return 0; // as under contention nearly always
    const { waiting, arriving } = this.host.demand();
    if (waiting <= arriving || this.suspended) return 0;
    return creation.wanted({ waiting, arriving, creating: this.creating, occupied, max });
  }

  private get missing(): number {
    if (!this.keepsMinimum || this.setback !== undefined || this.suspended) return 0;
    const { host, creating, settings } = this;
    const { min, max, creation } = settings;
    const most = Math.min(max - host.occupied, creation.concurrency - creating);
    return Math.max(0, Math.min(min - host.inService - creating, most));
  }

  private tellWatchers(): void {
    for (const tell of this.watchers.splice(0)) tell();
  }

  private arrived(slot: Slot<T>): void {
    this.lastError = undefined;
    this.host.arrived(slot);
    this.refill();
    this.tellWatchers();
  }

  private creationFailed(cause: unknown): void {
    const { suspendedFor, host } = this;
    host.creationFailed(cause);
    // Not the caller's: what is remembered tells many, and nobody's name.
    this.setBack(new ResourceCreationError(this.type, cause, host.stats(), undefined, suspendedFor));
    host.share.settle();
  }

  private attemptFailed(cause: unknown): void {
    this.events.emit({ kind: 'creationFailed', type: this.type, cause });
    this.remember(new ResourceCreationError(this.type, cause, this.host.stats()));
  }

  /** @param error is nobody's: it will be told to others */
  private remember(error: ResourceCreationError): void {
    forgetFrames(error);
    this.lastError = error;
  }
}
