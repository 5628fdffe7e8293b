import type { Keyv } from 'keyv';
import { OptionReader, OWN_NAME } from '../options/option-reader.js';
import type { EvictionName } from '../policies/eviction/create-eviction.js';
import type { Duration } from '../time/duration.js';
import { type CacheStoreOption, readStores } from './keyv/read-stores.js';
import { AbandonmentPolicy } from '../policies/leases/abandonment-policy.js';
import { LeaseOrigins, type StackCapture, STACKS } from '../policies/leases/lease-origins.js';
import {
  type CacheEngineSettings,
  DEFAULT_ENGINE_OPTIONS,
  readEngineOptions,
} from './engine/cache-engine-settings.js';

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
  /** How long an entry lives after it was written, unless its own `ttl` says otherwise. More than 0. Default `Infinity`. */
  ttl?: Duration;
  /** An entry that was unused for this long expires. More than 0. Default `Infinity`. */
  idleTtl?: Duration;
  /** The largest share, from 0 to 1, by which a life is shortened, so that what was written together does not expire together. Default 0. */
  jitter?: number;
  /**
   * Secondary stores, asked in this order for values that are not in memory: Keyv instances, or storage adapters such as `KeyvRedis`, which
   * are given a Keyv each. Default none.
   */
  stores?: readonly CacheStoreOption[];
  load?: CacheLoadOptions;
  lease?: CacheLeaseOptions;
  validation?: CacheValidationOptions;
  abandonment?: CacheAbandonmentOptions;
  leaks?: CacheLeakOptions;
}

/** How a cache's values and resources are loaded. */
export interface CacheLoadOptions {
  /** Most time for one load, and for one answer of a secondary store. More than 0. Default `'10s'`. */
  timeout?: Duration;
  /** How long after its `ttl` a value is still given out while one load replaces it. Default 0. */
  staleWhileRevalidate?: Duration;
  /** How long after its `ttl` a value is still given out when a load fails. Default 0. */
  staleIfError?: Duration;
  /** A value that is used with less life left than this is replaced by a load in the background. Default 0. */
  refreshAhead?: Duration;
  /** How long it is remembered that there is no value: that a load brought `undefined`. Default 0: not at all. */
  negativeTtl?: Duration;
  /** How long a load's failure is kept and given to every caller. Default 0: not at all. */
  errorTtl?: Duration;
}

/** How a cache's resources are lent and ended. */
export interface CacheLeaseOptions {
  /** Most time from asking for a resource to having it: waiting for room, validating and loading together. More than 0. Default `'5s'`. */
  timeout?: Duration;
  /** Callers that may wait for room; one more is refused at once. A count of at least 0. Default `Infinity`. */
  maxWaiting?: number;
  /** Most time for one `destroy`; then its `signal` is aborted, and its place given away. More than 0. Default `'5s'`. */
  destroyTimeout?: Duration;
}

/** What becomes of a resource that leaves the cache when a unit of work was given up that may still use it, as a pool's. */
export interface CacheAbandonmentOptions {
  /** How long after that it is kept from `destroy`. From 0. Default `'1s'`. */
  wait?: Duration;
  /** The share of `max` that is kept at a time, and at least one resource; of one more, the oldest is destroyed. From 0 to 1. Default 0.2. */
  max?: number;
}

/** How leases of a cache's resources that don't end are found. */
export interface CacheLeakOptions {
  /**
   * Whether the place of acquisition is captured: `'off'`; `'sampled'`, for one lease in a hundred; `'always'`, at
   * a price of one to two microseconds for each. Default `'off'`.
   */
  stack?: StackCapture;
}

/** When a resource that has `validate` must prove that it works. */
export interface CacheValidationOptions {
  /** Validate a resource that nobody uses before it is lent. Default true. */
  onBorrow?: boolean;
  /** Lend a resource without a check if it was alive within this time: made, given back, or validated. From 0. Default `'500ms'`. */
  aliveBypass?: Duration;
  /**
   * A resource that nobody has used for this long is validated, which also keeps it from being cut off by firewalls and proxies. It
   * does not count as used by that. More than 0. Default `Infinity`: never.
   */
  keepAlive?: Duration;
  /** Most time for one `validate`; then the resource leaves the cache. More than 0. Default `'2s'`. */
  timeout?: Duration;
}

