import { EvictionNode } from './eviction-node.js';

/** A list through the nodes themselves, from the newest to the oldest. Every step is O(1). */
export class NodeList {
  /** Stands between the oldest and the newest, so that no operation needs to ask for an end. */
  private readonly ends = new EvictionNode(0, 0);
  /** Nodes, a count. */
  count = 0;
  /** The sum of the nodes' sizes. */
  size = 0;

  constructor() {
    this.ends.newer = this.ends;
    this.ends.older = this.ends;
  }

  get oldest(): EvictionNode | null {
    const { newer } = this.ends;
    return newer === this.ends ? null : newer;
  }

  /** The next newer one, or null when the node is the newest. */
  newerThan(node: EvictionNode): EvictionNode | null {
    return node.newer === this.ends ? null : node.newer;
  }

  /** Puts a node that is in no list in front of the newest. */
  add(node: EvictionNode): void {
    const { ends } = this;
    const second = ends.older as EvictionNode; // a ring has no gaps
    node.list = this;
    node.newer = ends;
    node.older = second;
    second.newer = node;
    ends.older = node;
    this.count++;
    this.size += node.size;
  }

  /** Takes a node out that is in this list. It remembers the list. */
  remove(node: EvictionNode): void {
    const newer = node.newer as EvictionNode; // a ring has no gaps
    const older = node.older as EvictionNode;
    newer.older = older;
    older.newer = newer;
    node.newer = null;
    node.older = null;
    this.count--;
    this.size -= node.size;
  }

  /** Makes a node of this list the newest. */
  refresh(node: EvictionNode): void {
    const { ends } = this;
    const newer = node.newer as EvictionNode; // a ring has no gaps
    if (newer === ends) return;
    const older = node.older as EvictionNode;
    newer.older = older;
    older.newer = newer;
    const second = ends.older as EvictionNode;
    node.newer = ends;
    node.older = second;
    second.newer = node;
    ends.older = node;
  }

  /** Puts a node that is in no list in the place of one of this list; in front, when that one is pinned. */
  replace(old: EvictionNode, node: EvictionNode): void {
    if (old.newer === null) {
      this.add(node);
      return;
    }
    const { newer } = old;
    const older = old.older as EvictionNode; // a ring has no gaps
    node.list = this;
    node.newer = newer;
    node.older = older;
    newer.older = node;
    older.newer = node;
    old.newer = null;
    old.older = null;
    this.size += node.size - old.size;
  }

  /** Forgets all nodes at once. They must not be used again. */
  clear(): void {
    this.ends.newer = this.ends;
    this.ends.older = this.ends;
    this.count = 0;
    this.size = 0;
  }
}
