/** Which keys were evicted lately, first in, first out. Keeps hashes, no values. */
export class GhostQueue {
  private readonly hashes = new Set<number>();
  /** A Set's iterator follows its changes: all that it has passed is gone, so the next is the oldest. */
  private oldest = this.hashes.values();

  /** Remembers one, and forgets the oldest beyond `most`. */
  add(hash: number, most: number): void {
    this.hashes.delete(hash);
    this.hashes.add(hash);
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
    this.oldest = this.hashes.values();
  }
}
