export type { ResourceOverride } from '../coordinator/resource-overrides.js';
export { overrideResource, type TestingBuilder, traceLeases } from './override-resource.js';