/** The defaults of {@link CacheOptions}, in one place. */
export const DEFAULT_CACHE_OPTIONS = {
  ...DEFAULT_ENGINE_OPTIONS,
  ttl: Infinity,
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
  // As a pool's.
  validation: { onBorrow: true, aliveBypass: '500ms', keepAlive: Infinity, timeout: '2s' },
  abandonment: { wait: '1s', max: 0.2 },
  leaks: { stack: 'off' },
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
export interface CacheSettings extends CacheEngineSettings {
  readonly weigh: ((value: unknown, key: string) => number) | undefined;
  readonly ttl: number;
  readonly jitter: number;
  readonly stores: readonly Keyv[];
  readonly load: LoadSettings;
  readonly lease: {
    readonly timeout: number;
    readonly maxWaiting: number;
    readonly destroyTimeout: number;
  };
  readonly validation: {
    readonly onBorrow: boolean;
    readonly aliveBypass: number;
    readonly keepAlive: number;
    readonly timeout: number;
  };
  readonly abandonment: AbandonmentPolicy;
  readonly origins: LeaseOrigins;
}

/** Those of {@link CacheOptions}. */
export const CACHE_OPTION_NAMES: readonly string[] = [
  ...Object.keys(DEFAULT_CACHE_OPTIONS),
  'weigh',
  'stores',
];

/**
 * @param at where the options stand, for the errors
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readCacheOptions(options: CacheOptions, at: string): CacheSettings {
  const read = new OptionReader(at);
  const defaults = DEFAULT_CACHE_OPTIONS;
  const { ttl, jitter, weigh, stores, load, lease, validation, abandonment, leaks, ...bounds } = read.group(
    '',
    options,
    CACHE_OPTION_NAMES,
  );
  return {
    ...readEngineOptions(read, bounds),
    weigh: read.callback('weigh', weigh),
    ttl: read.span('ttl', ttl, defaults.ttl),
    jitter: read.fraction('jitter', jitter, defaults.jitter),
    stores: readStores(read, stores),
    load: readLoad(read, load),
    lease: readLease(read, lease),
    validation: readValidation(read, validation),
    abandonment: readAbandonment(read, abandonment),
    origins: readLeaks(read, leaks),
  };
}

/** The spans of a load's options that may be 0. */
export type LoadWindows = Omit<LoadSettings, 'timeout'>;

/** @param prefix of the options' names, for the errors */
export function readWindows(
  options: { readonly [Name in keyof LoadWindows]?: Duration },
  defaults: { readonly [Name in keyof LoadWindows]: Duration },
  prefix: string,
  read = OWN_NAME,
): LoadWindows {
  const window = (name: keyof LoadWindows): number =>
    read.duration(`${prefix}${name}`, options[name], defaults[name]);
  return {
    staleWhileRevalidate: window('staleWhileRevalidate'),
    staleIfError: window('staleIfError'),
    refreshAhead: window('refreshAhead'),
    negativeTtl: window('negativeTtl'),
    errorTtl: window('errorTtl'),
  };
}

/** A duration of more than 0. @throws InvalidOptionsError when it is 0 or unreadable */
export function readSpan(value: Duration, option: string): number {
  return OWN_NAME.span(option, value, value);
}

function readLoad(read: OptionReader, given: CacheLoadOptions | undefined): LoadSettings {
  const defaults = DEFAULT_CACHE_OPTIONS.load;
  const options = read.group('load', given, Object.keys(defaults));
  return {
    timeout: read.span('load.timeout', options.timeout, defaults.timeout),
    ...readWindows(options, defaults, 'load.', read),
  };
}

function readLease(read: OptionReader, given: CacheLeaseOptions | undefined): CacheSettings['lease'] {
  const defaults = DEFAULT_CACHE_OPTIONS.lease;
  const options = read.group('lease', given, Object.keys(defaults));
  const { timeout, maxWaiting, destroyTimeout } = options;
  return {
    timeout: read.span('lease.timeout', timeout, defaults.timeout),
    maxWaiting: read.limit('lease.maxWaiting', maxWaiting, defaults.maxWaiting, 0),
    destroyTimeout: read.span('lease.destroyTimeout', destroyTimeout, defaults.destroyTimeout),
  };
}

function readAbandonment(read: OptionReader, given: CacheAbandonmentOptions | undefined): AbandonmentPolicy {
  const defaults = DEFAULT_CACHE_OPTIONS.abandonment;
  const { wait, max } = read.group('abandonment', given, Object.keys(defaults));
  return new AbandonmentPolicy(
    read.duration('abandonment.wait', wait, defaults.wait),
    read.fraction('abandonment.max', max, defaults.max),
  );
}

function readLeaks(read: OptionReader, given: CacheLeakOptions | undefined): LeaseOrigins {
  const defaults = DEFAULT_CACHE_OPTIONS.leaks;
  const { stack } = read.group('leaks', given, Object.keys(defaults));
  return new LeaseOrigins(read.oneOf('leaks.stack', stack, STACKS, defaults.stack));
}

function readValidation(
  read: OptionReader,
  given: CacheValidationOptions | undefined,
): CacheSettings['validation'] {
  const defaults = DEFAULT_CACHE_OPTIONS.validation;
  const { onBorrow, aliveBypass, keepAlive, timeout } = read.group(
    'validation',
    given,
    Object.keys(defaults),
  );
  return {
    onBorrow: read.flag('validation.onBorrow', onBorrow, defaults.onBorrow),
    aliveBypass: read.duration('validation.aliveBypass', aliveBypass, defaults.aliveBypass),
    keepAlive: read.span('validation.keepAlive', keepAlive, defaults.keepAlive),
    timeout: read.span('validation.timeout', timeout, defaults.timeout),
  };
}
