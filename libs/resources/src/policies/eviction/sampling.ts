/**
 * Picks a fixed set of keys so that a cache which sees them alone, and is smaller in the same proportion, hits about
 * as often as the whole (spatial sampling; Waldspurger and others, FAST 2015).
 */
export class Sampling {
  private below = 2 ** 32;

  /** @param entries of the mini cache, a count */
  constructor(private readonly entries: number) {}

  /** Fits the sample to the size of the real cache, a count. */
  fit(entries: number): void {
    this.below = Math.min(1, this.entries / entries) * 2 ** 32;
  }

  has(hash: number): boolean {
    return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0 < this.below;
  }
}
