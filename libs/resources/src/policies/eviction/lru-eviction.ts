import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { FifoEviction } from './fifo-eviction.js';

/**
 * The least recently used leaves first: the order of arrival, where a use counts as one. Good where what was used last is used
 * next; helpless against scans.
 */
export class LruEviction extends FifoEviction {
  override access(node: EvictionNode): void {
    if (node.newer !== null) this.nodes.refresh(node);
  }

  override replace(old: EvictionNode, node: EvictionNode): void {
    super.replace(old, node);
    this.nodes.refresh(node);
  }

  override simulation(): EvictionPolicy {
    return new LruEviction();
  }
}
