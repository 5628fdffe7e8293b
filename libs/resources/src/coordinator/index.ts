export type {
  CachedResourceDefinition,
  CachedResourceDefinitions,
  InferredCachedDefinitions,
  InlineCachedResourceDefinition,
} from './cached-resource-definition.js';
export type { BorrowOptions, TryBorrowOptions } from '../scopes/borrow-options.js';
export type {
  BackupCache,
  BackupCachedType,
  BackupDocument,
  BackupOptionsData,
  BackupReference,
  BackupStart,
  BackupType,
  BackupValue,
} from '../lifecycle/backup/backup-document.js';
export type { BackupOptions, RestoreOptions, RollbackOptions } from './configuring/change-options.js';
export type {
  ChangeInfo,
  ChangeKind,
  ChangeOutcome,
  OptionChange,
  OptionValue,
} from '../reports/change-info.js';
export type { ReconfigurationReport } from '../reports/reconfiguration-report.js';
export type { RestoredType, RestoreReport } from '../reports/restore-report.js';
export type { CoordinatorOptions, RunOptions } from './coordinator-options.js';
export type { CoordinatorStats } from '../reports/coordinator-stats.js';
export type { CoordinatorEvent } from '../reports/coordinator-event.js';
export type { JobDurations, ProcessorStats, ThreadStats } from '../reports/processor-stats.js';
export type { Trouble, TroubleKind } from '../reports/trouble.js';
export type { CoordinatorUse } from './coordinator-lender.js';
export { defineResource, type UnkeyedResourceDefinition } from './define-resource.js';
export type { TypeChange } from './configuring/reconfigurations.js';
export { ResourceCoordinator } from './resource-coordinator.js';
export type { LeaseContext, LeaseTerms } from '../scopes/lease-terms.js';
export type { ProcessOptions, WorkerOf } from './processors/processing.js';
export type { ProcessorDefinition, ProcessorDefinitions } from './processors/processor-definition.js';
export type { RegisteredPool } from './pool-registry.js';
export type {
  InferredDefinitions,
  InlineResourceDefinition,
  ResourceDefinition,
  ResourceDefinitions,
} from './resource-definition.js';
export * from './resource-types.js'; // a star, because an application's additions merge only through one
export type { StartOptions } from './starting/start-options.js';
export type {
  Isolation,
  TransactionControl,
  TransactionEffect,
  TransactionTerms,
} from '../pool/factory/transaction-control.js';
export type { Transaction } from '../transactions/transaction.js';
export type {
  Propagation,
  TransactionOptions,
  TransactionRetryOptions,
} from '../transactions/transaction-options.js';
export type { ScopedLease } from '../scopes/scoped-lease.js';
