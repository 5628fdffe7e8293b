import { AdaptiveSizing } from '../../policies/sizing/adaptive-sizing.js';
import type { SizingSettings } from './sizing-options.js';

/**
 * Measures how long callers wait and loans take, and says how large the pool should be. It exists only for pools whose
 * `max` is adaptive; the others measure nothing. The decision is the policy's.
 */
export class Sizer {
  private since: number;
  private loans = 0;
  private held = 0;
  private waited = 0;

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

  /** @param waited milliseconds that its caller had waited */
  loanBegan(waited: number): void {
    this.waited += waited;
  }

  /** @param held milliseconds that it took */
  loanEnded(held: number): void {
    this.loans++;
    this.held += held;
  }

  /**
   * Decides, if it is time to.
   *
   * @param pending callers in the queue
   * @param leased resources on loan
   * @returns whether the size has changed
   */
  decide(now: number, pending: number, leased: number): boolean {
    const { since, loans, held, waited, policy, size } = this;
    const elapsed = now - since;
    if (elapsed < this.interval) return false;
    const sample = { elapsed, loans, held, waited, pending, leased };
    this.size = policy.next(size, sample);
    if (policy.isEnough(sample, size)) this.begin(now);
    return this.size !== size;
  }

  private begin(now: number): void {
    this.since = now;
    this.loans = this.held = this.waited = 0;
  }
}
