// One thing with the list, which consists of its nodes, in two files: each node knows in which it is. So a type points back here.
import type { NodeList } from './node-list.js';

/**
 * What an eviction policy knows of a cache entry. The entry itself is the node, so that a policy needs no
 * memory and no look-up of its own per entry.
 */
export class EvictionNode {
  /** Neighbours in {@link list}; both are null while the node is in none, as when it is pinned. */
  newer: EvictionNode | null = null;
  older: EvictionNode | null = null;
  /** The list the node is in, or goes back to when it is unpinned. */
  list: NodeList | null = null;
  /** What the policy remembers of its uses: a bit, or a small count. */
  mark = 0;

  /**
   * @param hash 32 bits that depend on the key alone
   * @param size its share of the cache: 1, or its weight where weight is bounded
   */
  constructor(
    public hash: number,
    readonly size: number,
  ) {}
}
