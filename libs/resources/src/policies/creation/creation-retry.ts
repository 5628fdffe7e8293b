/**
 * Decides whether and when a creation that failed is tried again: exponential back-off with full
 * jitter, so that many pools whose server came back don't all knock at the same moment (Brooker,
 * "Exponential Backoff and Jitter", AWS 2015).
 */
export class CreationRetry {
  /**
   * @param attempts tries in all, a count of at least 1
   * @param delay most milliseconds before the second try; each further one doubles it
   * @param maxDelay milliseconds beyond which it does not grow
   */
  constructor(
    readonly attempts: number,
    readonly delay: number,
    readonly maxDelay: number,
  ) {}

  /**
   * @param failed tries so far, a count of at least 1
   * @param random a number from 0 to below 1
   * @returns milliseconds until the next try, `undefined` when there is none
   */
  delayAfter(failed: number, random: number): number | undefined {
    if (failed >= this.attempts) return undefined;
    return random * Math.min(this.maxDelay, this.delay * 2 ** (failed - 1));
  }
}
