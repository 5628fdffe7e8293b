import type { ResourceLimits } from 'node:worker_threads';
import { isGroup, OptionReader } from '../options/option-reader.js';
import type { RecyclingPolicy } from '../policies/upkeep/recycling-policy.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { Duration } from '../time/duration.js';
import { describeValue } from '../words/describe-value.js';
import { timeToRetire } from './processor-pool.js';
import {
  DEFAULT_RECYCLE_OPTIONS,
  readRecycleOptions,
  type RecycleOptions,
} from './upkeep/recycle-options.js';
import { findWorkerFile, type WorkerFile } from './worker-file.js';

/** How the threads of one processor type are made, and how their jobs end. */
export interface ProcessorOptions {
  /**
   * The worker module: a file URL or an absolute path of what Node can load. A `.js` that is not there is the `.ts` beside it, compiled by
   * `typescript` as it is loaded.
   */
  file: URL | string;
  /**
   * How long a job that is to end may take to end by itself, before its thread is ended: from 0; `Infinity` to wait for it however long that
   * takes. Default `'500ms'`.
   */
  graceful?: Duration;
  /** Most items of an iterable result that have been sent and not read. A count of at least 1. Default 32. */
  highWaterMark?: number;
  /** Bounds of a thread's memory, as of Node's `Worker`: a stack of at least 1 MB, an old generation of at least 8. Default: Node's. */
  resourceLimits?: ResourceLimits;
  /** Environment of the threads. Default: a copy of the process's. */
  env?: NodeJS.Dict<string>;
  /** Options of Node for the threads. Default: the process's. */
  execArgv?: readonly string[];
  /**
   * Called for each job, in the context of whoever asks for it; what it returns reaches the job as `carried`: a trace's headers, a request's id. It
   * must return at once what can be cloned. Default: nothing is carried.
   */
  carry?: () => unknown;
  recycle?: RecycleOptions;
  /** How many threads there are, and how they are lent. */
  pool?: PoolOptions;
}

/** The defaults of {@link ProcessorOptions}. */
export const DEFAULT_PROCESSOR_OPTIONS = {
  graceful: '500ms',
  highWaterMark: 32,
  recycle: DEFAULT_RECYCLE_OPTIONS,
} as const satisfies Partial<ProcessorOptions>;

/** What a thread is made with. */
export type ThreadSettings = Pick<ProcessorOptions, 'env' | 'execArgv' | 'resourceLimits'>;

/** {@link ProcessorOptions} read; times in milliseconds. */
export interface ProcessorSettings extends ThreadSettings, Pick<ProcessorOptions, 'carry'> {
  readonly file: WorkerFile;
  readonly graceful: number;
  readonly highWaterMark: number;
  readonly recycling: RecyclingPolicy;
  /** Most time that a thread may take to end, with what it has to close: its pool's `retirement.timeout`. */
  readonly toRetire: number;
}

/** The names of all {@link ProcessorOptions} but `pool`, whose reader is the pool's. */
export const PROCESSOR_OPTIONS = [
  'file',
  'graceful',
  'highWaterMark',
  'resourceLimits',
  'env',
  'execArgv',
  'carry',
  'recycle',
] as const;

/** Node's bounds, and the least of each in megabytes: with less, V8 ends the process, and not just the thread. */
const LIMITS: Readonly<Record<string, number>> = {
  maxYoungGenerationSizeMb: 0,
  maxOldGenerationSizeMb: 8,
  codeRangeSizeMb: 0,
  stackSizeMb: 1,
};

/**
 * Reads and checks a processor's options, all but the pool's.
 *
 * @param at where they stand, for the errors: `processors.pdf`
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readProcessorOptions(
  options: ProcessorOptions,
  at: string,
  type: string | undefined,
): ProcessorSettings {
  const read = new OptionReader(at, type);
  const { file, highWaterMark, resourceLimits, env, execArgv, carry, recycle, pool } = options;
  const defaults = DEFAULT_PROCESSOR_OPTIONS;
  const graceful = read.duration('graceful', options.graceful, defaults.graceful);
  checkLimits(read, resourceLimits);
  if (env !== undefined && !isGroup(env))
    read.fail('env', `must be an object of variables by name; got ${describeValue(env)}.`);
  if (execArgv !== undefined && !isTexts(execArgv))
    read.fail('execArgv', `must be an array of Node's options; got ${describeValue(execArgv)}.`);
  return {
    file: findWorkerFile(read, file),
    graceful,
    highWaterMark: read.limit('highWaterMark', highWaterMark, defaults.highWaterMark, 1),
    resourceLimits,
    env,
    execArgv,
    carry: read.callback('carry', carry),
    recycling: readRecycleOptions(read, recycle),
    toRetire: read.span('pool.retirement.timeout', pool?.retirement?.timeout, timeToRetire(graceful)),
  };
}

function checkLimits(read: OptionReader, given: ResourceLimits | undefined): void {
  const limits = read.group('resourceLimits', given, Object.keys(LIMITS)) as Readonly<
    Record<string, unknown>
  >;
  for (const [name, least] of Object.entries(LIMITS)) {
    const limit = limits[name];
    if (limit === undefined || (typeof limit === 'number' && limit > 0 && limit >= least && limit < Infinity))
      continue;
    const range = least === 0 ? 'above 0' : `of at least ${least}`;
    read.fail(
      `resourceLimits.${name}`,
      `must be a number of megabytes ${range}; got ${describeValue(limit)}.`,
    );
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
