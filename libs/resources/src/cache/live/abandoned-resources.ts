import type { AbandonmentPolicy } from '../../policies/leases/abandonment-policy.js';
import type { Clock, ClockTimer } from '../../time/clock.js';
import type { LiveResource } from './live-resource.js';

/**
 * Resources that have left the cache soon after a unit of work was given up which may still use them unseen: each is held for a
 * while, so that the work can end, and then destroyed, the first to come first. They keep their places meanwhile. One timer for
 * all, which holds no process.
 */
export class AbandonedResources {
  private readonly held = new Map<LiveResource, () => void>();
  private timer: ClockTimer | undefined;
  private over = false;

  /** @param max of the cache */
  constructor(
    private readonly policy: AbandonmentPolicy,
    private readonly max: number,
    private readonly clock: Clock,
  ) {}

  /** Those that are held, a count. */
  get size(): number {
    return this.held.size;
  }

  /** @param destroy called when its time has come; at once if that is over, or nobody has abandoned it */
  hold(live: LiveResource, destroy: () => void): void {
    if (live.abandonedAt === undefined || this.over) return destroy();
    this.held.set(live, destroy);
    this.settle();
  }

  /** The cache is at its end: from now on none is held. */
  end(): void {
    this.over = true;
    this.settle();
  }

  /** Lets go of those whose time has come, and waits for the next. */
  private settle(): void {
    const { policy, max, held, clock } = this;
    const now = clock.now();
    let due = Infinity;
    for (const [live, destroy] of held) {
      const since = live.abandonedAt ?? now;
      if (this.over || policy.retires({ count: held.size, since }, max, now)) {
        held.delete(live);
        destroy();
      } else due = Math.min(due, since + policy.wait);
    }
    if (this.timer !== undefined) clock.clearTimeout(this.timer);
    this.timer = due === Infinity ? undefined : clock.setTimeout(() => this.settle(), due - now);
    this.timer?.unref();
  }
}
