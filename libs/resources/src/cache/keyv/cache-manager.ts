import { type Cache, createCache } from 'cache-manager';
import type { Keyv } from 'keyv';
import type { WrapOptions } from '../entry-options.js';
import { toStoredData } from './keyv-store.js';

/** What a cache does for the `wrap` of cache-manager. */
export interface ManagerBackend {
  wrap<T>(key: string, load: () => T | PromiseLike<T>, options: WrapOptions<T>): Promise<T>;
  /** Milliseconds that a value has left to live, or `Infinity`. */
  remaining(key: string): number;
}

type Span<T> = number | ((value: T) => number) | undefined;

/** The options of cache-manager's `wrap`, in both forms in which it takes them. */
interface ManagerWrapOptions<T> {
  ttl?: Span<T>;
  refreshThreshold?: Span<T>;
  raw?: boolean;
}

/**
 * cache-manager on a Keyv of ours. Its own `wrap` lets a load bring back what was deleted meanwhile, and waits
 * forever for one that never settles; the cache's takes its place, with the same arguments.
 */
export function createManager(keyv: Keyv, backend: ManagerBackend): Cache {
  const manager = createCache({ stores: [keyv] });
  const wrap = async <T>(
    key: string,
    load: () => T | Promise<T>,
    ttlOrOptions?: Span<T> | ManagerWrapOptions<T>,
    threshold?: Span<T>,
  ): Promise<unknown> => {
    const options: ManagerWrapOptions<T> =
      typeof ttlOrOptions === 'object' ? ttlOrOptions : { ttl: ttlOrOptions, refreshThreshold: threshold };
    const { ttl, refreshThreshold, raw } = options;
    const value = await backend.wrap<T>(key, load, {
      ttl: typeof ttl === 'function' ? (loaded) => lifetime(ttl(loaded)) : lifetime(ttl),
      // A threshold that depends on the value can be asked only when the value is there.
      refreshAhead: typeof refreshThreshold === 'number' ? refreshThreshold : undefined,
    });
    if (raw !== true) return value;
    return toStoredData(value, backend.remaining(key));
  };
  return Object.assign(manager, { wrap: wrap as Cache['wrap'] }); // its overloads are told apart at run time
}

/** For cache-manager, 0 means forever. */
function lifetime<L extends number | undefined>(ttl: L): L | number {
  return ttl === 0 ? Infinity : ttl;
}
