import type { BreakerState } from '../../policies/creation/creation-breaker.js';
import { Creation, type CreationHost } from './creation.js';
import { CreationGate, type BreakerListener } from './creation-gate.js';
import type { CreationSettings } from './creation-options.js';
import type { PoolTime } from '../pool-time.js';

/** What the pool hears of creation. */
export type CreatorHost<T> = CreationHost<T> & BreakerListener;

/** Runs the creations of a pool side by side on neutral ground, behind one gate. When to start one is not its business. */
export class Creator<T> {
  private readonly gate: CreationGate;
  private readonly creations = new Set<Creation<T>>();
  /** Each resolves when its creation has ended, one way or the other. */
  readonly running = new Set<Promise<void>>();

  constructor(
    private settings: CreationSettings,
    private readonly host: CreatorHost<T>,
    private readonly time: PoolTime,
  ) {
    this.gate = new CreationGate(settings.creationBreaker, time.clock, {
      breakerOpened: (cause, cooldown) => {
        host.breakerOpened(cause, cooldown);
        this.wake();
      },
      breakerClosed: () => host.breakerClosed(),
      cooledDown: () => host.cooledDown(),
    });
  }

  /** Creations that have not ended, a count. */
  get inFlight(): number {
    return this.creations.size;
  }

  /** Whether a creation may be started now. */
  get permits(): boolean {
    return this.gate.permits;
  }

  get breaker(): BreakerState {
    return this.gate.state;
  }

  /** Milliseconds for which creation is suspended; `undefined` when it is not. */
  get suspendedFor(): number | undefined {
    return this.gate.suspendedFor;
  }

  reconfigure(settings: CreationSettings): void {
    this.settings = settings;
    this.gate.reconfigure(settings.creationBreaker);
  }

  start(): void {
    const { settings, gate, host, time } = this;
    const creation = new Creation(settings, gate, host, time, () => this.creations.delete(creation));
    this.creations.add(creation);
    time.ground.run(() => {
      const run = creation.run().then(() => void this.running.delete(run));
      this.running.add(run);
    });
  }

  /** There is a new factory: creations that pause try again with it now. */
  startOver(): void {
    this.gate.reset();
    this.wake();
  }

  /** Lets creations that pause look whether they are still wanted. */
  wake(): void {
    for (const creation of this.creations) creation.wake();
  }

  /** Ends all creations, for good. What still comes of them is unwanted. */
  abort(reason: Error): void {
    this.gate.stop();
    this.time.ground.run(() => {
      for (const creation of this.creations) creation.abort(reason);
    });
  }
}
