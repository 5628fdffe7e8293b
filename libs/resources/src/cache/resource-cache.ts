import { type Cache, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { BoundedStore } from './bounded-store.js';
import { type CacheOptions, type CacheSettings, readCacheOptions, readTtl } from './cache-options.js';
import type { Duration } from '../time/duration.js';

/** What the cache has done since the start. All counts but `hitRate`. */
export interface CacheStats {
  hits: number;
  misses: number;
  /** Hits per look-up, from 0 to 1; 0 before the first. */
  hitRate: number;
  /** Entries held now. */
  size: number;
}

/** Options of one entry. */
export interface PutOptions {
  /** How long it lives, in place of the cache's `ttl`. */
  ttl?: Duration;
}

/** A look-up that loads what it does not find. */
type Flight = Promise<{ value: unknown; loaded: boolean }>;

/**
 * Values that cost something to make, kept for a while: cache-manager on a bounded store, with a hit rate.
 *
 * `null`, `0`, `''` and `false` are values as any other. `undefined` is not: it is how a miss looks, so it
 * is never kept.
 */
export class ResourceCache {
  private readonly settings: CacheSettings;
  private readonly store: BoundedStore;
  private readonly keyv: Keyv;
  private readonly cache: Cache;
  private readonly flights = new Map<string, Flight>();
  private hits = 0;
  private misses = 0;

  /**
   * @param at where the options stand, for the errors
   * @throws InvalidOptionsError when an option cannot work
   */
  constructor(options: CacheOptions = {}, at = 'cache') {
    this.settings = readCacheOptions(options, at);
    this.store = new BoundedStore(this.settings.max);
    this.keyv = new Keyv({ store: this.store, useKeyPrefix: false });
    this.keyv.serialize = undefined; // references are kept, never copied
    this.keyv.deserialize = undefined;
    this.cache = createCache({ stores: [this.keyv] });
  }

  /** The value under a key, or `undefined`. */
  async get<T>(key: string): Promise<T | undefined> {
    const value = await this.cache.get<T>(key);
    if (value === undefined) this.misses++;
    else this.hits++;
    return value;
  }

  /** Keeps a value under a key, in place of the one before. `undefined` only forgets that one. */
  async put(key: string, value: unknown, { ttl }: PutOptions = {}): Promise<void> {
    const lifetime = this.lifetime(ttl);
    this.flights.delete(key);
    await this.keep(key, value, lifetime);
  }

  /**
   * The value under a key; made by `load` when there is none, once for all who ask meanwhile. Who needed no
   * load of his own counts as a hit. When the key is put, deleted or cleared during a load, those who
   * wait for the load still get what it brings, but it is not kept.
   *
   * @throws what `load` throws, for all who wait for it; nothing is kept then
   */
  async wrap<T>(key: string, load: () => T | PromiseLike<T>, { ttl }: PutOptions = {}): Promise<T> {
    const lifetime = this.lifetime(ttl);
    const joined = this.flights.get(key);
    const flight = joined ?? this.lookUp(key, load, lifetime);
    try {
      const { value, loaded } = await flight;
      if (loaded && joined === undefined) this.misses++;
      else this.hits++;
      return value as T; // who puts and who gets agree on what a key holds
    } catch (error) {
      this.misses++;
      throw error;
    } finally {
      this.land(key, flight);
    }
  }

  /** @returns whether there was one */
  async delete(key: string): Promise<boolean> {
    this.flights.delete(key);
    return await this.keyv.delete(key); // cache-manager does not say
  }

  /** Forgets all entries; the counts stay. */
  async clear(): Promise<void> {
    this.flights.clear();
    await this.cache.clear();
  }

  get stats(): CacheStats {
    const { hits, misses } = this;
    return { hits, misses, hitRate: hits === 0 ? 0 : hits / (hits + misses), size: this.store.size };
  }

  private lookUp(key: string, load: () => unknown, lifetime: number): Flight {
    const look = async (): Flight => {
      const kept: unknown = await this.cache.get(key);
      if (kept !== undefined) return { value: kept, loaded: false };
      const value = await load();
      if (this.flights.get(key) === flight) await this.keep(key, value, lifetime);
      return { value, loaded: true };
    };
    const flight = look();
    this.flights.set(key, flight);
    return flight;
  }

  private land(key: string, flight: Flight): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }

  private async keep(key: string, value: unknown, lifetime: number): Promise<void> {
    if (value === undefined) await this.keyv.delete(key);
    else await this.cache.set(key, value, lifetime === Infinity ? undefined : lifetime);
  }

  private lifetime(ttl: Duration | undefined): number {
    return ttl === undefined ? this.settings.ttl : readTtl(ttl, 'ttl');
  }
}
