export type { ResourceOverride } from '../coordinator/resource-overrides.js';
export { expectNoLeases, type ExpectNoLeasesOptions, type LendingApplication } from './expect-no-leases.js';
export { LeasesHeldError } from './leases-held-error.js';
export { overrideResource, type TestingBuilder, traceLeases } from './override-resource.js';
