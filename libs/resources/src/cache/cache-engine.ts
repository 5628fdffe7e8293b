import { CacheEntry } from './cache-entry.js';
import { keyHash } from './key-hash.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { createEviction, EVICTION_NAMES, type EvictionName } from '../policies/eviction/create-eviction.js';
import type { EvictionPolicy } from '../policies/eviction/eviction-policy.js';
import type { Clock } from '../time/clock.js';
import { format } from '../time/duration.js';

/** Why an entry left the cache. */
export type RemovalCause = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared';

/** How a {@link CacheEngine} behaves. At least one of the two bounds must be finite. */
export interface CacheEngineSettings {
  /** Most entries, a count of at least 1, or `Infinity`. */
  readonly max: number;
  /** Most weight of all entries together, at least 1, or `Infinity`. */
  readonly maxWeight: number;
  /** Who leaves first. */
  readonly eviction: EvictionName;
  /** Milliseconds after its last use when an entry expires, or `Infinity`. */
  readonly idleTtl: number;
}

/** Options of one entry. */
export interface CacheEntryOptions {
  /** When it expires: milliseconds of the engine's clock. Default `Infinity`. */
  expiresAt?: number;
  /** What it weighs, a whole number of at least 1. Default 1. */
  weight?: number;
}

/**
 * The cache in memory: bounded by count and by weight, synchronous, and without a timer. It exists so that
 * everything about one entry is in one place, which makes every operation O(1).
 *
 * It promises that it never holds more than its bounds, never returns what has expired, never evicts what is
 * pinned, and reports every removal exactly once, after it is done. It leaves loading, timers and the
 * disposal of what was removed to its owner.
 */
export class CacheEngine<V> {
  private readonly entries = new Map<string, CacheEntry<V>>();
  private readonly policy: EvictionPolicy;
  private totalWeight = 0;
  private pinnedCount = 0;
  private pinnedWeight = 0;
  /** Where the next sweep goes on. A Map's iterator follows every change of the Map. */
  private unswept = this.entries.values();

  /**
   * @param removed is told of every entry that left, and why, when the operation is complete; must not throw
   * @throws InvalidOptionsError when a setting cannot work
   */
  constructor(
    private readonly settings: CacheEngineSettings,
    private readonly clock: Clock,
    private readonly removed: (entry: CacheEntry<V>, cause: RemovalCause) => void = () => undefined,
  ) {
    check(settings);
    this.policy = createEviction(settings.eviction);
  }

  /** Entries held, expired ones that were not noticed yet among them. */
  get size(): number {
    return this.entries.size;
  }

  /** The weight of all entries held. */
  get weight(): number {
    return this.totalWeight;
  }

  /** Entries held that are pinned, a count. */
  get pinned(): number {
    return this.pinnedCount;
  }

