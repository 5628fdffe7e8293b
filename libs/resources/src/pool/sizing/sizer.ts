import { AdaptiveSizing } from '../../policies/sizing/adaptive-sizing.js';
import type { SizingSettings } from './sizing-options.js';

/** A time in which a resource was idle, in milliseconds of the clock. */
export interface IdleTime {
  readonly since: number;
  /** `Infinity` if it still is. */
  readonly until: number;
}

/** How busy the pool is whose size is found; implemented by `PoolLoad`. */
export interface MeasuredPool {
  /** Whether somebody waits because there are no more resources than this, and none is idle. */
  crowds(size: number): boolean;
  /** How many are not made of so many. */
  missing(size: number): number;
  /** When its resources were idle the last time, or that they are. */
  idleTimes(): readonly IdleTime[];
  /** How many more resources what they run on could keep busy, where its factory can tell. */
  room(): number | undefined;
}

/**
 * Measures how busy a pool is, and says how large it should be. It exists only for pools whose `max` is adaptive; the others measure nothing. The
 * decision is the policy's.
 */
export class Sizer {
  private since: number;
  private loans = 0;
  private held = 0;
  private idle = 0;
  private crowded = 0;

  private constructor(
    private readonly policy: AdaptiveSizing,
    private readonly interval: number,
    private size: number,
    private readonly pool: MeasuredPool,
    now: number,
  ) {
    this.since = now;
  }

  /**
   * @param before the sizer in force, whose size and experience stay
   * @param pool measured from now on
   * @returns undefined when the pool's size is not adaptive
   */
  static for(
    { adaptive }: Pick<SizingSettings, 'adaptive'>,
    before: Sizer | undefined,
    pool: MeasuredPool,
    now: number,
  ): Sizer | undefined {
    if (adaptive === undefined) return undefined;
    const { least, most, interval } = adaptive;
    const keeps = before?.policy.least === least && before.policy.most === most;
    const policy = keeps ? before.policy : new AdaptiveSizing(least, most);
    const size = Math.min(most, Math.max(least, before?.size ?? least));
    return new Sizer(policy, interval, size, pool, now);
  }

  /** How many resources there may be. */
  get max(): number {
    return this.size;
  }

  /**
   * @param held milliseconds that it took
   * @param before when its resource was idle the last time
   */
  loanEnded(held: number, before: IdleTime): void {
    this.loans++;
    this.held += held;
    this.idle += this.within(before, Infinity);
    if (this.pool.crowds(this.size)) this.crowded++;
  }

  /** Decides, if it is time to. @returns whether the size has changed */
  decide(now: number): boolean {
    const { since, loans, held, policy, pool, size } = this;
    const elapsed = now - since;
    if (elapsed < this.interval) return false;
    const idle = pool.idleTimes().reduce((sum, time) => sum + this.within(time, now), this.idle);
    const sample = {
      elapsed,
      loans,
      held,
      used: Math.max(0, size - pool.missing(size)) * elapsed - idle,
      crowded: this.crowded + (pool.crowds(size) ? 1 : 0),
      room: pool.room(),
    };
    this.size = policy.next(size, sample);
    if (policy.isEnough(sample, size)) this.begin(now);
    return this.size !== size;
  }

  /** What of it lies within the present sample, in milliseconds. */
  private within({ since, until }: IdleTime, now: number): number {
    return Math.max(0, Math.min(until, now) - Math.max(since, this.since));
  }

  private begin(now: number): void {
    this.since = now;
    this.loans = this.held = this.idle = this.crowded = 0;
  }
}
