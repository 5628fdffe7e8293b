/**
 * Controlled delay (CoDel, Nichols and Jacobson 2012; as DBConnection uses it for pools): tells a burst from a
 * standing queue by the least wait of an interval, and while the queue stands, sheds callers that have waited
 * for more than twice the target. Some callers then fail early and the others are served in time,
 * where otherwise all would be served late.
 */
export class CoDel {
  private leastWait = 0;
  private intervalEnds = -Infinity;
  private served = 0;
  private servedSeen = 0;
  private overloaded = false;

  /**
   * @param target milliseconds: the acceptable queueing delay
   * @param interval milliseconds for which more than that may be a burst
   */
  constructor(
    readonly target: number,
    readonly interval: number,
  ) {}

  /**
   * To be asked about each caller whose turn it is.
   *
   * @param waited milliseconds
   * @returns whether to shed it
   */
  sheds(waited: number, now: number): boolean {
    this.served++;
    if (now >= this.intervalEnds) {
      this.overloaded = this.leastWait > this.target;
      this.intervalEnds = now + this.interval;
      this.leastWait = waited;
    } else if (waited < this.leastWait) {
      this.leastWait = waited;
    }
    return this.overloaded && this.isTooLong(waited);
  }

  /** To be told when nobody waits any more. */
  queueIsEmpty(): void {
    this.leastWait = 0;
  }

  /** To be told when somebody begins to wait. */
  queueHasBegun(): void {
    this.servedSeen = this.served;
  }

  /** To be asked once an interval while somebody waits. @returns whether nobody's turn came since the last time */
  isStalled(): boolean {
    const stalled = this.served === this.servedSeen;
    this.servedSeen = this.served;
    if (stalled) this.overloaded = true;
    return stalled;
  }

  isTooLong(waited: number): boolean {
    return waited > 2 * this.target;
  }
}
