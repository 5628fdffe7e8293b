import type { CacheEvent } from './cache-event.js';
import type { PoolEvent } from './pool-event.js';

/** What happens in the pools, and what fails unheard in the caches. */
export type CoordinatorEvent = PoolEvent | CacheEvent;
