import type { Keyv } from 'keyv';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { EVICTION_NAMES, type EvictionName } from '../policies/eviction/create-eviction.js';
import { type Duration, format, parseDuration } from '../time/duration.js';

/** How the cache behaves. */
export interface CacheOptions {
  /** Most entries, a count of at least 1, or `Infinity` when `maxWeight` is finite. Default 1,000. */
  max?: number;
  /** Most weight of all entries together, at least 1. Default `Infinity`. */
  maxWeight?: number;
  /** What an entry weighs, in any unit: a whole number of at least 1. Default: every entry weighs 1. */
  weigh?: (value: unknown, key: string) => number;
  /** Which entry leaves when there is no room. Default `'adaptive'`. */
  eviction?: EvictionName;
  /** How long an entry lives after it was written, unless it says otherwise. More than 0. Default `Infinity`. */
  ttl?: Duration;
  /** An entry that nobody used for so long expires. More than 0. Default `Infinity`. */
  idleTtl?: Duration;
  /** By what share a life is shortened at most, from 0 to 1, so that what was written together does not expire together. Default 0. */
  jitter?: number;
  /** Further stores, asked in this order for values that are not in memory, such as one on Redis. Default none. */
  stores?: readonly Keyv[];
  load?: CacheLoadOptions;
  lease?: CacheLeaseOptions;
}

/** How a cache's values and resources are loaded. */
export interface CacheLoadOptions {
  /** Most time for one load, and for one answer of a further store. More than 0. Default `'10s'`. */
  timeout?: Duration;
  /** How long after its end of life a value is still given out while one load replaces it. Default 0. */
  staleWhileRevalidate?: Duration;
  /** How long after its end of life a value is given out when a load fails. Default 0. */
  staleIfError?: Duration;
  /** A value with less life left than this is replaced by a load in the background when it is used. Default 0. */
  refreshAhead?: Duration;
  /** How long it is kept that there is no value: that a load brought `undefined`. Default 0: not kept. */
  negativeTtl?: Duration;
  /** How long a load's failure is kept, and given to everybody who asks. Default 0: not kept. */
  errorTtl?: Duration;
}

/** How a cache's resources are lent and ended. */
export interface CacheLeaseOptions {
  /** Most time from asking to having a resource: waiting for room and loading together. More than 0. Default `'5s'`. */
  timeout?: Duration;
  /** Callers that may wait for room; one more is refused at once. A count of at least 0. Default `Infinity`. */
  maxWaiting?: number;
  /** Most time for one `destroy`; then its place is given away. More than 0. Default `'5s'`. */
  destroyTimeout?: Duration;
}

/** The defaults of {@link CacheOptions}, in one place. */
export const DEFAULT_CACHE_OPTIONS = {
  max: 1_000,
  maxWeight: Infinity,
  eviction: 'adaptive',
  ttl: Infinity,
  idleTtl: Infinity,
  jitter: 0,
  load: {
    timeout: '10s',
    staleWhileRevalidate: 0,
    staleIfError: 0,
    refreshAhead: 0,
    negativeTtl: 0,
    errorTtl: 0,
  },
  lease: { timeout: '5s', maxWaiting: Infinity, destroyTimeout: '5s' },
} as const satisfies CacheOptions;

/** How values are loaded; times in milliseconds. */
export interface LoadSettings {
  readonly timeout: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly refreshAhead: number;
  readonly negativeTtl: number;
  readonly errorTtl: number;
}

/** {@link CacheOptions} read and checked; times in milliseconds. */
export interface CacheSettings {
  readonly max: number;
  readonly maxWeight: number;
  readonly weigh: ((value: unknown, key: string) => number) | undefined;
  readonly eviction: EvictionName;
  readonly ttl: number;
  readonly idleTtl: number;
  readonly jitter: number;
  readonly stores: readonly Keyv[];
  readonly load: LoadSettings;
  readonly lease: { readonly timeout: number; readonly maxWaiting: number; readonly destroyTimeout: number };
}

const KNOWN: Record<string, readonly string[]> = {
  '': [...Object.keys(DEFAULT_CACHE_OPTIONS), 'weigh', 'stores'],
  load: Object.keys(DEFAULT_CACHE_OPTIONS.load),
  lease: Object.keys(DEFAULT_CACHE_OPTIONS.lease),
};

