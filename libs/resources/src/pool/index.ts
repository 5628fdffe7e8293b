export * from '../errors/index.js';
export type { BreakerState } from '../policies/creation-breaker.js';
export type { PoolStats } from '../policies/pool-stats.js';
export { RETIRE_REASONS, type RetireReason } from '../policies/retire-reason.js';
export type { Clock, ClockTimer } from '../time/clock.js';
export type { Duration } from '../time/duration.js';
export type { AcquireOptions } from './acquire-options.js';
export type { DrainReport } from './drain-report.js';
export { type KeyedAcquireOptions, KeyedResourcePool } from './keyed-resource-pool.js';
export type { Lease, LeaseInfo } from './lease.js';
export type { LeakEvent, PoolEvent, PoolListener } from './pool-events.js';
export type { AbandonmentOptions } from './options/abandonment-options.js';
export type {
  CreationBreakerOptions,
  CreationOptions,
  CreationRetryOptions,
  ExecutionPolicy,
} from './options/creation-options.js';
export type { KeyedOptions } from './options/keyed-options.js';
export type { LeakOptions } from './options/leak-options.js';
export type { LendingOptions } from './options/lending-options.js';
export type { CoDelOptions, QueueOptions } from './options/queue-options.js';
export type { QuotaOptions } from './options/quota-options.js';
export type { PruneOptions, ResourceLife, RetirementOptions } from './options/retirement-options.js';
export type { SizingOptions } from './options/sizing-options.js';
export type { ValidationOptions, ValidationTimeouts } from './options/validation-options.js';
export { DEFAULT_POOL_OPTIONS, type PoolOptions } from './pool-options.js';
export { ResourceBudget } from './resource-budget.js';
export type { CreateContext, ResourceFactory } from './resource-factory.js';
export { ResourcePool } from './resource-pool.js';
export type { DrainOptions, FlushOptions, ResourcePoolOptions } from './resource-pool-options.js';
