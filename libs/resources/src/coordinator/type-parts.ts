import type { CachedResources } from '../cache/cached-resources.js';
import type { LivingPart } from '../lifecycle/type-life.js';
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

/** A pool, as far as its type's life goes. */
export function partOfPool(pool: ResourcePool<unknown> | KeyedResourcePool<unknown>): LivingPart {
  return {
    source: 'pool',
    start: () => pool.warmUp(),
    stop: (deadline) => pool.close({ deadline }),
    whyDown: () => (pool instanceof KeyedResourcePool ? undefined : whyDown(pool)), // one key's failure is not the type's
    tryAgain: async () => {
      if (pool instanceof KeyedResourcePool) return;
      await pool.use(() => undefined, { timeout: TRY_TIMEOUT, owner: 'recovery' }).catch(() => undefined); // the pool remembers why
    },
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
    whyDown: () => undefined,
    tryAgain: async () => undefined,
  };
}

/** Nothing is alive, and what was tried last has failed for good, or so often that it is suspended. */
function whyDown({ lastCreationError, stats, breaker }: ResourcePool<unknown>): unknown {
  const { size, creating, abandoned } = stats;
  if (lastCreationError === undefined || size > creating + abandoned) return undefined;
  return creating === 0 || breaker !== 'closed' ? lastCreationError : undefined;
}
