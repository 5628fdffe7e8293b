export type { CoordinatorOptions } from './coordinator-options.js';
export {
  type CoordinatorStats,
  type CoordinatorUse,
  ResourceCoordinator,
  type RunOptions,
} from './resource-coordinator.js';
export type { ResourceDefinition, ResourceDefinitions } from './resource-definition.js';
export * from './resource-types.js'; // a star, because an application's additions merge only through one
export type { ScopedLease } from './scoped-lease.js';
