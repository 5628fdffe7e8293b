import type { EvictionNode } from './eviction-node.js';

/**
 * Decides which entry leaves a full cache. It knows no capacity: the cache makes room, by count or by weight,
 * by asking for one victim after the other, and adds the new entry afterwards.
 *
 * A pinned node is in no list, so that the search for a victim never meets it.
 */
export interface EvictionPolicy {
  /** A new entry, which is in the cache from now on. */
  add(node: EvictionNode): void;
  /**
   * An entry was found.
   *
   * @param uses how many uses it stands for; 0 when a policy for which a sample is enough may do nothing
   */
  access(node: EvictionNode, uses: number): void;
  /** `node` takes the place of `old`, which leaves, and was used by that. `node` is not pinned. */
  replace(old: EvictionNode, node: EvictionNode): void;
  /** An entry left for another reason than eviction. */
  remove(node: EvictionNode): void;
  /**
   * Takes out the entry that is worth least.
   *
   * @param incoming the size of the entry to make room for
   * @returns null when all entries are pinned
   */
  evict(incoming: number): EvictionNode | null;
  /** Protects an entry from eviction. */
  pin(node: EvictionNode): void;
  /** Ends the protection; the entry was used until now. */
  unpin(node: EvictionNode): void;
  /** A policy without entries that decides as this one does, for a simulation in small. */
  simulation(): EvictionPolicy;
  /** All entries left. */
  clear(): void;
}
