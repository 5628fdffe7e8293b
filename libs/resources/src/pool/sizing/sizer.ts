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
  /** Whether somebody waits although no place is left, and none is idle. */
  readonly crowded: boolean;
  /** Places for resources that are not made, a count. */
  readonly unmade: number;
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
    now: number,
  ) {
    this.since = now;
  }

  /**
   * @param before the sizer in force, whose size and experience stay
   * @returns undefined when the pool's size is not adaptive
   */
  static for(
    { adaptive }: Pick<SizingSettings, 'adaptive'>,
    before: Sizer | undefined,
    now: number,
  ): Sizer | undefined {
    if (adaptive === undefined) return undefined;
    const { least, most, interval } = adaptive;
    const keeps = before?.policy.least === least && before.policy.most === most;
    const policy = keeps ? before.policy : new AdaptiveSizing(least, most);
    return new Sizer(policy, interval, Math.min(most, Math.max(least, before?.size ?? least)), now);
  }

  /** How many resources there may be. */
  get max(): number {
    return this.size;
  }

  /**
   * @param held milliseconds that it took
   * @param before when its resource was idle the last time
   * @param crowded whether somebody waited for it to end, because no place was left
   */
  loanEnded(held: number, before: IdleTime, crowded: boolean): void {
    this.loans++;
    this.held += held;
    this.idle += this.within(before, Infinity);
    if (crowded) this.crowded++;
  }

  /** Decides, if it is time to. @returns whether the size has changed */
  decide(now: number, pool: MeasuredPool): boolean {
    const { since, loans, held, policy, size } = this;
    const elapsed = now - since;
    if (elapsed < this.interval) return false;
    const idle = pool.idleTimes().reduce((sum, time) => sum + this.within(time, now), this.idle);
    const sample = {
      elapsed,
      loans,
      held,
      used: Math.max(0, size - pool.unmade) * elapsed - idle,
      crowded: this.crowded + (pool.crowded ? 1 : 0),
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
