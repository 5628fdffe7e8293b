export * from '../coordinator/index.js';
export type { CacheOptions } from '../cache/cache-options.js';
export { type CacheStats, type PutOptions, ResourceCache } from '../cache/resource-cache.js';
export type { LifecycleEvent, Phase } from '../lifecycle/phase.js';
export type * from '../pool/index.js';
export { ResourceBudget } from '../pool/resource-budget.js';
export { DEFAULT_POOL_OPTIONS } from '../pool/pool-options.js';
export * from '../errors/index.js';
export { getLeaseToken } from './lease-token.js';
export {
  PooledResource,
  type PooledResourceOptions,
  type ResourceInjector,
} from './pooled-resource.decorator.js';
export { ResourceFactory } from './resource-factory.decorator.js';
export { ResourcesModule } from './resources.module.js';
export type { ResourcesOptions } from './resources.options.js';
