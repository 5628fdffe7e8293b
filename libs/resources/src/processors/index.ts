export { defineProcessor } from './define-processor.js';
export { Processor } from './processor.decorator.js';
export type {
  ProcessorDefinition,
  ProcessorDefinitions,
} from '../coordinator/processors/processor-definition.js';
export type { ProcessOptions } from '../coordinator/processors/processing.js';
export { ProcessorAbortedError } from '../errors/processors/processor-aborted-error.js';
export { ProcessorCrashedError } from '../errors/processors/processor-crashed-error.js';
export type { JobContext } from '../threads/jobs/job-context.js';
export type { JobArguments, JobInput, JobName, JobOptions, JobResult } from '../threads/jobs/job-types.js';
export type { JobDurations, ProcessorStats, ThreadStats } from '../reports/processor-stats.js';
export type { ProcessorOptions } from '../threads/processor-options.js';
export type { RecycleOptions } from '../threads/upkeep/recycle-options.js';
