import type { Clock, ClockTimer } from '../../time/clock.js';
import type { CacheEngine } from './cache-engine.js';

/** Milliseconds between two sweeps. */
export const SWEEP_INTERVAL = 1_000;
/** Most entries that one sweep looks at: some tenths of a millisecond. */
export const SWEEP_LIMIT = 2_000;

/**
 * Takes expired entries out although nobody asks for them, in bounded steps: memory comes back, and a
 * resource is destroyed when its time is up. It never keeps the process alive.
 */
export class Sweeper {
  private timer: ClockTimer | undefined;

  constructor(
    private readonly engine: Pick<CacheEngine<unknown>, 'sweep' | 'size'>,
    private readonly clock: Clock,
  ) {}

  /** Something that can expire was written. */
  arm(): void {
    if (this.timer !== undefined) return;
    this.timer = this.clock.setTimeout(() => this.sweep(), SWEEP_INTERVAL);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private sweep(): void {
    this.timer = undefined;
    this.engine.sweep(SWEEP_LIMIT);
    if (this.engine.size > 0) this.arm();
  }
}
