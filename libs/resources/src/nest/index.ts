export * from '../coordinator/index.js';
export type {
  CachedLeaseOptions,
  CachedResourceOptions,
  CachedValidationOptions,
  CacheEvent,
  CacheLease,
  CacheLeaseInfo,
  CacheAbandonmentOptions,
  CacheLeakOptions,
  CacheLeaseOptions,
  CacheListener,
  CacheLoadOptions,
  CacheOptions,
  CacheReport,
  CacheStats,
  CacheValidationOptions,
  Clock,
  ClockTimer,
  CreateCachedContext,
  EvictionName,
  KeyFunction,
  LeaseOptions,
  Load,
  LoadContext,
  PutOptions,
  RemovalCause,
  ValueRemovalReason,
  WrapOptions,
} from '../cache/index.js';
export type { LifecycleEvent, Phase } from '../reports/phase.js';
export type { DrainHook } from '../lifecycle/drain-hooks.js';
export type { DrainHookFailure, DrainStep, ShutdownReport } from '../reports/drain-report.js';
export type {
  AbandonmentOptions,
  AcquireOptions,
  BreakerState,
  CanaryOptions,
  CoDelOptions,
  CreateContext,
  CreationBreakerOptions,
  CreationOptions,
  CreationRetryOptions,
  CredentialsOptions,
  DestroyContext,
  DrainOptions,
  DrainReport,
  Duration,
  ExecutionPolicy,
  FlushOptions,
  GenerationDrainOptions,
  GenerationStats,
  KeyedAcquireOptions,
  KeyedOptions,
  LeakEvent,
  LeakOptions,
  Lease,
  LeaseInfo,
  LendingOptions,
  PoolEvent,
  PoolListener,
  PoolOptions,
  PoolStats,
  PruneOptions,
  QueueOptions,
  QuotaOptions,
  Readiness,
  ReconfigureOptions,
  ReserveName,
  ReserveOptions,
  ResourceEvent,
  ResourceLife,
  RetirementOptions,
  RetireReason,
  SecretContext,
  SizingOptions,
  ValidationOptions,
  ValidationTimeouts,
} from '../pool/index.js';
export { ResourceBudget } from '../pool/sizing/resource-budget.js';
export { DEFAULT_POOL_OPTIONS } from '../pool/pool-options.js';
export * from '../errors/index.js';
export {
  Cached,
  type CachedMethodDecorator,
  type CachedOptions,
  Evicts,
  type EvictsOptions,
  type MethodTags,
} from './decorators/cached-method.js';
export { CachedResource } from './decorators/cached-resource.decorator.js';
export { CachedResourceFactory } from './decorators/cached-resource-factory.decorator.js';
export type { ResourceInjector } from './decorators/inject-lease.js';
export { getCachedLeaseToken, getLeaseToken } from './decorators/lease-token.js';
export { PooledResource } from './decorators/pooled-resource.decorator.js';
export { Transactional, type TransactionalOptions } from './decorators/transactional.decorator.js';
export { ResourceFactory } from './decorators/resource-factory.decorator.js';
export type { ResourceKey } from './decorators/resource-key.js';
export type { AdminOptions } from '../admin/admin-options.js';
export { ResourcesModule } from './resources.module.js';
export type { LogLevel, ResourcesOptions } from './resources.options.js';
