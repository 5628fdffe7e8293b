import type { EvictionNode } from './eviction-node.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { GhostQueue } from './ghost-queue.js';
import { NodeList } from './node-list.js';

const SMALL_SHARE = 0.1;
const MOST_USES = 3;
const USES_FOR_MAIN = 2;

/**
 * S3-FIFO (Yang and others, SOSP 2023): a small queue that most entries leave soon, a main queue for those that were
 * used meanwhile, and a memory of the keys that left the small one.
 */
export class S3FifoEviction implements EvictionPolicy {
  private readonly small = new NodeList();
  private readonly main = new NodeList();
  private readonly ghosts = new GhostQueue();

  add(node: EvictionNode): void {
    node.mark = 0;
    (this.ghosts.take(node.hash) ? this.main : this.small).add(node);
  }

  access(node: EvictionNode): void {
    if (node.mark < MOST_USES) node.mark++;
  }

  replace(old: EvictionNode, node: EvictionNode): void {
    node.mark = old.mark;
    (old.list as NodeList).replace(old, node); // what is in the cache has a list
    this.access(node);
  }

  remove(node: EvictionNode): void {
    if (node.newer !== null) (node.list as NodeList).remove(node);
  }

  evict(incoming: number): EvictionNode | null {
    const { small, main } = this;
    // Each turn takes away a use or an entry, so there is an end.
    for (;;) {
      const isSmallFull = small.size >= SMALL_SHARE * (small.size + main.size + incoming);
      const node = (isSmallFull || main.count === 0 ? small : main).oldest;
      if (node === null) return null;
      const leaves = node.list === small ? this.leavesSmall(node) : this.leavesMain(node);
      if (leaves) return node;
    }
  }

  pin(node: EvictionNode): void {
    (node.list as NodeList).remove(node);
  }

  unpin(node: EvictionNode): void {
    (node.list as NodeList).add(node);
  }

  simulation(): EvictionPolicy {
    return new S3FifoEviction();
  }

  clear(): void {
    this.small.clear();
    this.main.clear();
    this.ghosts.clear();
  }

  private leavesSmall(node: EvictionNode): boolean {
    this.small.remove(node);
    if (node.mark < USES_FOR_MAIN) {
      this.ghosts.add(node.hash, this.small.count + this.main.count + 1);
      return true;
    }
    node.mark = 0;
    this.main.add(node);
    return false;
  }

  private leavesMain(node: EvictionNode): boolean {
    this.main.remove(node);
    if (node.mark === 0) return true;
    node.mark--;
    this.main.add(node);
    return false;
  }
}
