import type { EvictionNode } from './eviction-node.js';
import { MiniCache } from './mini-cache.js';
import { Sampling } from './sampling.js';
import { WTinyLfuEviction } from './w-tiny-lfu-eviction.js';
import { WindowTinyLfu } from './window-tiny-lfu.js';

/** Windows to choose from. 1 % is best for loops and scans; 99 % is LRU. */
const SHARES = [0.01, 0.1, 0.25, 0.5, 0.8, 0.99];
const FIRST = 2;
const MINI_ENTRIES = 128;
/** Uses per entry of the mini caches after which the window is chosen anew. */
const USES_PER_ENTRY = 2;
/** What the hits of one period weigh in the next. */
const FADE = 0.9;
/** How much higher another window's hit rate must be. */
const MARGIN = 0.005;

/**
 * W-TinyLFU whose window is as large as is best for the traffic of the moment. No fixed one is: a small window is
 * right where frequency tells, a large one where recency does.
 *
 * Mini caches, one with each window, see a small sample of the keys, and the window of the one that hits most
 * often becomes the cache's. That finds the best window without trying worse ones on real entries.
 */
export class AdaptiveEviction extends WTinyLfuEviction {
  private readonly minis: readonly MiniCache[];
  private readonly sampling: Sampling;
  private readonly period: number;
  private chosen = FIRST;
  private seen = 0;
  private weighed = 0;

  /** @param max entries that the cache holds when it is full, a count; `Infinity` when that is not known */
  constructor(private readonly max: number) {
    super(SHARES[FIRST]);
    const entries = Math.min(max, MINI_ENTRIES);
    this.minis = SHARES.map((share) => new MiniCache(new WindowTinyLfu(this.sketch, { share }), entries));
    this.sampling = new Sampling(entries);
    this.period = entries * USES_PER_ENTRY;
    if (max !== Infinity) this.sampling.fit(max);
  }

  override add(node: EvictionNode): void {
    super.add(node);
    this.sample(node.hash);
  }

  override access(node: EvictionNode, uses: number): void {
    if (uses === 0) return;
    super.access(node, uses);
    this.sample(node.hash);
  }

  private sample(hash: number): void {
    if (!this.sampling.has(hash)) return;
    for (const mini of this.minis) mini.use(hash, 1);
    if (++this.seen >= this.period) this.choose();
  }

  private choose(): void {
    const { minis, chosen } = this;
    this.weighed = this.weighed * FADE + this.seen;
    this.seen = 0;
    let best = chosen;
    for (let i = 0; i < minis.length; i++) if (minis[i].hits > minis[best].hits) best = i;
    if (minis[best].hits > minis[chosen].hits + MARGIN * this.weighed) {
      this.chosen = best;
      this.windowSize.share = SHARES[best];
    }
    for (const mini of minis) mini.fade(FADE);
    if (this.max === Infinity) this.sampling.fit(this.count);
  }
}
