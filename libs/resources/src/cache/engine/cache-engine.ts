import type { RemovalCause } from '../../reports/cache-stats.js';
import { CacheEntry } from './cache-entry.js';
import { keyHash } from './key-hash.js';
import { type CacheEngineSettings, readEngineOptions } from './cache-engine-settings.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { OptionReader } from '../../options/option-reader.js';
import { AccessSampler } from '../../policies/eviction/access-sampler.js';
import { createEviction } from '../../policies/eviction/create-eviction.js';
import type { EvictionPolicy } from '../../policies/eviction/eviction-policy.js';
import { SizeEstimate } from '../../policies/eviction/size-estimate.js';
import type { Clock } from '../../time/clock.js';
import { describeValue } from '../../words/describe-value.js';

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
 * destruction of what was removed to its owner.
 */
export class CacheEngine<V> {
  private readonly entries = new Map<string, CacheEntry<V>>();
  private readonly policy: EvictionPolicy;
  private readonly sizes: SizeEstimate;
  private readonly sampler = new AccessSampler();
  private readonly settings: CacheEngineSettings;
  private totalWeight = 0;
  private pinnedCount = 0;
  private pinnedWeight = 0;
  /**
   * Where the next sweep goes on, if the last one did not come to the end. A Map's iterator follows every change of the Map, and so
   * it keeps all that left the Map since it was asked last: it goes when nothing is left to sweep.
   */
  private unswept: IterableIterator<CacheEntry<V>> | undefined;

