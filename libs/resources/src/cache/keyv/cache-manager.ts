import type { EventEmitter } from 'node:events';
import { type Cache, createCache } from 'cache-manager';
import type { Keyv } from 'keyv';
import { tell } from '../../words/warn-of.js';
import { isGroup, OWN_NAME } from '../../options/option-reader.js';
import {
  checkKey,
  checkLoad,
  type Load,
  type LoadOutcome,
  type OriginWrapOptions,
} from '../entry-options.js';
import { toStoredData } from './keyv-store.js';

/** What a cache does for the `wrap` of cache-manager. */
export interface ManagerBackend {
  /** The cache's own, in milliseconds. */
  readonly ttl: number;
  readonly refreshAhead: number;
  wrap<T>(key: string, load: Load<T>, options: OriginWrapOptions<T>): Promise<T>;
  /** Milliseconds that a value has left to live, or `Infinity`. */
  remaining(key: string): number;
}

type Span<T> = number | ((value: T) => number | undefined) | undefined;

/** The options of cache-manager's `wrap`, in both forms in which it takes them. */
interface ManagerWrapOptions<T> {
  ttl?: Span<T>;
  refreshThreshold?: Span<T>;
  raw?: boolean;
}

/** How cache-manager calls the first of its stores in events. */
const STORE = 'primary';

/**
 * cache-manager on a Keyv of ours. Its own `wrap` lets a load bring back what was deleted meanwhile, and waits
 * forever for one that never settles; the cache's takes its place, with the same arguments and the same events. Its look-ups
 * find nothing under something that is not a key; these refuse it.
 */
export function createManager(keyv: Keyv, backend: ManagerBackend): Cache {
  const manager = createCache({ stores: [keyv], ttl: keyv.ttl });
  const emitter = manager.off('set', () => undefined); // the only way to it
  const { get, mget, ttl } = manager;
  return Object.assign(manager, {
    get: async <T>(key: string) => {
      checkKey(key);
      return await get<T>(key);
    },
    mget: async <T>(keys: string[]) => {
      for (const key of keys) checkKey(key);
      return await mget<T>(keys);
    },
    ttl: async (key: string) => {
      checkKey(key);
      return await ttl(key);
    },
    wrap: wrapOf(backend, emitter) as Cache['wrap'], // its overloads are told apart at run time
  });
}

function wrapOf(backend: ManagerBackend, emitter: EventEmitter) {
  return async <T>(
    key: string,
    load: () => T | Promise<T>,
    ttlOrOptions?: Span<T> | ManagerWrapOptions<T> | null,
    threshold?: Span<T>,
  ): Promise<unknown> => {
    checkKey(key);
    checkLoad(load);
    const options = isGroup(ttlOrOptions)
      ? ttlOrOptions
      : { ttl: ttlOrOptions ?? undefined, refreshThreshold: threshold };
    const { ttl, refreshThreshold, raw } = options as ManagerWrapOptions<T>; // the rest of the union is gone
    let replaced: unknown;
    const value = await backend.wrap<T>(
      key,
      ({ stale }) => {
        replaced = stale;
        return load(); // which gets no arguments
      },
      {
        ttl: spanOf(ttl, backend.ttl, (span) => (span === 0 ? Infinity : span)), // 0 means forever
        refreshAhead: spanOf(refreshThreshold, backend.refreshAhead, readThreshold),
        loaded: (outcome) => tellOf(emitter, key, outcome, replaced),
      },
    );
    return raw === true ? toStoredData(value, backend.remaining(key)) : value;
  };
}

/** What is undefined, or not given, is the cache's own. */
function spanOf<T>(
  span: Span<T> | null,
  fallback: number,
  read: (given: number) => number,
): number | ((value: T) => number) {
  if (typeof span === 'function') return (value) => read(span(value) ?? fallback);
  return read(span ?? fallback);
}

const readThreshold = (threshold: number): number =>
  OWN_NAME.duration('refreshThreshold', threshold, threshold);

function tellOf(emitter: EventEmitter, key: string, outcome: LoadOutcome, replaced: unknown): void {
  const { background, value, kept, failure } = outcome;
  const emit = (event: string, data: object): void => tell(() => emitter.emit(event, data));
  if (kept) {
    emit('set', { key, value, store: STORE });
    emit('set', { key, value });
  }
  if (!background) return;
  if (failure !== undefined) emit('refresh', { key, value: replaced, error: failure.reason });
  else if (kept) emit('refresh', { key, value });
}
