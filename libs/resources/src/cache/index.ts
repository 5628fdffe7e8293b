export * from '../errors/index.js';
export type { DestroyContext } from '../hooks/destroyer.js';
export type { EvictionName } from '../policies/eviction/create-eviction.js';
export type { Clock, ClockTimer } from '../time/clock.js';
export type { RemovalCause } from '../reports/cache-stats.js';
export type { CacheEvent, CacheListener, ValueRemovalReason } from '../reports/cache-event.js';
export type { CacheLease } from './live/cache-lease.js';
export type { CacheLeaseInfo } from '../reports/lease-info.js';
export type {
  CacheAbandonmentOptions,
  CacheLeakOptions,
  CacheLeaseOptions,
  CacheLoadOptions,
  CacheOptions,
  CacheValidationOptions,
} from './cache-options.js';
export type { CacheStats } from '../reports/cache-stats.js';
export {
  type CachedLeaseOptions,
  type CachedResourceFactory,
  CachedResources,
  type CreateCachedContext,
} from './cached-resources.js';
export type { CachedResourceOptions, CachedValidationOptions } from './cached-resource-options.js';
export type { Readiness } from '../options/readiness.js';
export type { LeaseOptions, Load, LoadContext, PutOptions, WrapOptions } from './entry-options.js';
export type { KeyFunction } from './loads/load-host.js';
export type { CacheReport } from '../reports/cache-report.js';
export type { CacheContext } from './cache-context.js';
export { ResourceCache } from './resource-cache.js';