  /**
   * @param removed is told of every entry that left, and why, when the operation is complete; must not throw
   * @throws InvalidOptionsError when a setting cannot work
   */
  constructor(
    settings: CacheEngineSettings,
    private readonly clock: Clock,
    private readonly removed: (entry: CacheEntry<V>, cause: RemovalCause) => void = () => undefined,
  ) {
    this.settings = readEngineOptions(new OptionReader(''), settings);
    const { eviction, max, maxWeight } = this.settings;
    // By weight, nobody knows how many entries it will hold.
    const most = maxWeight === Infinity ? max : Infinity;
    this.policy = createEviction(eviction, most);
    this.sizes = new SizeEstimate(this.policy, most, () => this.size);
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
    const uses = this.sampler.next();
    this.policy.access(entry, uses);
    if (uses > 0) this.sizes.use(entry.hash, uses);
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
      throw new InvalidOptionsError(
        'weight',
        `must be a whole number of at least 1; got ${describeValue(weight)}.`,
      );
    }
    if (Number.isNaN(expiresAt)) throw new InvalidOptionsError('expiresAt', 'must be a number; got NaN.');
    const old = this.peek(key);
    if (!this.canHold(weight, old)) {
      if (old !== undefined) this.remove(old, 'replaced');
      return undefined;
    }
    const { maxWeight, idleTtl } = this.settings;
    const now = this.clock.now();
    const size = maxWeight === Infinity ? 1 : weight;
    const entry = new CacheEntry(key, value, weight, now, expiresAt, old?.hash ?? keyHash(key), size);
    entry.idleAt = now + idleTtl;
    const victims = this.makeRoom(entry, old);
    if (old === undefined) this.policy.add(entry);
    else this.takeOver(old, entry);
    this.entries.set(key, entry);
    this.totalWeight += weight;
    this.sampler.wake();
    // Of what was looked up in vain. Replacing an entry is not a look-up.
    if (old === undefined) this.sizes.use(entry.hash, 1);
    else this.removed(old, 'replaced');
    if (victims !== undefined) for (const victim of victims) this.removed(victim, 'evicted');
    return entry;
  }

  /** Evicts the entry that would leave next. @returns false when all are pinned */
  evict(): boolean {
    if (this.pinnedCount >= this.entries.size) return false;
    this.removed(this.takeVictim(1), 'evicted');
    return true;
  }

  /** @returns whether there was one */
  delete(key: string, cause: 'deleted' | 'invalid' = 'deleted'): boolean {
    const entry = this.peek(key);
    if (entry === undefined) return false;
    this.remove(entry, cause);
    return true;
  }

  /** Removes all entries. */
  clear(): void {
    const all = [...this.entries.values()];
    this.entries.clear();
    this.policy.clear();
    this.totalWeight = 0;
    this.pinnedCount = 0;
    this.pinnedWeight = 0;
    for (const entry of all) entry.held = false;
    for (const entry of all) this.removed(entry, 'cleared');
  }

  /** Protects an entry from eviction, until {@link unpin} was called as often. It still expires, and may be deleted and replaced. */
  pin(entry: CacheEntry<V>): void {
    if (entry.pins++ > 0 || !entry.held) return;
    this.pinnedCount++;
    this.pinnedWeight += entry.weight;
    this.policy.pin(entry);
  }

  /** Undoes one {@link pin}. Without one it does nothing. */
  unpin(entry: CacheEntry<V>): void {
    if (entry.pins === 0 || --entry.pins > 0 || !entry.held) return;
    this.pinnedCount--;
    this.pinnedWeight -= entry.weight;
    this.policy.unpin(entry);
  }

  /** All entries, expired ones that were not noticed yet among them. */
  all(): IterableIterator<CacheEntry<V>> {
    return this.entries.values();
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
    const unswept = this.unswept ?? this.entries.values();
    let swept = 0;
    this.unswept = unswept;
    for (let looked = 0; looked < limit; looked++) {
      const { value: entry, done } = unswept.next();
      if (done === true) {
        this.unswept = undefined;
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
   * @param factor half or twice the size
   * @returns undefined when too little was seen
   */
  estimate(factor: 0.5 | 2): number | undefined {
    return this.sizes.hitRate(factor);
  }

  private hasExpired(entry: CacheEntry<V>): boolean {
    return (entry.expiresAt !== Infinity || entry.idleAt !== Infinity) && isExpired(entry, this.clock.now());
  }

  /** Whether a new entry has room beside those that are pinned, when `old` is gone. */
  private canHold(weight: number, old: CacheEntry<V> | undefined): boolean {
    const { max, maxWeight } = this.settings;
    const isOldPinned = old !== undefined && old.pins > 0;
    const count = this.pinnedCount - (isOldPinned ? 1 : 0);
    const pinnedWeight = this.pinnedWeight - (isOldPinned ? old.weight : 0);
    return count < max && pinnedWeight + weight <= maxWeight;
  }

  /** Takes out what must leave for the new entry, and never the one that it replaces. */
  private makeRoom(entry: CacheEntry<V>, old: CacheEntry<V> | undefined): CacheEntry<V>[] | undefined {
    const { max, maxWeight } = this.settings;
    const most = old === undefined ? max - 1 : max;
    const mostWeight = maxWeight - entry.weight + (old?.weight ?? 0);
    if (this.entries.size <= most && this.totalWeight <= mostWeight) return undefined;
    if (old?.pins === 0) this.policy.pin(old);
    const victims: CacheEntry<V>[] = [];
    while (this.entries.size > most || this.totalWeight > mostWeight)
      victims.push(this.takeVictim(entry.size));
    return victims;
  }

  /** There must be an entry that is not pinned. */
  private takeVictim(incoming: number): CacheEntry<V> {
    const victim = this.policy.evict(incoming) as CacheEntry<V>; // the policy's nodes are this engine's entries
    this.entries.delete(victim.key);
    this.totalWeight -= victim.weight;
    victim.held = false;
    return victim;
  }

  private takeOver(old: CacheEntry<V>, entry: CacheEntry<V>): void {
    this.policy.replace(old, entry);
    this.totalWeight -= old.weight;
    this.unhold(old);
  }

  private remove(entry: CacheEntry<V>, cause: RemovalCause): void {
    this.policy.remove(entry);
    this.entries.delete(entry.key);
    this.totalWeight -= entry.weight;
    this.unhold(entry);
    this.removed(entry, cause);
  }

  /** A pinned entry that leaves takes no room from others any more. */
  private unhold(entry: CacheEntry<V>): void {
    entry.held = false;
    if (entry.pins === 0) return;
    this.pinnedCount--;
    this.pinnedWeight -= entry.weight;
  }
}

function isExpired({ expiresAt, idleAt }: CacheEntry<unknown>, now: number): boolean {
  return expiresAt <= now || idleAt <= now;
}
