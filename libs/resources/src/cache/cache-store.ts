import { heed } from '../words/warn-of.js';
import { ExpiryPolicy } from '../policies/eviction/expiry-policy.js';
import { CacheEngine } from './engine/cache-engine.js';
import type { CacheEngineSettings } from './engine/cache-engine-settings.js';
import type { RemovalCause } from '../reports/cache-stats.js';
import type { CacheEntry } from './engine/cache-entry.js';
import type { CacheSettings } from './cache-options.js';
import type { CacheCounts } from './cache-counts.js';
import type { Timekeeping } from '../time/timekeeping.js';
import { type Keeping, NO_TAGS } from './entry-options.js';
import type { SecondaryStores } from './keyv/secondary-stores.js';
import { CachedFailure, CachedValue, type Held, Reservation } from './live/held.js';
import { LiveResource } from './live/live-resource.js';
import { Sweeper } from './engine/sweeper.js';
import { TagIndex } from './engine/tag-index.js';

/**
 * Everything that stands under a key: in memory by the engine, and values without tags in the secondary stores,
 * too. It knows how long an entry lives and which tags it has; who asks, loads and lends is decided above it.
 */
export class CacheStore {
  readonly engine: CacheEngine<Held>;
  /** Keeps nothing more. */
  closed = false;
  private readonly tagged = new TagIndex();
  private readonly expiry: ExpiryPolicy;
  private readonly sweeper: Sweeper;
  /** How long values are kept beyond their life: the longest time for which a stale one has been asked for so far, in milliseconds. */
  private grace: number;

  /**
   * @param left is told of every resource that has left the cache
   * @param lost is told of every value that has
   */
  constructor(
    private readonly settings: CacheEngineSettings & Pick<CacheSettings, 'weigh' | 'ttl' | 'jitter' | 'load'>,
    private readonly time: Timekeeping,
    private readonly counts: CacheCounts,
    readonly secondary: SecondaryStores,
    private readonly left: (live: LiveResource) => void,
    private readonly lost: (key: string, cause: RemovalCause) => void,
  ) {
    this.grace = Math.max(settings.load.staleWhileRevalidate, settings.load.staleIfError);
    this.engine = new CacheEngine<Held>(settings, time.clock, (entry, cause) => this.removed(entry, cause));
    this.expiry = new ExpiryPolicy(settings.ttl, settings.jitter);
    this.sweeper = new Sweeper(this.engine, time.clock);
  }

  get(key: string): Held | undefined {
    return this.engine.get(key)?.value;
  }

  /** The value under a key while it is fresh. */
  fresh(key: string): unknown {
    const held = this.engine.get(key)?.value;
    return held instanceof CachedValue && this.isFresh(held) ? held.value : undefined;
  }

  /** Like {@link fresh}, without counting as a use. */
  peek(key: string): CachedValue | undefined {
    const held = this.engine.peek(key)?.value;
    return held instanceof CachedValue && this.isFresh(held) ? held : undefined;
  }

  /** Milliseconds that a fresh value has left to live, or `Infinity`. */
  remaining(key: string): number {
    const entry = this.engine.peek(key);
    if (!(entry?.value instanceof CachedValue)) return 0;
    const end = Math.min(entry.value.freshUntil, entry.expiresAt);
    return end === Infinity ? Infinity : end - this.time.clock.now();
  }

  /** The keys of all fresh values. */
  *keys(): IterableIterator<string> {
    for (const key of this.engine.keys()) if (this.peek(key)?.value !== undefined) yield key;
  }

  /** A stale value may be asked for, this long after its life, also of those that are here already. @param grace milliseconds */
  keepStale(grace: number): void {
    if (grace <= this.grace) return;
    this.grace = grace;
    for (const entry of this.engine.all()) {
      const { value: held, expiresAt } = entry;
      if (!(held instanceof CachedValue) || held.value === undefined) continue;
      held.freshUntil = Math.min(held.freshUntil, expiresAt);
      entry.expiresAt = Math.max(expiresAt, held.freshUntil + grace);
    }
  }

  isFresh({ freshUntil }: CachedValue): boolean {
    return freshUntil === Infinity || this.time.clock.now() < freshUntil;
  }

  /** @returns when it is in the secondary stores, too, if it goes there */
  keepValue(key: string, value: unknown, { ttl, tags, grace }: Keeping): Promise<void> | undefined {
    if (this.closed) return undefined;
    const weight = this.weigh(value, key);
    this.writeValue(key, new CachedValue(value, tags, this.endOf(ttl)), grace, weight);
    if (this.secondary.none) return undefined;
    // Tags are known to this process only: elsewhere nobody could invalidate by them.
    if (tags.length > 0 || value === undefined) return this.secondary.delete(key);
    // Without a life of its own and of the cache's, it has that of each store.
    return this.secondary.set(key, value, ttl === Infinity && this.settings.ttl !== Infinity ? 0 : ttl);
  }

