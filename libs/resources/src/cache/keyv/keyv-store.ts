import { Keyv } from 'keyv';

/** What Keyv keeps about a value. `expires` is a time of `Date.now()`. */
export interface StoredData {
  value: unknown;
  expires: number | undefined;
}

/** What a cache does for the store that Keyv sees. */
export interface KeyvStoreBackend {
  /** @param options `ttl` in milliseconds; undefined for the cache's own */
  put(key: string, value: unknown, options: { ttl: number | undefined }): Promise<void>;
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
}

/** Finds what a cache has under a key, with its end of life: at once, if it is in memory. */
export interface KeyvStoreLookUp {
  find(key: string): StoredData | undefined | Promise<StoredData | undefined>;
}

/**
 * A cache as a store of Keyv 5, so that cache-manager and all that is built on it share the entries, the bounds and
 * the counts. Values are kept by reference. Keyv wraps each value with its end of life; the wrapper is
 * taken off here, because the cache knows it better.
 */
export class KeyvStore {
  constructor(
    private readonly backend: KeyvStoreBackend,
    private readonly lookUp: KeyvStoreLookUp,
  ) {}

  get(key: string): StoredData | undefined | Promise<StoredData | undefined> {
    return this.lookUp.find(key);
  }

  /** @param ttl milliseconds */
  set(key: string, data: StoredData, ttl?: number): Promise<void> {
    return this.backend.put(key, data.value, { ttl });
  }

  delete(key: string): Promise<boolean> {
    return this.backend.delete(key);
  }

  clear(): Promise<void> {
    return this.backend.clear();
  }
}

/** @param remaining milliseconds that the value has left to live, or `Infinity` */
export function toStoredData(value: unknown, remaining: number): StoredData {
  return { value, expires: remaining === Infinity ? undefined : Date.now() + remaining };
}

/** A Keyv on a cache. It neither copies values nor changes keys. */
export function createKeyv(backend: KeyvStoreBackend, lookUp: KeyvStoreLookUp): Keyv {
  const keyv = new Keyv({ store: new KeyvStore(backend, lookUp), useKeyPrefix: false });
  keyv.serialize = undefined; // references are kept
  keyv.deserialize = undefined;
  return keyv;
}
