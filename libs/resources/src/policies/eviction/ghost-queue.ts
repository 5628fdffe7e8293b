/** Which keys were evicted lately, first in, first out. Keeps hashes, no values. */
export class GhostQueue {
  private readonly hashes = new Set<number>();
  /**
   * A Set's iterator follows its changes: all that it has passed is gone, so the next is the oldest. It also keeps every table that
   * the Set has left since it was asked last, and is made anew now and then.
   */
  private oldest = this.hashes.values();
  private added = 0;

  /** Remembers one, and forgets the oldest beyond `most`. */
  add(hash: number, most: number): void {
    this.hashes.delete(hash);
    this.hashes.add(hash);
    if (++this.added > most) this.renew();
    while (this.hashes.size > most) {
      const { value, done } = this.oldest.next();
      if (done !== true) this.hashes.delete(value);
    }
  }

  /** @returns whether it was remembered; it is no longer */
  take(hash: number): boolean {
    return this.hashes.delete(hash);
  }

  clear(): void {
    this.hashes.clear();
    this.renew();
  }

  private renew(): void {
    this.oldest = this.hashes.values();
    this.added = 0;
  }
}
