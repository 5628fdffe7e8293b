/** Words of one block: 64 bytes, a cache line. */
const BLOCK = 16;
/** Counters of a table per entry. */
const COUNTERS_PER_ENTRY = 32;
/** Uses per entry after which all counts are halved. */
const USES_PER_ENTRY = 10;
/** Entries a table has room for at least: with fewer, a small cache would forget too soon. */
const FEWEST_ENTRIES = 256;

/**
 * About how often each key was used lately: a count-min sketch of 4-bit counters, all of which are halved
 * once in a while, so that what was popular once does not stay forever (TinyLFU; Einziger, Friedman,
 * Manes, ACM ToS 2017). A key's four counters are in one cache line, as in Caffeine.
 */
export class FrequencySketch {
  private table = new Int32Array(0);
  private blockMask = 0;
  private entries = 0;
  private uses = 0;

  constructor() {
    this.grow(FEWEST_ENTRIES);
  }

  /** Makes room for this many entries. Counts are kept. */
  ensure(entries: number): void {
    if (entries > this.entries) this.grow(this.entries * 2);
  }

  /** Counts one use. */
  increment(hash: number): void {
    const { table } = this;
    const block = (hash & this.blockMask) * BLOCK;
    let bits = spread(hash);
    for (let row = 0; row < BLOCK; row += 4) {
      const at = block + row + (bits & 3);
      const shift = bits & 28;
      if (((table[at] >>> shift) & 15) < 15) table[at] += 1 << shift;
      bits >>>= 5;
    }
    // One that is at its end counts, too: otherwise a few very popular keys would keep what was popular before.
    if (++this.uses >= this.entries * USES_PER_ENTRY) this.age();
  }

  /** Uses of a key, from 0 to 15; sometimes too many, never too few. */
  frequency(hash: number): number {
    const { table } = this;
    const block = (hash & this.blockMask) * BLOCK;
    let bits = spread(hash);
    let least = 15;
    for (let row = 0; row < BLOCK; row += 4) {
      const count = (table[block + row + (bits & 3)] >>> (bits & 28)) & 15;
      if (count < least) least = count;
      bits >>>= 5;
    }
    return least;
  }

  private age(): void {
    const { table } = this;
    for (let i = 0; i < table.length; i++) table[i] = (table[i] >>> 1) & 0x77777777;
    this.uses >>>= 1;
  }

  /** A key's block is chosen by the low bits of its hash, so that twice the table is the table twice. */
  private grow(entries: number): void {
    const { table } = this;
    this.entries = entries;
    this.table = new Int32Array((entries * COUNTERS_PER_ENTRY) / 8);
    this.blockMask = this.table.length / BLOCK - 1;
    for (let at = 0; table.length > 0 && at < this.table.length; at += table.length)
      this.table.set(table, at);
  }
}

/** 20 bits for the four rows, independent of those that chose the block. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
