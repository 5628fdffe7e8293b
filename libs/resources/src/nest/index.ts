export * from '../coordinator/index.js';
export type * from '../cache/index.js';
export type { LifecycleEvent, Phase } from '../lifecycle/phase.js';
export type * from '../pool/index.js';
export { ResourceBudget } from '../pool/resource-budget.js';
export { DEFAULT_POOL_OPTIONS } from '../pool/pool-options.js';
export * from '../errors/index.js';
export {
  Cached,
  type CachedMethodDecorator,
  type CachedOptions,
  Evicts,
  type EvictsOptions,
  type MethodTags,
} from './cache/cached-method.js';
export { getCachedLeaseToken, type ResourceKey } from './cache/cached-lease-token.js';
export { CachedResource } from './cache/cached-resource.decorator.js';
export { CachedResourceFactory } from './cache/cached-resource-factory.decorator.js';
export { getLeaseToken } from './lease-token.js';
export { PooledResource, type ResourceInjector } from './pooled-resource.decorator.js';
export { ResourceFactory } from './resource-factory.decorator.js';
export { ResourcesModule } from './resources.module.js';
export type { ResourcesOptions } from './resources.options.js';