  /** Keeps a copy of what a secondary store has. @param remaining milliseconds */
  keepCopy(key: string, value: unknown, remaining: number): void {
    if (this.closed || this.holdsResource(key)) return;
    const weight = this.weigh(value, key);
    const end = this.time.clock.now() + remaining;
    this.writeValue(key, new CachedValue(value, NO_TAGS, end), 0, weight);
  }

  /**
   * There is no value any more; a resource stays.
   *
   * @param everywhere in the secondary stores, too
   */
  forgetValue(key: string, everywhere: boolean): Promise<void> | undefined {
    if (!this.holdsResource(key)) this.engine.delete(key);
    return everywhere && !this.secondary.none ? this.secondary.delete(key) : undefined;
  }

  keepFailure(key: string, reason: unknown, tags: readonly string[], ttl: number): void {
    if (this.closed) return;
    this.write(key, new CachedFailure(reason, tags), this.endOf(ttl), 1);
  }

  /** @returns whether the cache holds it */
  keepResource(live: LiveResource, ttl: number): boolean {
    if (this.closed) return false;
    const weight = this.weigh(live.resource, live.key);
    live.entry = this.write(live.key, live, this.endOf(ttl), weight);
    return live.held;
  }

  /** Takes room for a resource to come; nothing evicts it. @returns undefined when everything held is in use */
  reserve(key: string): CacheEntry<Held> | undefined {
    const entry = this.engine.set(key, new Reservation());
    if (entry !== undefined) this.engine.pin(entry);
    return entry;
  }

  /** @returns whether there was something */
  delete(key: string): boolean {
    const reserved = this.engine.peek(key)?.value instanceof Reservation;
    return this.engine.delete(key) && !reserved;
  }

  /** Takes an entry out, unless it has left already. @param cause `invalid` for a resource that does not work */
  drop(entry: CacheEntry<Held>, cause?: 'invalid'): void {
    if (entry.held) this.engine.delete(entry.key, cause);
  }

  /** The resource under a key is broken, if it is still that one: it leaves, and ends with its last lease. */
  retire(key: string, resource: unknown): void {
    const entry = this.engine.peek(key);
    if (entry?.value instanceof LiveResource && entry.value.resource === resource)
      this.drop(entry, 'invalid');
  }

  /** The keys that carry a tag. */
  keysTagged(tag: string): string[] {
    return this.tagged.keysOf(tag);
  }

  close(): void {
    this.closed = true;
    this.sweeper.stop();
    this.engine.clear();
  }

  /** Whether there is a resource under a key, or the room for one. */
  private holdsResource(key: string): boolean {
    const held = this.engine.peek(key)?.value;
    return held instanceof LiveResource || held instanceof Reservation;
  }

  private weigh(value: unknown, key: string): number | undefined {
    const { weigh } = this.settings;
    if (weigh === undefined) return undefined;
    const weight = this.time.ground.run(() => weigh(value, key));
    heed(weight); // a promise is refused as a weight, and its rejection must not go unhandled
    return weight;
  }

  private endOf(ttl: number): number {
    return ttl === Infinity ? Infinity : this.expiry.expiresAt(this.time.clock.now(), ttl);
  }

  /** @param least milliseconds that it is kept beyond its life */
  private writeValue(key: string, held: CachedValue, least: number, weight: number | undefined): void {
    const end = held.freshUntil;
    const grace = held.value === undefined ? least : Math.max(least, this.grace);
    if (grace === 0) held.freshUntil = Infinity; // its entry says the same, and is asked anyway
    this.write(key, held, end + grace, weight);
  }

  private write(
    key: string,
    held: Held,
    expiresAt: number,
    weight: number | undefined,
  ): CacheEntry<Held> | undefined {
    const entry = this.engine.set(key, held, { expiresAt, weight });
    if (entry === undefined) return undefined;
    this.tagged.add(key, held.tags);
    if (expiresAt !== Infinity || this.settings.idleTtl !== Infinity) this.sweeper.arm();
    return entry;
  }

  private removed({ key, value }: CacheEntry<Held>, cause: RemovalCause): void {
    if (value instanceof Reservation) return;
    this.counts.evictions[cause]++;
    this.tagged.remove(key, value.tags);
    if (value instanceof LiveResource) this.left(value);
    else if (value instanceof CachedValue && value.value !== undefined) this.lost(key, cause);
  }
}