/**
 * @param at where the options stand, for the errors
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readCacheOptions(options: CacheOptions, at: string): CacheSettings {
  checkKnown(options, '', at);
  for (const group of ['load', 'lease'] as const)
    if (options[group] !== undefined) checkKnown(options[group], group, at);
  const defaults = DEFAULT_CACHE_OPTIONS;
  const { load = {}, lease = {}, eviction = defaults.eviction, stores = [], weigh } = options;
  const max = count(options.max ?? defaults.max, `${at}.max`, 1);
  const maxWeight = count(options.maxWeight ?? defaults.maxWeight, `${at}.maxWeight`, 1);
  if (max === Infinity && maxWeight === Infinity)
    throw new InvalidOptionsError(
      `${at}.max`,
      'must be finite when "maxWeight" is not: a cache has a bound.',
    );
  if (!EVICTION_NAMES.includes(eviction)) {
    const known = EVICTION_NAMES.join(', ');
    throw new InvalidOptionsError(`${at}.eviction`, `must be one of ${known}; got ${format(eviction)}.`);
  }
  if (weigh !== undefined && typeof weigh !== 'function')
    throw new InvalidOptionsError(`${at}.weigh`, `must be a function; got ${format(weigh)}.`);
  return {
    max,
    maxWeight,
    weigh,
    eviction,
    ttl: readSpan(options.ttl ?? defaults.ttl, `${at}.ttl`),
    idleTtl: readSpan(options.idleTtl ?? defaults.idleTtl, `${at}.idleTtl`),
    jitter: readShare(options.jitter ?? defaults.jitter, `${at}.jitter`),
    stores: readStores(stores, `${at}.stores`),
    load: {
      timeout: readSpan(load.timeout ?? defaults.load.timeout, `${at}.load.timeout`),
      ...readWindows(load, defaults.load, `${at}.load.`),
    },
    lease: {
      timeout: readSpan(lease.timeout ?? defaults.lease.timeout, `${at}.lease.timeout`),
      maxWaiting: count(lease.maxWaiting ?? defaults.lease.maxWaiting, `${at}.lease.maxWaiting`, 0),
      destroyTimeout: readSpan(
        lease.destroyTimeout ?? defaults.lease.destroyTimeout,
        `${at}.lease.destroyTimeout`,
      ),
    },
  };
}

/** The spans of a load's options that may be 0. */
export type LoadWindows = Omit<LoadSettings, 'timeout'>;

/** @param prefix of the options' names, for the errors */
export function readWindows(
  options: { readonly [Name in keyof LoadWindows]?: Duration },
  defaults: { readonly [Name in keyof LoadWindows]: Duration },
  prefix: string,
): LoadWindows {
  const read = (name: keyof LoadWindows): number =>
    parseDuration(options[name] ?? defaults[name], `${prefix}${name}`);
  return {
    staleWhileRevalidate: read('staleWhileRevalidate'),
    staleIfError: read('staleIfError'),
    refreshAhead: read('refreshAhead'),
    negativeTtl: read('negativeTtl'),
    errorTtl: read('errorTtl'),
  };
}

/** A duration of more than 0. @throws InvalidOptionsError when it is 0 or unreadable */
export function readSpan(value: Duration, option: string): number {
  const read = parseDuration(value, option);
  if (read === 0) throw new InvalidOptionsError(option, 'must be more than 0; use Infinity for no limit.');
  return read;
}

function checkKnown(options: object, group: string, at: string): void {
  const path = group === '' ? at : `${at}.${group}`;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InvalidOptionsError(path, `must be an object; got ${format(options)}.`);
  const names = KNOWN[group];
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new InvalidOptionsError(
    `${path}.${unknown}`,
    `is not an option. Known options: ${names.join(', ')}.`,
  );
}

function count(value: number, option: string, least: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return value;
  throw new InvalidOptionsError(
    option,
    `must be a whole number of at least ${least}, or Infinity; got ${format(value)}.`,
  );
}

function readShare(value: number, option: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new InvalidOptionsError(option, `must be a number from 0 to 1; got ${format(value)}.`);
}

function readStores(stores: readonly Keyv[], option: string): readonly Keyv[] {
  if (!Array.isArray(stores))
    throw new InvalidOptionsError(option, `must be an array of Keyv instances; got ${format(stores)}.`);
  for (const [index, store] of stores.entries()) {
    const methods = store as Partial<Record<'get' | 'set' | 'delete' | 'clear', unknown>> | null | undefined; // unchecked input
    if (typeof methods !== 'object' || methods === null)
      throw new InvalidOptionsError(`${option}[${index}]`, `must be a Keyv instance; got ${format(store)}.`);
    for (const name of ['get', 'set', 'delete', 'clear'] as const) {
      if (typeof methods[name] !== 'function')
        throw new InvalidOptionsError(`${option}[${index}]`, `must be a Keyv instance; it has no ${name}().`);
    }
  }
  return stores;
}
