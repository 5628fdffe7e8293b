import type { CachedResources } from '../cache/cached-resources.js';
import type { LivingPart, Outage } from '../lifecycle/type-life.js';
import { KeyedResourcePool } from '../pool/keyed/keyed-resource-pool.js';
import type { PoolEvent } from '../reports/pool-event.js';
import type { ResourcePool } from '../pool/resource-pool.js';

/** Most milliseconds for one try to create something again. */
const TRY_TIMEOUT = 1_000;

/** What may change whether a pool has anything, or can make it. */
const TELLING: readonly PoolEvent['kind'][] = [
  'creationFailed',
  'creationRecovered',
  'breakerOpened',
  'breakerClosed',
];

/** A pool, as far as its type's life goes. Of a keyed one, a key's failure is not the type's. */
export function partOfPool(pool: ResourcePool<unknown> | KeyedResourcePool<unknown>): LivingPart {
  return {
    source: 'pool',
    start: () => pool.warmUp(),
    stop: (deadline) => pool.close({ deadline }),
    outage: pool instanceof KeyedResourcePool ? undefined : outageOf(pool),
  };
}

/** Calls `look` when something has happened to a pool that may change its type's phase. */
export function watchPool(pool: ResourcePool<unknown> | KeyedResourcePool<unknown>, look: () => void): void {
  pool.events.lookOut(({ kind }) => {
    if (TELLING.includes(kind)) look();
  });
}

/** The cache of a cached type, as far as the type's life goes. There is nothing in it before it is asked for. */
export function partOfCache(resources: CachedResources<unknown>): LivingPart {
  return {
    source: 'cache',
    start: async () => undefined,
    stop: (deadline) => resources.close({ deadline }),
  };
}

/**
 * There is one when nothing is alive, and what was tried last has failed for good, or so often that it is suspended. That it is being tried
 * again does not end it.
 */
function outageOf(pool: ResourcePool<unknown>): Outage {
  const nothing = (): undefined => undefined;
  let isOut = false;
  return {
    cause() {
      const { lastCreationError, stats, breaker } = pool;
      const { size, creating, abandoned } = stats;
      const hasNone = lastCreationError !== undefined && size <= creating + abandoned;
      isOut = hasNone && (isOut || creating === 0 || breaker !== 'closed');
      return isOut ? lastCreationError : undefined;
    },
    tryAgain: () => pool.use(nothing, { timeout: TRY_TIMEOUT, owner: 'recovery' }).catch(nothing), // the pool remembers why
  };
}
