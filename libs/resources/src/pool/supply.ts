import { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { BreakerState } from '../policies/creation-breaker.js';
import type { PoolStats } from '../policies/pool-stats.js';
import type { AttemptKeeper, Maker } from './creation-attempt.js';
import { Creator } from './creator.js';
import type { PoolEvents } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { PoolTime } from './pool-time.js';
import type { Slot } from './slot.js';

/** What a supply needs of the stock that it fills. */
export interface SupplyKeeper<T> extends AttemptKeeper<T> {
  /** Resources in service, a count. */
  readonly inService: number;
  /** Places taken under `max`, a count. */
  readonly occupied: number;
  /** Each resolves when a place is free. */
  readonly leaving: Iterable<Promise<void>>;
  maker(): Maker<T>;
  stats(): PoolStats;
  arrived(slot: Slot<T>): void;
  /** Whether a caller will still be waiting for one more resource at that moment, in milliseconds of the clock. */
  wants(at: number): boolean;
  /** A creation has ended for good. @returns the error that callers shall see */
  creationFailed(cause: unknown): ResourceCreationError;
  /** Callers may be served who could not be served before, or must be told that they can't. */
  pump(): void;
  /** Something needs looking after. */
  watch(): void;
}

/**
 * Decides when to create: for callers, and for the minimum. It remembers failures, so that callers
 * hear of them and nothing fails in a busy loop.
 */
export class Supply<T> {
  lastError: ResourceCreationError | undefined;
  private readonly creator: Creator<T>;
  /** From the first caller or warm-up until the end, the minimum is kept. */
  private keepsMinimum = false;
  /** A failure since the last sweep. Until the next one the minimum is left alone. */
  private setback: ResourceCreationError | undefined;
  /** Why it came to its end. */
  private ended: Error | undefined;

  constructor(
    private readonly type: string,
    private settings: PoolSettings,
    time: PoolTime,
    private readonly events: PoolEvents,
    private readonly keeper: SupplyKeeper<T>,
  ) {
    this.creator = new Creator(
      settings,
      {
        maker: () => keeper.maker(),
        wants: (at) => keeper.wants(at) || this.fallsShort,
        arrived: (slot) => this.arrived(slot),
        attemptFailed: (cause) => this.attemptFailed(cause),
        creationFailed: (cause) => this.setBack(keeper.creationFailed(cause)),
        unwanted: (resource, factory) => keeper.unwanted(resource, factory),
        died: (slot, cause) => keeper.died(slot, cause),
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

  /** Whether there is a minimum to be kept. */
  get keepsAny(): boolean {
    return this.keepsMinimum && this.settings.min > 0;
  }

  adopt(settings: PoolSettings): void {
    this.settings = settings;
    this.creator.adopt(settings);
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
    const { type, lastError, keeper, suspendedFor } = this;
    return new ResourceCreationError(type, lastError?.cause, keeper.stats(), owner, suspendedFor);
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
    const { occupied } = this.keeper;
    if (waiting === 0 || occupied >= max) return false;
    if (creation.wanted({ waiting, arriving, creating: this.creating, occupied, max }) === 0) return false;
    if (!this.creator.permits) return false;
    this.create();
    return true;
  }

  /**
   * Creates until there are `min`.
   *
   * @returns the first failure, which ends it
   */
  async fill(): Promise<Error | undefined> {
    const { creator, keeper } = this;
    this.keepsMinimum = true;
    this.setback = undefined;
    keeper.watch();
    while (keeper.inService < this.settings.min) {
      this.createMissing();
      const changes = [...creator.running, ...keeper.leaving];
      if (changes.length === 0) return this.refusal(); // nothing can be created
      await Promise.race(changes);
      if (this.ended !== undefined) return this.ended;
      if (this.setback !== undefined) return this.setback;
    }
    return undefined;
  }

  /** A place is free. */
  makeUp(): void {
    this.keeper.pump();
    this.refill();
  }

  /** Creates what is missing of the minimum, unless that has just failed. */
  refill(): void {
    if (this.keepsMinimum && this.setback === undefined) this.createMissing();
  }

  /** The same, but what has failed before is tried again. */
  retry(): void {
    this.setback = undefined;
    this.refill();
  }

  /** It failed for nobody in particular. */
  setBack(error: ResourceCreationError): void {
    this.lastError = error;
    this.setback = error;
    if (this.keepsMinimum) this.keeper.watch();
  }

  /** Keeps no minimum any more: nobody will borrow but those who wait. */
  runDown(): void {
    this.keepsMinimum = false;
    this.creator.wake();
  }

  /** Gives up all creations in flight, and waits until they have ended. */
  async end(reason: Error): Promise<void> {
    this.ended = reason;
    this.keepsMinimum = false;
    this.creator.abort(reason);
    await Promise.all(this.creator.running);
  }

  /** Whether the minimum would not be reached even if all creations in flight but one succeeded. */
  private get fallsShort(): boolean {
    return this.keepsMinimum && this.keeper.inService + this.creating <= this.settings.min;
  }

  private create(): void {
    this.keepsMinimum = true;
    this.creator.start();
  }

  private createMissing(): void {
    const { keeper, creator, settings } = this;
    const { min, max, creation } = settings;
    const isMissing = (): boolean =>
      keeper.inService + this.creating < min &&
      keeper.occupied < max &&
      this.creating < creation.concurrency &&
      creator.permits;
    while (isMissing()) this.create();
  }

  private arrived(slot: Slot<T>): void {
    this.lastError = undefined;
    this.keeper.arrived(slot);
    this.refill();
  }

  private attemptFailed(cause: unknown): void {
    this.events.emit({ kind: 'creationFailed', type: this.type, cause });
    this.lastError = new ResourceCreationError(this.type, cause, this.keeper.stats());
  }
}
