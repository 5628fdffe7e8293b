export * from '../errors/index.js';
export type { DestroyContext } from '../hooks/destroyer.js';
export type { BreakerState } from '../policies/creation/creation-breaker.js';
export type { PoolStats } from '../reports/pool-stats.js';
export { RETIRE_REASONS, type RetireReason } from '../reports/retire-reason.js';
export type { Clock, ClockTimer } from '../time/clock.js';
export type { Readiness } from '../options/readiness.js';
export type { Duration } from '../time/duration.js';
export type { AcquireOptions } from './acquire-options.js';
export type { DrainReport } from '../reports/drain-report.js';
export type { KeyedAcquireOptions } from './keyed/keyed-acquire-options.js';
export { KeyedResourcePool } from './keyed/keyed-resource-pool.js';
export type { Lease } from './leases/lease.js';
export type { LeaseInfo } from '../reports/lease-info.js';
export type { LeakEvent, PoolEvent, PoolListener, ResourceEvent } from '../reports/pool-event.js';
export type { AbandonmentOptions } from './leases/abandonment-options.js';
export type {
  CreationBreakerOptions,
  CreationOptions,
  CreationRetryOptions,
  ExecutionPolicy,
} from './creation/creation-options.js';
export type { CredentialsOptions, SecretContext } from './creation/credentials-options.js';
export type {
  CanaryOptions,
  GenerationDrainOptions,
  ReconfigureOptions,
} from './generations/reconfigure-options.js';
export type { GenerationStats } from '../reports/generation-stats.js';
export type { KeyedOptions } from './keyed/keyed-options.js';
export type { LeakOptions } from './leases/leak-options.js';
export type { LendingOptions } from './slots/lending-options.js';
export type { CoDelOptions, QueueOptions } from './queue/queue-options.js';
export type { QuotaOptions } from './queue/quota-options.js';
export type { PruneOptions, ResourceLife, RetirementOptions } from './upkeep/retirement-options.js';
export type { SizingOptions } from './sizing/sizing-options.js';
export type { ValidationOptions, ValidationTimeouts } from './upkeep/validation-options.js';
export { DEFAULT_POOL_OPTIONS, type PoolOptions } from './pool-options.js';
export { ResourceBudget } from './sizing/resource-budget.js';
export type { CreateContext, ResourceFactory } from './factory/resource-factory.js';
export { ReservingResourcePool } from './reserving-resource-pool.js';
export type { ReserveName, ReserveOptions } from './sizing/reserve-options.js';
export { ResourcePool } from './resource-pool.js';
export type { DrainOptions, FlushOptions, ResourcePoolOptions } from './resource-pool-options.js';
