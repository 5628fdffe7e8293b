export { defineWorker } from './define-worker.js';
export type { Injected, WorkerDefinition, WorkerFunction, WorkerOptions } from './worker-options.js';
export type { JobContext } from '../../threads/jobs/job-context.js';
