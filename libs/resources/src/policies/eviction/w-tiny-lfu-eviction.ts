import type { EvictionNode } from './eviction-node.js';
import { FrequencySketch } from './frequency-sketch.js';
import { type WindowSize, WindowTinyLfu } from './window-tiny-lfu.js';

/**
 * W-TinyLFU that counts uses. Uses in the window come in bursts that say little of the time after, so only
 * every other one of them counts there.
 */
export class WTinyLfuEviction extends WindowTinyLfu {
  /** @param share the window's share of all entries, from 0 to 1 */
  constructor(share: number) {
    super(new FrequencySketch(), { share } satisfies WindowSize);
  }

  override add(node: EvictionNode): void {
    node.mark = 0;
    this.sketch.ensure(this.count + 1);
    this.sketch.increment(node.hash);
    super.add(node);
  }

  override access(node: EvictionNode, uses: number): void {
    if (uses === 0) return;
    if (node.list === this.window) node.mark ^= 1;
    if (node.list !== this.window || node.mark === 0) this.sketch.increment(node.hash);
    super.access(node, uses);
  }
}
