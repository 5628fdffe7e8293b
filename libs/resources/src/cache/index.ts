export * from '../errors/index.js';
export { EVICTION_NAMES, type EvictionName } from '../policies/eviction/create-eviction.js';
export { type Clock, type ClockTimer, systemClock } from '../time/clock.js';
export { CacheEngine, type CacheEntryOptions, type RemovalCause } from './cache-engine.js';
export type { CacheEngineSettings } from './cache-engine-settings.js';
export type { CacheEntry } from './cache-entry.js';
export type { CacheEvent, CacheListener } from './cache-events.js';
export type { CacheLease, CacheLeaseInfo } from './cache-lease.js';
export {
  type CacheLeaseOptions,
  type CacheLoadOptions,
  type CacheOptions,
  DEFAULT_CACHE_OPTIONS,
} from './cache-options.js';
export type { CacheStats } from './cache-stats.js';
export {
  type CachedLeaseOptions,
  type CachedResourceFactory,
  CachedResources,
  type CachedResourceOptions,
  type CreateCachedContext,
} from './cached-resources.js';
export type { LeaseOptions, Load, LoadContext, PutOptions, WrapOptions } from './entry-options.js';
export type { KeyFunction } from './load-host.js';
export type { CacheReport } from './cache-report.js';
export { type CacheContext, ResourceCache } from './resource-cache.js';
