import type { ClockTimer, Clock } from '../time/clock.js';
import type { PoolSettings } from './pool-options.js';

/** How often to look, in milliseconds, at the least and at the most. */
const BOUNDS = { least: 50, most: 1_000 };

/**
 * Calls the pool's sweep from time to time, for all that nobody's call would notice: idle time-outs,
 * ages, leases held for too long, a minimum that is not filled. One unreferenced timer per pool, and
 * none while there is nothing to look after.
 */
export class Housekeeper {
  private timer: ClockTimer | undefined;
  private interval: number = BOUNDS.most;

  /** @param sweep says whether there is anything left to look after */
  constructor(
    private readonly clock: Clock,
    private readonly sweep: () => boolean,
  ) {}

  /** Looks often enough for the shortest of the pool's times: a quarter of it. */
  adopt({ retirement, validation, maxLeaseTime, warnAfter }: PoolSettings): void {
    const { idleTimeout, maxLifetime } = retirement;
    const shortest = Math.min(idleTimeout, maxLifetime, maxLeaseTime, warnAfter, validation.keepAlive);
    this.interval = Math.min(BOUNDS.most, Math.max(BOUNDS.least, shortest / 4));
  }

  /** Does nothing while it is running. */
  start(): void {
    if (this.timer !== undefined) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      if (this.sweep()) this.start();
    }, this.interval);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }
}
