import type { ValidationPolicy } from '../../policies/upkeep/validation-policy.js';
import type { Clock, ClockTimer } from '../../time/clock.js';
import type { LiveResource } from './live-resource.js';

/** Most resources that are kept alive at the same time, a count; as in a pool. */
const AT_ONCE = 3;

/**
 * Has cached resources that nobody has used for a while validated, a few at a time, the longest unused first. They don't count as used
 * by that. One timer for all, which holds no process, and none while nothing rests.
 */
export class KeepAlive {
  /** Those that came to rest, in that order; some may have been lent again. */
  private readonly resting = new Set<LiveResource>();
  private running = 0;
  private timer: ClockTimer | undefined;

  /** @param validate calls back when it is done, whatever came of it */
  constructor(
    private readonly policy: ValidationPolicy,
    private readonly clock: Clock,
    private readonly validate: (live: LiveResource, done: () => void) => void,
  ) {}

  /** Nobody uses it any more, or not yet. */
  rested(live: LiveResource): void {
    if (this.policy.keepAlive === Infinity || live.validate === undefined) return;
    this.resting.delete(live);
    this.resting.add(live);
    if (this.timer === undefined) this.look();
  }

  /** It has left the cache. */
  left(live: LiveResource): void {
    this.resting.delete(live);
  }

  /** The cache is at its end. */
  stop(): void {
    this.resting.clear();
    this.wait(Infinity);
  }

  private look(): void {
    const now = this.clock.now();
    for (const live of this.resting) {
      if (this.running === AT_ONCE) return this.wait(Infinity); // the first that is done looks again
      const isUsed = live.leases.size > 0;
      if (!isUsed && !this.policy.isOverlooked(live.aliveAt, 0, now))
        return this.wait(live.aliveAt + this.policy.keepAlive - now);
      this.resting.delete(live);
      if (!isUsed) this.begin(live);
    }
    this.wait(Infinity);
  }

  private begin(live: LiveResource): void {
    this.running++;
    this.validate(live, () => {
      this.running--;
      this.look();
    });
  }

  /** @param delay milliseconds */
  private wait(delay: number): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = delay === Infinity ? undefined : this.clock.setTimeout(() => this.look(), delay);
    this.timer?.unref();
  }
}