  /** The entry under a key, which counts as a use. One that has expired is removed. */
  get(key: string): CacheEntry<V> | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt !== Infinity || entry.idleAt !== Infinity) {
      const now = this.clock.now();
      if (isExpired(entry, now)) {
        this.remove(entry, 'expired');
        return undefined;
      }
      entry.idleAt = now + this.settings.idleTtl;
    }
    this.policy.access(entry);
    return entry;
  }

  /** As {@link get}, but does not count as a use. */
  peek(key: string): CacheEntry<V> | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || !this.hasExpired(entry)) return entry;
    this.remove(entry, 'expired');
    return undefined;
  }

  /**
   * Puts a value under a key in place of the one before, and makes room for it.
   *
   * @returns undefined when it can't be held, because it is heavier than all that may be, or because what is
   * pinned leaves no room. The one before is gone even then.
   * @throws InvalidOptionsError when an option cannot work
   */
  set(
    key: string,
    value: V,
    { expiresAt = Infinity, weight = 1 }: CacheEntryOptions = {},
  ): CacheEntry<V> | undefined {
    if (!Number.isSafeInteger(weight) || weight < 1) {
      throw new InvalidOptionsError('weight', `must be a whole number of at least 1; got ${format(weight)}.`);
    }
    if (Number.isNaN(expiresAt)) throw new InvalidOptionsError('expiresAt', 'must be a number; got NaN.');
    const old = this.peek(key);
    if (old !== undefined) this.remove(old, 'replaced');
    const { max, maxWeight, idleTtl } = this.settings;
    if (this.pinnedCount >= max || this.pinnedWeight + weight > maxWeight) return undefined;
    const now = this.clock.now();
    const size = maxWeight === Infinity ? 1 : weight;
    const entry = new CacheEntry(key, value, weight, now, expiresAt, keyHash(key), size);
    entry.idleAt = now + idleTtl;
    while (this.entries.size >= max || this.totalWeight + weight > maxWeight) {
      // What is pinned leaves room, so there is a victim; and the policy's nodes are this engine's entries.
      this.drop(this.policy.evict(size) as CacheEntry<V>, 'evicted');
    }
    this.policy.add(entry);
    this.entries.set(key, entry);
    this.totalWeight += weight;
    return entry;
  }

  /** Evicts the entry that would leave next. @returns false when all are pinned */
  evict(): boolean {
    if (this.pinnedCount >= this.entries.size) return false;
    this.drop(this.policy.evict(1) as CacheEntry<V>, 'evicted'); // one is not pinned, and the policy's nodes are entries
    return true;
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    const entry = this.peek(key);
    if (entry === undefined) return false;
    this.remove(entry, 'deleted');
    return true;
  }

  /** Removes all entries. */
  clear(): void {
    const all = [...this.entries.values()];
    for (const entry of all) this.remove(entry, 'cleared');
  }

  /** Protects an entry from eviction, until {@link unpin} was called as often. It still expires, and may be deleted and replaced. */
  pin(entry: CacheEntry<V>): void {
    if (entry.pins++ > 0 || !entry.held) return;
    this.pinnedCount++;
    this.pinnedWeight += entry.weight;
    this.policy.pin(entry);
  }

  /** Undoes one {@link pin}. */
  unpin(entry: CacheEntry<V>): void {
    if (--entry.pins > 0 || !entry.held) return;
    this.pinnedCount--;
    this.pinnedWeight -= entry.weight;
    this.policy.unpin(entry);
  }

  /** The keys of all entries that have not expired. */
  *keys(): IterableIterator<string> {
    for (const entry of this.entries.values()) if (!this.hasExpired(entry)) yield entry.key;
  }

  /**
   * Removes expired entries. Looks at `limit` entries at most, and the next call goes on from there.
   *
   * @returns how many it removed
   */
  sweep(limit: number): number {
    const now = this.clock.now();
    let swept = 0;
    for (let looked = 0; looked < limit; looked++) {
      const { value: entry, done } = this.unswept.next();
      if (done === true) {
        this.unswept = this.entries.values();
        break;
      }
      if (!isExpired(entry, now)) continue;
      this.remove(entry, 'expired');
      swept++;
    }
    return swept;
  }

  /**
   * The hit rate, from 0 to 1, that the cache would have at another size, as far as can be told from what it
   * saw lately.
   *
   * @param _factor half or twice the size
   * @returns undefined when too little was seen
   */
  estimate(_factor: 0.5 | 2): number | undefined {
    return undefined;
  }

  private hasExpired(entry: CacheEntry<V>): boolean {
    return (entry.expiresAt !== Infinity || entry.idleAt !== Infinity) && isExpired(entry, this.clock.now());
  }

  private remove(entry: CacheEntry<V>, cause: RemovalCause): void {
    if (entry.pins > 0) {
      this.pinnedCount--;
      this.pinnedWeight -= entry.weight;
    }
    this.policy.remove(entry);
    this.drop(entry, cause);
  }

  private drop(entry: CacheEntry<V>, cause: RemovalCause): void {
    this.entries.delete(entry.key);
    this.totalWeight -= entry.weight;
    entry.held = false;
    this.removed(entry, cause);
  }
}

function isExpired({ expiresAt, idleAt }: CacheEntry<unknown>, now: number): boolean {
  return expiresAt <= now || idleAt <= now;
}

function check({ max, maxWeight, eviction, idleTtl }: CacheEngineSettings): void {
  for (const [name, bound] of Object.entries({ max, maxWeight })) {
    if (bound === Infinity || (Number.isSafeInteger(bound) && bound >= 1)) continue;
    throw new InvalidOptionsError(
      name,
      `must be a whole number of at least 1, or Infinity; got ${format(bound)}.`,
    );
  }
  if (max === Infinity && maxWeight === Infinity) {
    throw new InvalidOptionsError('max', 'must be finite when "maxWeight" is not: a cache has a bound.');
  }
  if (!EVICTION_NAMES.includes(eviction)) {
    throw new InvalidOptionsError(
      'eviction',
      `must be one of ${EVICTION_NAMES.join(', ')}; got ${format(eviction)}.`,
    );
  }
  if (!(idleTtl > 0)) {
    throw new InvalidOptionsError('idleTtl', `must be more than 0 milliseconds; got ${format(idleTtl)}.`);
  }
}
