import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { NodeList } from './node-list.js';

/** The oldest leaves first, used or not. */
export class FifoEviction implements EvictionPolicy {
  protected readonly nodes = new NodeList();

  add(node: EvictionNode): void {
    this.nodes.add(node);
  }

  access(_node: EvictionNode): void {
    // Uses do not count.
  }

  replace(old: EvictionNode, node: EvictionNode): void {
    this.nodes.replace(old, node);
  }

  remove(node: EvictionNode): void {
    if (node.newer !== null) this.nodes.remove(node);
  }

  evict(): EvictionNode | null {
    const victim = this.nodes.oldest;
    if (victim !== null) this.nodes.remove(victim);
    return victim;
  }

  pin(node: EvictionNode): void {
    this.nodes.remove(node);
  }

  unpin(node: EvictionNode): void {
    this.nodes.add(node);
  }

  simulation(): EvictionPolicy {
    return new FifoEviction();
  }

  clear(): void {
    this.nodes.clear();
  }
}
