/** The resources that are held, as the policy sees them. Times are milliseconds of the pool's clock. */
export interface HeldResources {
  /** A count. */
  count: number;
  /** Since when the first of them has been held. */
  since: number;
}

/**
 * Decides how long a resource is held whose loan was given up while work with it may go on unseen, and how many are held at
 * a time. It only decides; the pool acts.
 *
 * Waiting lets that work come to its end. But what is held is missing: at five such losses a second, a pool of ten that
 * held each for five seconds served 41 % of its honest callers, and all of them when it held two at the most.
 */
export class AbandonmentPolicy {
  /**
   * @param wait milliseconds for which one is held; 0 for not at all, `Infinity` until it must make room
   * @param share the part of the pool's `max`, from 0 to 1, that may be held at a time; one may always be
   */
  constructor(
    readonly wait: number,
    readonly share: number,
  ) {}

  /** Whether the one that has been held for longest goes now. @param max of the pool */
  retires({ count, since }: HeldResources, max: number, now: number): boolean {
    return now >= since + this.wait || count > this.mostHeld(max);
  }

  private mostHeld(max: number): number {
    const exact = Math.round(this.share * max * 1e6) / 1e6; // 0.29 of 100 are 29
    return Math.max(1, Math.floor(exact));
  }
}
