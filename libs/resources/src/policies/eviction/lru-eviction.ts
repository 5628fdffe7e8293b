import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { NodeList } from './node-list.js';

/** The least recently used leaves first. Good where what was used last is used next; helpless against scans. */
export class LruEviction implements EvictionPolicy {
  private readonly nodes = new NodeList();

  add(node: EvictionNode): void {
    this.nodes.add(node);
  }

  access(node: EvictionNode): void {
    if (node.newer !== null) this.nodes.refresh(node);
  }

  replace(old: EvictionNode, node: EvictionNode): void {
    this.nodes.replace(old, node);
    this.nodes.refresh(node);
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
    return new LruEviction();
  }

  clear(): void {
    this.nodes.clear();
  }
}
