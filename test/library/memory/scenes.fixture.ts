import { AsyncResource } from 'node:async_hooks';
import { ResourceCache } from '../../../libs/resources/src/cache/resource-cache.js';
import { CachedResources } from '../../../libs/resources/src/cache/cached-resources.js';
import { KeyedResourcePool } from '../../../libs/resources/src/pool/keyed/keyed-resource-pool.js';
import type { ResourceFactory } from '../../../libs/resources/src/pool/factory/resource-factory.js';
import { ResourcePool } from '../../../libs/resources/src/pool/resource-pool.js';
import { VirtualClock } from '../../../libs/resources/src/time/virtual-clock.fixture.js';

const never = (): Promise<never> => new Promise(() => undefined);
const nothing = (): undefined => undefined;
const refused = (): never => {
  throw new Error('refused');
};
const factory: ResourceFactory<object> = {
  create: async () => ({}),
  validate: async () => true,
  reset: async () => undefined,
  destroy: async () => undefined,
};

/** What lives on after the request: a pool, a cache. */
export interface Scene {
  readonly lives: object;
  readonly work: (signal: AbortSignal) => Promise<unknown>;
}

/** The one that keeps its request, to see that this would be seen. */
export const KEEPER = 'an array that keeps all that its request had';

/** What a request does to a pool or cache that outlives it. */
export const SCENES: Readonly<Record<string, () => Scene>> = {
  'a pool whose resource it made, and whose timers it armed': () => {
    const pool = new ResourcePool(factory, { min: 2, idleTimeout: '10s', validation: { keepAlive: '2s' } });
    return { lives: pool, work: (signal) => pool.use(async () => undefined, { signal, timeout: '1m' }) };
  },
  'a pool in which it waited, was served, gave up and failed': () => {
    const pool = new ResourcePool(factory, { max: 1 });
    return {
      lives: pool,
      work: async (signal) => {
        const lease = await pool.acquire({ signal });
        const served = pool.acquire({ signal });
        await pool.acquire({ signal, timeout: 1 }).catch(nothing);
        void lease.release();
        await (await served).invalidate();
        await pool.use(refused, { signal }).catch(nothing);
      },
    };
  },
  'a pool that keeps the error of its creation': () => {
    const pool = new ResourcePool({ create: refused }, { creation: { retry: { attempts: 1 } } });
    return { lives: pool, work: (signal) => pool.acquire({ signal, owner: 'GET /orders' }).catch(nothing) };
  },
  'a pool in which the creation that it began goes on': () => {
    const pool = new ResourcePool({ create: never }, { creation: { timeout: '1h' } });
    return { lives: pool, work: (signal) => pool.acquire({ signal, timeout: 1 }).catch(nothing) };
  },
  'a pool in which the flush that it began goes on': () => {
    const pool = new ResourcePool(factory, { min: 2 });
    return {
      lives: pool,
      work: async (signal) => {
        await pool.use(async () => undefined, { signal });
        void pool.flush({ spread: '1h' });
      },
    };
  },
  'pools of keys, of which it opened one, gave up another, and waited for the place of a third': () => {
    const pool = new KeyedResourcePool(factory, { keyed: { maxKeys: 1 } });
    return {
      lives: pool,
      work: async (signal) => {
        const lease = await pool.acquire({ key: 'acme', signal });
        await pool.acquire({ key: 'initech', signal, timeout: 1 }).catch(nothing);
        const other = pool.acquire({ key: 'globex', signal });
        await lease.release();
        await (await other).release();
      },
    };
  },
  'cached resources, of which it made one, and failed to make another': () => {
    const create = async ({ key }: { key: string }): Promise<object> => (key === 'down' ? refused() : {});
    const clients = new CachedResources('tenantDb', { create, destroy: nothing });
    return {
      lives: clients,
      work: async (signal) => {
        await (await clients.lease('acme', { signal, owner: 'GET /orders', timeout: '1m' })).release();
        await clients.lease('down', { signal, owner: 'GET /orders' }).catch(nothing);
      },
    };
  },
  'cached resources in which the load that it began goes on without it': () => {
    const clients = new CachedResources('tenantDb', { create: never }, { load: { timeout: '1h' } });
    const options = { owner: 'GET /orders', timeout: 1 };
    return { lives: clients, work: (signal) => clients.lease('acme', { ...options, signal }).catch(nothing) };
  },
  'a cache with values that it made, a failure that is kept, and a refresh that goes on': () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({ max: 10, ttl: '1s', load: { timeout: '1h' } }, { clock });
    const stale = { staleWhileRevalidate: '1h' };
    return {
      lives: cache,
      work: async (signal) => {
        await cache.wrap('a', async () => 1, { signal, ...stale });
        await cache.wrap('b', refused, { signal, errorTtl: '1h' }).catch(nothing);
        await cache.put('c', 1);
        await clock.advance(1_500);
        await cache.wrap('a', never, { signal, ...stale });
      },
    };
  },
  [KEEPER]: () => {
    const kept: unknown[] = [];
    return {
      lives: kept,
      work: async (signal) =>
        void kept.push(
          signal,
          AsyncResource.bind(() => undefined),
        ),
    };
  },
};
