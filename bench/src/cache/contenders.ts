import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { LRUCache } from 'lru-cache';
import { ResourceCache } from 'nestjs-resources/cache';
import { lru } from 'tiny-lru';
import { CacheEngine, systemClock } from './engine.js';

/** A cache under measurement. What is asynchronous in the cache is so here. */
export interface CacheContender {
  name: string;
  kind: 'ours' | 'peer' | 'limit';
  open(max: number): {
    get(key: string): unknown;
    set(key: string, value: object): unknown;
  };
}

const NO_TIME_LIMIT = Infinity;

export const CONTENDERS: readonly CacheContender[] = [
  {
    name: 'CacheEngine.get',
    kind: 'ours',
    open: (max) => {
      const settings = { max, maxWeight: Infinity, eviction: 'adaptive', idleTtl: NO_TIME_LIMIT } as const;
      const engine = new CacheEngine<object>(settings, systemClock);
      return { get: (key) => engine.get(key)?.value, set: (key, value) => engine.set(key, value) };
    },
  },
  {
    name: 'ResourceCache.getSync',
    kind: 'ours',
    open: (max) => {
      const cache = new ResourceCache({ max });
      return { get: (key) => cache.getSync(key), set: (key, value) => cache.put(key, value) };
    },
  },
  {
    name: 'ResourceCache.get',
    kind: 'ours',
    open: (max) => {
      const cache = new ResourceCache({ max });
      return { get: (key) => cache.get(key), set: (key, value) => cache.put(key, value) };
    },
  },
  {
    name: 'cache-manager on ours',
    kind: 'ours',
    open: (max) => {
      const { manager } = new ResourceCache({ max });
      return { get: (key) => manager.get(key), set: (key, value) => manager.set(key, value) };
    },
  },
  { name: 'limit: Map', kind: 'limit', open: () => new Map<string, object>() },
  { name: 'lru-cache', kind: 'peer', open: (max) => new LRUCache<string, object>({ max }) },
  { name: 'tiny-lru', kind: 'peer', open: (max) => lru<object>(max) },
  {
    name: 'cache-manager default',
    kind: 'peer',
    open: () => {
      const cache = createCache();
      return { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value) };
    },
  },
  {
    name: 'cacheable',
    kind: 'peer',
    open: () => {
      const cache = new Cacheable();
      return { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value) };
    },
  },
  {
    name: 'bentocache',
    kind: 'peer',
    open: (max) => {
      const memory = bentostore().useL1Layer(memoryDriver({ maxItems: max }));
      const cache = new BentoCache({ default: 'memory', stores: { memory } });
      return {
        get: (key) => cache.get({ key }),
        set: (key, value) => cache.set({ key, value }),
      };
    },
  },
];
