/** Uses after an entry was put that all count. Real traffic rarely has more of them between two misses. */
const EXACT = 256;
/** When there are more, one in a number of them counts for all. */
const ONE_OF = 16;

/**
 * How closely uses are watched. Which entry leaves next matters only when one has to leave, so while there are only
 * hits, a sample of them tells enough, and a hit costs next to nothing.
 */
export class AccessSampler {
  private exact = EXACT;
  private skipped = 0;

  /** How many uses the present one counts for, 0 or more. */
  next(): number {
    if (this.exact > 0) {
      this.exact--;
      return 1;
    }
    if (++this.skipped < ONE_OF) return 0;
    this.skipped = 0;
    return ONE_OF;
  }

  /** An entry was put: uses count again. */
  wake(): void {
    this.exact = EXACT;
  }
}
