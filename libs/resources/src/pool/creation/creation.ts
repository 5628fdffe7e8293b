import { Deadline } from '../../time/deadline-wheel.js';
import { isAnswer, isFinal } from '../../hooks/final-failure.js';
import { withTimeLimit } from '../../hooks/time-limit.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import { attemptCreation, type AttemptHost } from './creation-attempt.js';
import type { CreationGate } from './creation-gate.js';
import type { CreationSettings, ExecutionPolicy } from './creation-options.js';
import type { PoolTime } from '../pool-time.js';
import { Slot } from '../slots/slot.js';

/** What a creation asks of the replenisher, and what that hears of it. It ends in exactly one of `arrived` and `creationFailed`. */
export interface CreationHost<T> {
  /** Where what it brings goes. */
  readonly inventory: AttemptHost<T>;
  readonly gate: CreationGate;
  /** Whether somebody could still profit from a resource at that moment, in milliseconds of the clock. */
  wants(at: number): boolean;
  /** A try failed; there may be another. @param factory that was tried */
  attemptFailed(cause: unknown, factory: ResourceFactory<T>): void;
  arrived(slot: Slot<T>): void;
  /** @param factory that was tried last */
  creationFailed(cause: unknown, factory: ResourceFactory<T>): void;
}

class Pause extends Deadline {
  constructor(override readonly expire: () => void) {
    super();
  }
}

/**
 * One creation: its tries and the pauses between them, until there is a resource, or no try left, or nobody
 * who wants it. It holds its place under `max` all the while.
 *
 * Retry and breaker are the pool's own rather than cockatiel's: that one's back-off can't be aborted, knows no
 * deadline and takes no clock, and its current version needs Node 22. Users who prefer it pass it as `creation.policy`:
 * then the whole of it is bounded from outside, so that a policy that sleeps on keeps nobody waiting.
 */
export class Creation<T> {
  private readonly controller = new AbortController();
  private pause: Pause | undefined;
  /** The last try, and the factory that it tries. */
  private attempt: { readonly factory: ResourceFactory<T>; readonly superseded: AbortController } | undefined;

  /** @param over gives back its place */
  constructor(
    private readonly settings: CreationSettings,
    private readonly host: CreationHost<T>,
    private readonly time: PoolTime,
    private readonly over: () => void,
  ) {}

  /** @returns resolves when it has ended, one way or the other */
  run(): Promise<void> {
    const { creationExecution } = this.settings;
    return creationExecution === undefined ? this.retry() : this.execute(creationExecution);
  }

  /** Ends it at once. What still comes of it is unwanted. */
  abort(reason: Error): void {
    this.controller.abort(reason);
    this.wake();
  }

  /**
   * There may be another factory: the one before is told by its signal that what it is making is not needed, and if it gives up, the other
   * one tries. Until then it has its place, because nobody knows what it will bring.
   */
  startOver(): void {
    const { attempt, host } = this;
    if (attempt !== undefined && attempt.factory !== host.inventory.maker().factory)
      attempt.superseded.abort(new Error('another factory has taken over'));
    this.wake();
  }

  /** Ends a pause: it goes on or gives up, as things stand now. */
  wake(): void {
    const { pause } = this;
    if (pause === undefined) return;
    this.time.wheel.cancel(pause);
    pause.expire();
  }

  // It holds its place until the very step in which the pool hears of its end: between the two, others would rely on it in vain.

  private succeed(slot: Slot<T>): void {
    this.over();
    this.host.arrived(slot);
  }

  private fail(cause: unknown, factory: ResourceFactory<T>): void {
    this.over();
    this.host.creationFailed(cause, factory);
  }

  private async retry(): Promise<void> {
    const { host, time, settings } = this;
    const { gate, inventory } = host;
    const { signal } = this.controller;
    const bounds = { limit: settings.creationTimeout, signals: [signal] };
    let slot: Slot<T> | undefined;
    for (let failed = 1; slot === undefined; failed++) {
      const { factory } = inventory.maker();
      const begun = gate.begin();
      const superseded = new AbortController();
      this.attempt = { factory, superseded };
      try {
        slot = await attemptCreation(inventory, { ...bounds, superseded: superseded.signal }, time);
      } catch (error) {
        if (superseded.signal.aborted && this.worthwhile(0)) {
          gate.answered(begun);
          failed = 0;
          continue;
        }
        host.attemptFailed(error, factory);
        if (isAnswer(error)) gate.answered(begun);
        else if (!signal.aborted) gate.failed(begun, error);
        const delay = isFinal(error) ? undefined : settings.creationRetry.delayAfter(failed, time.random());
        if (delay === undefined || !this.worthwhile(delay)) return this.fail(error, factory);
        await this.sleep(delay);
        if (!this.worthwhile(0)) return this.fail(error, factory);
      }
    }
    gate.succeeded();
    this.succeed(slot);
  }

  /** @param delay milliseconds until the next try */
  private worthwhile(delay: number): boolean {
    const { controller, host, time } = this;
    return !controller.signal.aborted && host.gate.permits && host.wants(time.clock.now() + delay);
  }

  private sleep(delay: number): Promise<void> {
    const { clock, wheel } = this.time;
    return new Promise((resolve) => {
      this.pause = new Pause(() => {
        this.pause = undefined;
        resolve();
      });
      wheel.add(this.pause, clock.now() + delay);
    });
  }

  private async execute(policy: ExecutionPolicy): Promise<void> {
    const { host } = this;
    const tried = { ...host.inventory.maker() };
    let slot: Slot<T>;
    try {
      slot = await this.throughPolicy(policy, tried);
    } catch (error) {
      host.attemptFailed(error, tried.factory);
      return this.fail(error, tried.factory);
    }
    this.succeed(slot);
  }

  /** @param tried is told which factory has been tried last */
  private async throughPolicy(
    policy: ExecutionPolicy,
    tried: { factory: ResourceFactory<T> },
  ): Promise<Slot<T>> {
    const { controller, time } = this;
    const { inventory } = this.host;
    const { signal } = controller;
    const made: Slot<T>[] = [];
    const create = async (context?: { signal: AbortSignal }): Promise<T> => {
      tried.factory = inventory.maker().factory;
      const signals = context === undefined ? [signal] : [signal, context.signal];
      const slot = await attemptCreation(inventory, { limit: Infinity, signals }, time);
      if (signal.aborted) {
        inventory.unwanted(slot);
        throw signal.reason;
      }
      made.push(slot);
      return slot.resource;
    };
    const bounds = { limit: this.settings.creationTimeout, ...time, signal };
    try {
      const resource = await withTimeLimit('create', () => policy.execute(create, signal), bounds);
      const index = made.findIndex((slot) => slot.resource === resource);
      if (index === -1) {
        const id = inventory.takeIn(resource);
        const { factory, generation } = inventory.maker();
        return new Slot(resource, factory, generation, time.clock.now(), id); // the policy's own, such as a fallback
      }
      return made.splice(index, 1)[0];
    } finally {
      // A policy may go on, or have made several: what nobody gets is destroyed.
      controller.abort(new Error('the creation is over'));
      for (const slot of made) inventory.unwanted(slot);
    }
  }
}
