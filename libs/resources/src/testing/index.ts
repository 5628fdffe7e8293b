export { checkFactory } from './check-factory/check-factory.js';
export type { CheckedFactory, CheckFactoryOptions } from './check-factory/check-factory-options.js';
export type { FactoryCheck, FactoryFinding, FactoryReport } from './check-factory/factory-report.js';
export { UnsafeFactoryError } from './check-factory/unsafe-factory-error.js';
export { checkTransactionControl } from './check-transaction-control/check-transaction-control.js';
export type { CheckTransactionControlOptions } from './check-transaction-control/check-control-options.js';
export type {
  ControlCheck,
  ControlFinding,
  ControlReport,
} from './check-transaction-control/control-report.js';
export { UnsafeTransactionControlError } from './check-transaction-control/unsafe-control-error.js';
export type { ResourceOverride } from '../coordinator/resource-overrides.js';
export { expectNoLeases, type ExpectNoLeasesOptions, type LendingApplication } from './expect-no-leases.js';
export { LeasesHeldError } from './leases-held-error.js';
export { overrideResource, type TestingBuilder, traceLeases } from './override-resource.js';
