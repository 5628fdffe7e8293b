import { Keyv } from 'keyv';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { checkKey } from '../entry-options.js';

/** What Keyv keeps about a value. `expires` is a time of `Date.now()`. */
export interface StoredData {
  value: unknown;
  expires: number | undefined;
}

/** What a cache does for the store that Keyv sees. */
export interface KeyvStoreBackend {
  /** @param options `ttl` in milliseconds, more than 0 */
  put(key: string, value: unknown, options: { ttl: number }): Promise<void>;
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
  keys(): Iterable<string>;
  peek(key: string): unknown;
}

/** Finds what a cache has under a key, with its end of life: at once, if it is in memory. */
export interface KeyvStoreLookUp {
  find(key: string): StoredData | undefined | Promise<StoredData | undefined>;
  has(key: string): boolean | Promise<boolean>;
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
    checkKey(key);
    return this.lookUp.find(key);
  }

  async getMany(keys: readonly string[]): Promise<(StoredData | undefined)[]> {
    return await Promise.all(keys.map(async (key) => await this.get(key)));
  }

  /** @param ttl milliseconds; undefined for no end: the cache's own is Keyv's default */
  set(key: string, data: StoredData, ttl = Infinity): Promise<void> {
    return this.backend.put(key, data.value, { ttl });
  }

  delete(key: string): Promise<boolean> {
    return this.backend.delete(key);
  }

  clear(): Promise<void> {
    return this.backend.clear();
  }

  has(key: string): boolean | Promise<boolean> {
    checkKey(key);
    return this.lookUp.has(key);
  }

  /** The values in memory. */
  async *iterator(): AsyncGenerator<[string, unknown], void> {
    for (const key of this.backend.keys()) yield [key, this.backend.peek(key)];
  }
}

/** @param remaining milliseconds that the value has left to live, or `Infinity` */
export function toStoredData(value: unknown, remaining: number): StoredData {
  return { value, expires: remaining === Infinity ? undefined : Date.now() + remaining };
}

/** What a Keyv on a cache can't have otherwise: its keys and values would not be the cache's any more. */
const FIXED = ['store', 'namespace', 'useKeyPrefix', 'serialize', 'deserialize', 'compression'] as const;

/**
 * A Keyv on a cache. It neither copies values nor changes keys, and rejects what the cache refuses, as its `throwOnErrors` says.
 *
 * @param ttl the cache's own, in milliseconds, or `Infinity`
 */
export function createKeyv(backend: KeyvStoreBackend, lookUp: KeyvStoreLookUp, ttl: number): Keyv {
  const store = new KeyvStore(backend, lookUp);
  const keyv = new Keyv({
    store,
    ttl: ttl === Infinity ? undefined : ttl,
    useKeyPrefix: false,
    throwOnErrors: true,
    serialize: undefined, // references are kept
    deserialize: undefined,
  });
  keyv.iterator = () => store.iterator();
  for (const name of FIXED) fix(keyv, name);
  return keyv;
}

function fix(keyv: Keyv, name: (typeof FIXED)[number]): void {
  const value: unknown = keyv[name];
  const set = (other: unknown): void => {
    if (other === value) return;
    throw new InvalidOptionsError(
      `keyv.${name}`,
      `can't be changed: the entries are those of the cache, by reference and under their own keys. ` +
        `Use a Keyv of your own, as one of the cache's "stores" if it is to stand behind the cache.`,
    );
  };
  Object.defineProperty(keyv, name, { get: () => value, set, enumerable: true, configurable: true });
}
