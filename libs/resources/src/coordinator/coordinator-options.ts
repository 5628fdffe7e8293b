import type { CacheOptions } from '../cache/cache-options.js';
import type { Clock } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import type { ResourceDefinitions } from './resource-definition.js';

/** What a coordinator is made of. */
export interface CoordinatorOptions {
  /** Factories with their pools' options, by resource type. Default: none. */
  resources?: ResourceDefinitions;
  cache?: CacheOptions;
  /** Most time that a shutdown waits for the work in progress, from 0. Default `'10s'`. */
  drainTimeout?: Duration;
  /** Where all pools get their time from. Default: Node's monotonic clock. */
  clock?: Clock;
}

/** The defaults of {@link CoordinatorOptions}. */
export const DEFAULT_DRAIN_TIMEOUT = '10s';
