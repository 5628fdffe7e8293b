import { EvictionNode } from '../../policies/eviction/eviction-node.js';

/** A value in the cache. Replacing the value of a key makes a new entry, so that whoever holds this one keeps it. */
export class CacheEntry<V> extends EvictionNode {
  /** Milliseconds of the engine's clock; `Infinity` for never. May be changed at any time. */
  expiresAt: number;
  /** When it expires unless it is used again: milliseconds of the engine's clock, or `Infinity`. Kept by the engine. */
  idleAt = Infinity;
  /** Whether the engine holds it. Kept by the engine. */
  held = true;
  /** Pins that were not undone, a count. Kept by the engine. */
  pins = 0;

  constructor(
    readonly key: string,
    readonly value: V,
    readonly weight: number,
    /** Milliseconds of the engine's clock. */
    readonly writtenAt: number,
    expiresAt: number,
    hash: number,
    size: number,
  ) {
    super(hash, size);
    this.expiresAt = expiresAt;
  }
}
