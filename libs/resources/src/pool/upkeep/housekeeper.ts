import type { ClockTimer } from '../../time/clock.js';
import { FreezeWatch } from '../../time/freeze-watch.js';
import type { Replenisher } from '../creation/replenisher.js';
import type { PoolTime } from '../pool-time.js';
import type { SizingSettings } from '../sizing/sizing-options.js';
import type { Slot } from '../slots/slot.js';
import { KeepAlive, type KeepAliveHost } from './keep-alive.js';
import { RetirementSweep, type RetirementSweepHost, type SweepSettings } from './retirement-sweep.js';
import type { ValidationSettings } from './validation-options.js';
import type { Validator } from './validator.js';

/** How often to look, in milliseconds, at the least and at the most. */
const BOUNDS = { least: 50, most: 1_000 };

/** What a housekeeper goes by. */
export type HousekeeperSettings = SweepSettings & ValidationSettings & Pick<SizingSettings, 'adaptive'>;

/** The pool that is looked after; implemented by the dispatcher. */
export interface HousekeeperHost<T> extends RetirementSweepHost<T> {
  readonly replenisher: Pick<Replenisher<T>, 'minimum' | 'share'>;
  readonly validator: Pick<Validator<T>, 'whileIdle'>;
  readonly paused: boolean;
  readonly refusing: boolean;
  /** The policy of sizing may want another size. */
  findSize(now: number): void;
}

/**
 * Looks after a pool from time to time, for all that nobody's call would notice: idle time-outs, ages, leases held for
 * too long, a minimum that is not filled. One unreferenced timer per pool, and none while there is nothing to look
 * after. That it comes too late tells of a process that was frozen.
 */
export class Housekeeper<T> implements KeepAliveHost<T> {
  readonly retirements: RetirementSweep<T>;
  private readonly keptAlive = new KeepAlive<T>(this);
  /** After its alarm {@link look} must be called before anything is lent. */
  readonly freeze: FreezeWatch;
  private timer: ClockTimer | undefined;
  private interval: number = BOUNDS.most;

  constructor(
    private readonly host: HousekeeperHost<T>,
    private settings: HousekeeperSettings,
    private readonly time: PoolTime,
  ) {
    this.freeze = new FreezeWatch(time.clock);
    this.retirements = new RetirementSweep(host, settings, time.ground);
    this.reconfigure(settings);
  }

  get mayKeepAlive(): boolean {
    return !this.host.paused && !this.host.refusing;
  }

  /** Looks often enough for the shortest of the pool's times: a quarter of it. */
  reconfigure(settings: HousekeeperSettings): void {
    this.settings = settings;
    this.retirements.reconfigure(settings);
    const { retirement, validation, prune, adaptive, maxLeaseTime, warnAfter } = settings;
    const { idleTimeout, maxLifetime } = retirement;
    const intervals = [validation.keepAlive, prune?.interval ?? Infinity, adaptive?.interval ?? Infinity];
    const shortest = Math.min(idleTimeout, maxLifetime, maxLeaseTime, warnAfter, ...intervals);
    this.interval = Math.min(BOUNDS.most, Math.max(BOUNDS.least, shortest / 4));
  }

  /** Does nothing while it is running. */
  start(): void {
    if (this.timer !== undefined) return;
    const { interval, freeze, time } = this;
    const { clock } = time;
    this.timer = clock.setTimeout(() => {
      this.timer = undefined;
      const now = clock.now();
      this.look(now);
      freeze.expect(Infinity);
      this.sweep(now);
      // A creation for the minimum that fails again starts it anew.
      if (this.host.inventory.slots.size > 0) this.start();
    }, interval);
    this.timer.unref();
    freeze.expect(clock.now() + interval);
  }

  /** Notices whether the process was frozen. To be called before anything is decided by the time. */
  look(now: number): void {
    const gap = this.freeze.look(now);
    if (gap !== undefined) this.retirements.thaw(gap, this.time.clock.now());
  }

  stop(): void {
    if (this.timer !== undefined) this.time.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.freeze.expect(Infinity);
  }

  keepAlive(slot: Slot<T>): Promise<void> {
    this.host.inventory.slots.takeIdle(slot);
    return this.host.validator.whileIdle(slot, this.settings);
  }

  private sweep(now: number): void {
    const { host, settings } = this;
    const { inventory, replenisher } = host;
    this.retirements.run(now);
    host.findSize(now);
    if (this.mayKeepAlive) this.keptAlive.round(inventory.slots, settings.validation, now);
    replenisher.minimum.retry();
    replenisher.share.settle();
  }
}
