import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { checkSameReserve } from '../sizing/reserve-options.js';
import { DEFAULT_KEYED_OPTIONS } from './keyed-options.js';
import { type PoolOptions, type PoolSettings, readPoolOptions } from '../pool-options.js';

/** What a keyed pool goes by, besides what each key's pool reads for itself: the limits on all of them. */
export interface KeyedPoolSettings extends Pick<
  PoolSettings,
  'minimum' | 'max' | 'reserved' | 'acquireTimeout' | 'maxWaiting'
> {
  /** Most resources of all keys, a count. */
  readonly total: number;
  /** Most keys that have a pool, a count: each of them can have one resource, or its `min`. */
  readonly keys: number;
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readKeyedPoolOptions(
  options: PoolOptions,
  type: string,
  canValidate: boolean,
): KeyedPoolSettings {
  const settings = readPoolOptions(options, '', type, canValidate);
  const { budget, minimum, max, reserved, acquireTimeout, maxWaiting } = settings;
  const { min, minIdle } = minimum;
  if (budget !== undefined) refuse('quota.budget', 'is for pools without keys; use "keyed.max".', type);
  const { max: total, maxKeys } = settings.keyed ?? DEFAULT_KEYED_OPTIONS;
  if (total < min) refuse('keyed.max', `must be at least "min"; got min ${min} and max ${total}.`, type);
  if (total < minIdle) {
    refuse('keyed.max', `must be at least "minIdle"; got minIdle ${minIdle} and max ${total}.`, type);
  }
  const ofEach = Math.max(1, min) + reserved;
  if (total < ofEach)
    refuse('keyed.max', `must be at least ${ofEach}, with the reserve of a key; got ${total}.`, type);
  const keys = Math.min(maxKeys, Math.floor(total / ofEach));
  return { minimum, max, reserved, acquireTimeout, maxWaiting, total, keys };
}

/**
 * A change must leave the keys that have a pool what each of them can have.
 *
 * @param present how many keys have a pool
 * @throws InvalidOptionsError when it does not
 */
export function checkKeyedChange(
  before: KeyedPoolSettings,
  next: KeyedPoolSettings,
  present: number,
  type: string,
): void {
  const { total } = before;
  checkSameReserve(before, next, type);
  if (next.total !== total) refuse('keyed.max', "can't be changed while the pool exists.", type);
  const needed = (next.minimum.min + next.reserved) * present;
  if (needed <= total) return;
  refuse('min', `needs ${needed} resources for the ${present} keys that have a pool, of ${total}.`, type);
}

function refuse(option: string, problem: string, type: string): never {
  throw new InvalidOptionsError(option, problem, type);
}
