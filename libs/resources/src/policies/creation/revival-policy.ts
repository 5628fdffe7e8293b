/** How often it is tried, in milliseconds from one try to the next: each pool at its own moment within the last fifth. */
const INTERVAL = 1_000;
const JITTER = 0.2;

/** Most milliseconds until the first try, after what was there has died: many pools lose their resources at the same moment. */
const AT_FIRST = 250;

/** For how long it may be tried until that counts as a failure, in milliseconds. */
const PATIENCE = 1_000;

/**
 * Decides when a pool in which nothing works tries to create although nobody asks, and when it must admit that nothing does. It exists because a
 * replica that is out of the balancer gets no traffic: without it, nobody would ever learn that the other side is back.
 */
export class RevivalPolicy {
  /** Milliseconds from one try to the next. @param random a number from 0 to below 1 */
  interval(random: number): number {
    return INTERVAL * (1 - JITTER * random);
  }

  /** Milliseconds from the last death to the first try. @param random a number from 0 to below 1 */
  afterDeath(random: number): number {
    return AT_FIRST * random;
  }

  /** Whether it has been tried for so long that nothing will come of it. Moments in milliseconds. */
  isInVain(triedSince: number, now: number): boolean {
    return now - triedSince >= PATIENCE;
  }
}
