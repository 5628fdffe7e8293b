import { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';

/** A cache of hashes without values, as small as it may be to show how often a policy would hit. */
export class MiniCache {
  private readonly nodes = new Map<number, EvictionNode>();
  /** Hits since the start, or since {@link fade}. A later one weighs more. */
  hits = 0;

  /** @param max most entries, a count of at least 1 */
  constructor(
    private readonly policy: EvictionPolicy,
    private readonly max: number,
  ) {}

  /** Looks a key up, and keeps it when it was not there. A hit is worth so many uses. */
  use(hash: number, uses: number): void {
    const found = this.nodes.get(hash);
    if (found === undefined) {
      this.keep(hash);
      return;
    }
    this.hits += uses;
    this.policy.access(found, uses);
  }

  /** Lets the hits so far weigh less. */
  fade(factor: number): void {
    this.hits *= factor;
  }

  private keep(hash: number): void {
    const { nodes, policy } = this;
    // A node is used again: nothing is pinned here, so a full cache has a victim.
    const node = nodes.size < this.max ? new EvictionNode(hash, 1) : (policy.evict(1) as EvictionNode);
    if (node.hash !== hash) nodes.delete(node.hash);
    node.hash = hash;
    policy.add(node);
    nodes.set(hash, node);
  }
}
