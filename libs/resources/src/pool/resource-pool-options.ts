import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import type { Clock } from '../time/clock.js';
import { type Duration, parseDuration } from '../time/duration.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { readCallersOptions } from '../options/callers-options.js';
import { type PoolOptions, type PoolSettings, readPoolOptions } from './pool-options.js';

/** Options of a `ResourcePool` that stands alone. */
export interface ResourcePoolOptions extends PoolOptions {
  /** The resource type, for reports and errors. Default `'resource'`. */
  type?: string;
  /** Default: Node's monotonic clock. */
  clock?: Clock;
  /** Numbers from 0 to below 1, for jitter. Default `Math.random`; for tests. */
  random?: () => number;
  /** @internal Where hooks, listeners and timers run. Default: one of its own, made with the pool. */
  ground?: NeutralGround;
  /** @internal Whether it tries to create by itself while nothing in it works. Default true; false for one of several of a type. */
  revives?: boolean;
}

/** Options of a drain or a close. */
export interface DrainOptions {
  /** Most time to wait for leases, from 0. Default `'10s'`. */
  deadline?: Duration;
}

/** Options of a flush. */
export interface FlushOptions {
  /** The time over which the resources retire, from 0. Default 0: the idle ones at once, the others when they come back. */
  spread?: Duration;
}

const DRAIN_DEADLINE = '10s';

/** @internal @throws InvalidOptionsError naming the first option that cannot work */
export function readResourcePoolOptions(
  options: PoolOptions,
  type: string,
  canValidate: boolean,
): PoolSettings {
  if (options.keyed !== undefined) {
    throw new InvalidOptionsError('keyed', 'makes one pool of each key: use KeyedResourcePool.', type);
  }
  return readPoolOptions(options, '', type, canValidate);
}

/** @internal The options of the pool that a reserve is, given those of its owner, which has its units of a budget. */
export function optionsOfReserve(options: PoolOptions): PoolOptions {
  const bounds = { min: 0, minIdle: 0, max: options.reserve?.health, maxWaiting: Infinity };
  return { ...options, ...bounds, reserve: {}, sizing: {}, quota: {}, queue: {} };
}

/** @internal @returns milliseconds @throws InvalidOptionsError */
export function readDeadline(options: DrainOptions, type: string): number {
  const { deadline = DRAIN_DEADLINE } = readCallersOptions(options, type, ({ deadline }) => ({ deadline }));
  return parseDuration(deadline, 'deadline', type);
}

/** @internal @returns milliseconds @throws InvalidOptionsError */
export function readSpread(options: FlushOptions, type: string): number {
  const { spread = 0 } = readCallersOptions(options, type, ({ spread }) => ({ spread }));
  const ms = parseDuration(spread, 'spread', type);
  if (ms === Infinity) throw new InvalidOptionsError('spread', 'must be finite.', type);
  return ms;
}
