import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { NodeList } from './node-list.js';

/**
 * SIEVE (Zhang and others, NSDI 2024): a hand goes from the oldest to the newest and takes the first entry that was
 * not used since it last came by. A use costs one bit. Good on web traffic; helpless against loops and scans.
 */
export class SieveEviction implements EvictionPolicy {
  private readonly nodes = new NodeList();
  private hand: EvictionNode | null = null;

  add(node: EvictionNode): void {
    node.mark = 0;
    this.nodes.add(node);
  }

  access(node: EvictionNode): void {
    node.mark = 1;
  }

  replace(old: EvictionNode, node: EvictionNode): void {
    if (this.hand === old) this.hand = node;
    this.nodes.replace(old, node);
    node.mark = 1;
  }

  remove(node: EvictionNode): void {
    if (node.newer === null) return;
    if (this.hand === node) this.hand = this.nodes.newerThan(node);
    this.nodes.remove(node);
  }

  evict(): EvictionNode | null {
    let victim = this.hand ?? this.nodes.oldest;
    while (victim !== null && victim.mark !== 0) {
      victim.mark = 0;
      victim = this.nodes.newerThan(victim) ?? this.nodes.oldest;
    }
    if (victim === null) return null;
    this.hand = victim;
    this.remove(victim);
    return victim;
  }

  pin(node: EvictionNode): void {
    this.remove(node);
  }

  unpin(node: EvictionNode): void {
    this.nodes.add(node);
    node.mark = 1;
  }

  simulation(): EvictionPolicy {
    return new SieveEviction();
  }

  clear(): void {
    this.nodes.clear();
    this.hand = null;
  }
}
