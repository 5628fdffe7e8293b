/** Decides until when an entry lives. Times are milliseconds. */
export class ExpiryPolicy {
  /**
   * @param ttl how long an entry lives after it was written, unless its own says otherwise; `Infinity` for forever
   * @param jitter by what share a life is shortened at most, from 0 to 1, so that what was written together
   * does not expire together
   * @param random a number from 0 up to 1
   */
  constructor(
    readonly ttl: number,
    readonly jitter: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The moment at which something that is written now expires. Never later than `now + ttl`. */
  expiresAt(now: number, ttl: number = this.ttl): number {
    if (this.jitter === 0 || ttl === Infinity) return now + ttl;
    return now + ttl * (1 - this.jitter * this.random());
  }
}
