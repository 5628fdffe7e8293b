export * from '../errors/index.js';
export { EVICTION_NAMES, type EvictionName } from '../policies/eviction/create-eviction.js';
export { type Clock, type ClockTimer, systemClock } from '../time/clock.js';
export {
  CacheEngine,
  type CacheEngineSettings,
  type CacheEntryOptions,
  type RemovalCause,
} from './cache-engine.js';
export type { CacheEntry } from './cache-entry.js';
export { type CacheOptions, DEFAULT_CACHE_OPTIONS } from './cache-options.js';
export { type CacheStats, type PutOptions, ResourceCache } from './resource-cache.js';
