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

/** Values that cost something to make, kept for a while: cache-manager on a bounded store, with a hit rate. */
export class ResourceCache {
  private readonly settings: CacheSettings;
  private readonly store: BoundedStore;
  private readonly cache: Cache;
  private hits = 0;
  private misses = 0;

  /**
   * @param at where the options stand, for the errors
   * @throws InvalidOptionsError when an option cannot work
   */
  constructor(options: CacheOptions = {}, at = 'cache') {
    this.settings = readCacheOptions(options, at);
    this.store = new BoundedStore(this.settings.max);
    const keyv = new Keyv({ store: this.store, useKeyPrefix: false });
    keyv.serialize = undefined; // references are kept, never copied
    keyv.deserialize = undefined;
    this.cache = createCache({ stores: [keyv] });
  }

  /** The value under a key, or `undefined`. */
  async get<T>(key: string): Promise<T | undefined> {
    const value = await this.cache.get<T>(key);
    if (value === undefined) this.misses++;
    else this.hits++;
    return value;
  }

  /** Keeps a value under a key, in place of the one before. */
  async put(key: string, value: unknown, { ttl }: PutOptions = {}): Promise<void> {
    const lifetime = ttl === undefined ? this.settings.ttl : readTtl(ttl, 'ttl');
    await this.cache.set(key, value, lifetime === Infinity ? undefined : lifetime);
  }

  /** The value under a key; made by `load` when there is none, once for all who ask meanwhile. */
  async wrap<T>(key: string, load: () => T | PromiseLike<T>, { ttl }: PutOptions = {}): Promise<T> {
    const lifetime = ttl === undefined ? this.settings.ttl : readTtl(ttl, 'ttl');
    let loaded = false;
    const loadOnce = async (): Promise<T> => {
      loaded = true;
      return await load();
    };
    try {
      return await this.cache.wrap(key, loadOnce, lifetime === Infinity ? undefined : lifetime);
    } finally {
      if (loaded) this.misses++;
      else this.hits++;
    }
  }

  /** @returns whether there was one */
  async delete(key: string): Promise<boolean> {
    return await this.cache.del(key);
  }

  /** Forgets all entries; the counts stay. */
  async clear(): Promise<void> {
    await this.cache.clear();
  }

  get stats(): CacheStats {
    const { hits, misses } = this;
    return { hits, misses, hitRate: hits === 0 ? 0 : hits / (hits + misses), size: this.store.size };
  }
}
