import type { Clock, ClockTimer } from '../../time/clock.js';
import { FreezeWatch } from '../../time/freeze-watch.js';
import type { PoolSettings } from '../pool-options.js';

/** How often to look, in milliseconds, at the least and at the most. */
const BOUNDS = { least: 50, most: 1_000 };

/** What the housekeeper calls; implemented by the pool. */
export interface Household {
  /** @returns whether there is anything left to look after */
  sweep(): boolean;
  /** The process was frozen. @param gap milliseconds of it that the clock has counted */
  thaw(gap: number): void;
}

/**
 * Calls the pool's sweep from time to time, for all that nobody's call would notice: idle time-outs,
 * ages, leases held for too long, a minimum that is not filled. One unreferenced timer per pool, and
 * none while there is nothing to look after. That it comes too late tells of a process that was frozen.
 */
export class Housekeeper {
  private timer: ClockTimer | undefined;
  private interval: number = BOUNDS.most;
  private readonly freeze: FreezeWatch;

  constructor(
    private readonly clock: Clock,
    private readonly household: Household,
  ) {
    this.freeze = new FreezeWatch(clock);
  }

  /** After this moment {@link look} must be called before anything is lent. Milliseconds of the clock. */
  get alarm(): number {
    return this.freeze.alarm;
  }

  /** Looks often enough for the shortest of the pool's times: a quarter of it. */
  reconfigure({ retirement, validation, prune, adaptive, maxLeaseTime, warnAfter }: PoolSettings): void {
    const { idleTimeout, maxLifetime } = retirement;
    const intervals = [validation.keepAlive, prune?.interval ?? Infinity, adaptive?.interval ?? Infinity];
    const shortest = Math.min(idleTimeout, maxLifetime, maxLeaseTime, warnAfter, ...intervals);
    this.interval = Math.min(BOUNDS.most, Math.max(BOUNDS.least, shortest / 4));
  }

  /** Does nothing while it is running. */
  start(): void {
    if (this.timer !== undefined) return;
    const { clock, interval } = this;
    this.timer = clock.setTimeout(() => {
      this.timer = undefined;
      this.look(clock.now());
      this.freeze.expect(Infinity);
      if (this.household.sweep()) this.start();
    }, interval);
    this.timer.unref();
    this.freeze.expect(clock.now() + interval);
  }

  /** Notices whether the process was frozen. */
  look(now: number): void {
    const gap = this.freeze.look(now);
    if (gap !== undefined) this.household.thaw(gap);
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.freeze.expect(Infinity);
  }
}
