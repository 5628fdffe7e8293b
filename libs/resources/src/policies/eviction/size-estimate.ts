import type { EvictionPolicy } from './eviction-policy.js';
import { MiniCache } from './mini-cache.js';
import { Sampling } from './sampling.js';

const MINI_ENTRIES = 64;
/** Uses per entry of the mini caches after which older ones weigh less. */
const USES_PER_ENTRY = 20;
const FADE = 0.7;

/**
 * Tells how often a cache of half or twice the size would hit, from two mini caches under the same policy that see a
 * small sample of the keys.
 */
export class SizeEstimate {
  private readonly half: MiniCache;
  private readonly twice: MiniCache;
  private readonly sampling: Sampling;
  private readonly period: number;
  private seen = 0;
  private weighed = 0;

  /** @param max entries that the cache holds when it is full, a count; `Infinity` when that is not known */
  constructor(
    policy: EvictionPolicy,
    private readonly max: number,
    private readonly count: () => number,
  ) {
    const entries = Math.min(max, MINI_ENTRIES);
    this.half = new MiniCache(policy.simulation(), Math.max(1, entries >> 1));
    this.twice = new MiniCache(policy.simulation(), entries * 2);
    this.sampling = new Sampling(entries);
    this.period = entries * USES_PER_ENTRY;
    if (max !== Infinity) this.sampling.fit(max);
  }

  /** A key was found, or put because it was not; so many times. */
  use(hash: number, uses: number): void {
    if (!this.sampling.has(hash)) return;
    this.half.use(hash, uses);
    this.twice.use(hash, uses);
    this.seen += uses;
    if (this.seen >= this.period) this.fade();
  }

  /**
   * The hit rate at half or twice the size, from 0 to 1.
   *
   * @returns undefined before enough was seen
   */
  hitRate(factor: 0.5 | 2): number | undefined {
    if (this.weighed === 0) return undefined;
    return (factor === 2 ? this.twice : this.half).hits / (this.weighed + this.seen);
  }

  private fade(): void {
    this.weighed = (this.weighed + this.seen) * FADE;
    this.seen = 0;
    this.half.fade(FADE);
    this.twice.fade(FADE);
    if (this.max === Infinity) this.sampling.fit(this.count());
  }
}
