import type { CacheOptions } from '../cache/cache-options.js';
import { describeValue } from '../words/describe-value.js';
import { DEFAULT_HISTORY } from '../lifecycle/history/history.js';
import { readCallersOptions } from '../options/callers-options.js';
import { checkOptions, OptionReader } from '../options/option-reader.js';
import { checkNames } from '../pool/acquire-options.js';
import { type Clock, systemClock } from '../time/clock.js';
import { type Duration, parseDuration } from '../time/duration.js';
import type { CachedResourceDefinitions } from './cached-resource-definition.js';
import type { ResourceDefinitions } from './resource-definition.js';

/** Options of a coordinator. */
export interface CoordinatorOptions<R = ResourceDefinitions, C = CachedResourceDefinitions> {
  /** Factories with their pools' options, by resource type. Default: none. */
  resources?: R;
  /** Options of the cache for values. */
  cache?: CacheOptions;
  /** Factories of cached resources with their caches' options, by resource type. Default: none. */
  cachedResources?: C;
  /** Most time that a shutdown waits for the work in progress, from 0. Default `'10s'`. */
  drainTimeout?: Duration;
  /** Most time for the start of all types together. What is still starting then has failed, or is `degraded` if it is optional. More than 0. Default `'1m'`. */
  startTimeout?: Duration;
  /**
   * How long readiness answers 503 and everything is still served before a shutdown begins to drain, so that load balancers hear of
   * it first: from 0, and not `Infinity`. Default `0`.
   */
  announceFor?: Duration;
  /**
   * How long scopes that hold something must have waited before it is checked whether they are in a deadlock; the youngest then
   * gets a DeadlockError. More than 0; `Infinity` for never. Default `'1s'`.
   */
  deadlockTimeout?: Duration;
  /** How many changes of each type's configuration are kept, so that they can be told of and gone back to. A count of at least 1. Default 20. */
  history?: number;
  /** Where all pools and caches get their time from. Default: Node's monotonic clock. */
  clock?: Clock;
}

/** Options of {@link ResourceCoordinator.run}. */
export interface RunOptions {
  /** Whose work it is, for reports: a job's name. Default `'anonymous'`. */
  owner?: string;
}

/** {@link CoordinatorOptions} read; times in milliseconds. The definitions and the cache's options are still to be checked. */
export interface CoordinatorSettings {
  readonly resources: ResourceDefinitions;
  readonly cache: CacheOptions | undefined;
  readonly cachedResources: CachedResourceDefinitions;
  readonly drainTimeout: number;
  readonly startTimeout: number;
  readonly announceFor: number;
  readonly deadlockTimeout: number;
  readonly history: number;
  readonly clock: Clock;
}

const DEFAULT_DRAIN_TIMEOUT = '10s';
const DEFAULT_START_TIMEOUT = '1m';
const DEFAULT_ANNOUNCE_FOR = 0;
const DEFAULT_DEADLOCK_TIMEOUT = '1s';
/** The names of all options of a coordinator. */
export const COORDINATOR_OPTIONS: readonly (keyof CoordinatorOptions)[] = [
  'resources',
  'cache',
  'cachedResources',
  'drainTimeout',
  'startTimeout',
  'announceFor',
  'deadlockTimeout',
  'history',
  'clock',
];

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readCoordinatorOptions(options: CoordinatorOptions): CoordinatorSettings {
  checkOptions(options, 'options');
  const read = new OptionReader('');
  const given = read.group('', options, COORDINATOR_OPTIONS);
  const { resources = {}, cache, cachedResources = {}, clock = systemClock } = given;
  checkClock(read, clock);
  return {
    resources,
    cache,
    cachedResources,
    drainTimeout: read.duration('drainTimeout', given.drainTimeout, DEFAULT_DRAIN_TIMEOUT),
    startTimeout: read.span('startTimeout', given.startTimeout, DEFAULT_START_TIMEOUT),
    announceFor: readAnnounceFor(read, given.announceFor),
    deadlockTimeout: read.span('deadlockTimeout', given.deadlockTimeout, DEFAULT_DEADLOCK_TIMEOUT),
    history: read.count('history', given.history, DEFAULT_HISTORY, 1),
    clock,
  };
}

/** Without an end, a shutdown would never come to one. */
function readAnnounceFor(read: OptionReader, given: Duration | undefined): number {
  const announceFor = read.duration('announceFor', given, DEFAULT_ANNOUNCE_FOR);
  if (announceFor === Infinity) read.fail('announceFor', 'must be finite: a shutdown waits for all of it.');
  return announceFor;
}

function checkClock(read: OptionReader, clock: Clock): void {
  checkOptions(clock, 'clock');
  for (const method of ['now', 'setTimeout', 'clearTimeout'] as const)
    if (typeof clock[method] !== 'function')
      read.fail(
        `clock.${method}`,
        `must be a function, as a clock has; got ${describeValue(clock[method])}.`,
      );
}

/** @returns whose work it is @throws InvalidOptionsError */
export function readOwner(options: RunOptions): string {
  const { owner } = readCallersOptions(options, undefined, ({ owner = 'anonymous' }) => ({ owner }));
  checkNames(owner, owner);
  return owner;
}

/** @param drainTimeout milliseconds, where no deadline is given @returns milliseconds @throws InvalidOptionsError */
export function readDeadline(options: { deadline?: Duration }, drainTimeout: number): number {
  return readCallersOptions(options, undefined, ({ deadline = drainTimeout }) =>
    parseDuration(deadline, 'deadline'),
  );
}
