import { DEFAULT_READINESS, type Readiness, readReadiness } from '../options/readiness.js';
import type { Duration } from '../time/duration.js';
import {
  type AbandonmentOptions,
  type AbandonmentSettings,
  DEFAULT_ABANDONMENT_OPTIONS,
  readAbandonmentOptions,
} from './leases/abandonment-options.js';
import {
  type CreationOptions,
  type CreationSettings,
  DEFAULT_CREATION_OPTIONS,
  readCreationOptions,
} from './creation/creation-options.js';
import {
  type CredentialsOptions,
  type CredentialsSettings,
  readCredentialsOptions,
} from './creation/credentials-options.js';
import {
  DEFAULT_KEYED_OPTIONS,
  type KeyedOptions,
  type KeyedSettings,
  readKeyedOptions,
} from './keyed/keyed-options.js';
import { isGroup, OptionReader } from '../options/option-reader.js';
import {
  DEFAULT_LEAK_OPTIONS,
  DEFAULT_LEASE_BOUND,
  type LeakOptions,
  type LeakSettings,
  readLeakOptions,
} from './leases/leak-options.js';
import {
  DEFAULT_LENDING_OPTIONS,
  type LendingOptions,
  type LendingSettings,
  readLendingOptions,
} from './slots/lending-options.js';
import {
  DEFAULT_QUEUE_BOUND,
  DEFAULT_QUEUE_OPTIONS,
  type QueueOptions,
  type QueueSettings,
  readQueueOptions,
} from './queue/queue-options.js';
import {
  DEFAULT_QUOTA_OPTIONS,
  type QuotaOptions,
  type QuotaSettings,
  readQuotaOptions,
} from './queue/quota-options.js';
import {
  DEFAULT_RETIREMENT_OPTIONS,
  DEFAULT_SERVICE_LIMITS,
  readRetirementOptions,
  type RetirementOptions,
  type RetirementSettings,
} from './upkeep/retirement-options.js';
import {
  DEFAULT_RESERVE_OPTIONS,
  readReserveOptions,
  type ReserveOptions,
  type ReserveSettings,
} from './sizing/reserve-options.js';
import {
  DEFAULT_BOUNDS,
  DEFAULT_SIZING_OPTIONS,
  readSizingOptions,
  type SizingOptions,
  type SizingSettings,
} from './sizing/sizing-options.js';
import {
  DEFAULT_VALIDATION_OPTIONS,
  readValidationOptions,
  type ValidationOptions,
  type ValidationSettings,
} from './upkeep/validation-options.js';

/** How a pool behaves. Every option has a default, listed in {@link DEFAULT_POOL_OPTIONS}. */
export interface PoolOptions {
  /** Resources kept even when nobody needs them, on loan or not: a count from 0 to `max`. Default 0. */
  min?: number;
  /**
   * Idle resources kept ahead of the next callers, besides those on loan, as far as `max` allows: a count from 0 to `max`. When a loan leaves
   * fewer, more are created in the background; `idleTimeout` and pruning leave as many. Not with `sizing.mode: 'fixed'`. Default 0.
   */
  minIdle?: number;
  /** Most resources at any time, a count of at least 1. Default 10. Found by the pool with `sizing.mode: 'adaptive'`. */
  max?: number;
  /** Most time from asking for a resource to having it: waiting, creating and validating together. More than 0. Default `'5s'`. */
  acquireTimeout?: Duration;
  /**
   * A resource above `min` and `minIdle` that was unused for this long is not lent any more. It is destroyed at most a quarter of it later,
   * but not sooner than the pool looks: every 50 ms to 1 s. More than 0. Default `'5m'`; `Infinity` for never.
   */
  idleTimeout?: Duration;
  /** A resource older than this is not lent again. Default `'30m'`; `Infinity` for never. */
  maxLifetime?: Duration;
  /** Loans after which a resource retires, at least 1. Default `Infinity`. */
  maxUses?: number;
  /** A lease held for longer is revoked, and its resource destroyed. Default `Infinity`: never. */
  maxLeaseTime?: Duration;
  /** Callers that may wait; one more is refused at once. A count of at least 0. Default `Infinity`. */
  maxWaiting?: number;
  /**
   * What health makes of it when nothing in the pool works: `'required'`, the application is not ready; `'ignored'`, it is degraded, and the pool does
   * not look by itself whether what has died can be replaced. Default `'required'`.
   */
  readiness?: Readiness;
  reserve?: ReserveOptions;
  queue?: QueueOptions;
  lending?: LendingOptions;
  validation?: ValidationOptions;
  creation?: CreationOptions;
  credentials?: CredentialsOptions;
  retirement?: RetirementOptions;
  sizing?: SizingOptions;
  quota?: QuotaOptions;
  leaks?: LeakOptions;
  abandonment?: AbandonmentOptions;
  keyed?: KeyedOptions;
}

/** The defaults of {@link PoolOptions}, in one place. */
export const DEFAULT_POOL_OPTIONS = {
  ...DEFAULT_BOUNDS,
  acquireTimeout: '5s',
  ...DEFAULT_SERVICE_LIMITS,
  ...DEFAULT_LEASE_BOUND,
  ...DEFAULT_QUEUE_BOUND,
  readiness: DEFAULT_READINESS,
  reserve: DEFAULT_RESERVE_OPTIONS,
  queue: DEFAULT_QUEUE_OPTIONS,
  lending: DEFAULT_LENDING_OPTIONS,
  validation: DEFAULT_VALIDATION_OPTIONS,
  creation: DEFAULT_CREATION_OPTIONS,
  credentials: {},
  retirement: DEFAULT_RETIREMENT_OPTIONS,
  sizing: DEFAULT_SIZING_OPTIONS,
  quota: DEFAULT_QUOTA_OPTIONS,
  leaks: DEFAULT_LEAK_OPTIONS,
  abandonment: DEFAULT_ABANDONMENT_OPTIONS,
  keyed: DEFAULT_KEYED_OPTIONS,
} as const satisfies PoolOptions;

/** {@link PoolOptions} read and checked; times in milliseconds. */
export interface PoolSettings
  extends
    QueueSettings,
    LendingSettings,
    ValidationSettings,
    CreationSettings,
    CredentialsSettings,
    RetirementSettings,
    SizingSettings,
    ReserveSettings,
    QuotaSettings,
    LeakSettings,
    AbandonmentSettings,
    KeyedSettings {
  readonly acquireTimeout: number;
  readonly readiness: Readiness;
}

/** The options that are groups of options themselves, at whatever depth. */
const GROUPS = [
  'reserve',
  'queue',
  'coDel',
  'lending',
  'validation',
  'timeout',
  'creation',
  'retry',
  'breaker',
  'credentials',
  'retirement',
  'prune',
  'sizing',
  'quota',
  'leaks',
  'abandonment',
  'keyed',
];

/**
 * Reads and checks a pool's options.
 *
 * @param at where the options stand, for the errors: `resources.pg.pool`
 * @param canValidate whether the factory has `validate`
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readPoolOptions(
  options: PoolOptions,
  at: string,
  type: string,
  canValidate: boolean,
): PoolSettings {
  const read = new OptionReader(at, type);
  const defaults = DEFAULT_POOL_OPTIONS;
  read.group('', options, Object.keys(defaults));
  const sizing = readSizingOptions(read, options, options.sizing);
  return {
    acquireTimeout: read.span('acquireTimeout', options.acquireTimeout, defaults.acquireTimeout),
    readiness: readReadiness(read, options.readiness),
    ...readQueueOptions(read, options, options.queue),
    ...readLendingOptions(read, options.lending),
    ...readValidationOptions(read, options.validation, canValidate),
    ...readCreationOptions(read, options.creation),
    ...readCredentialsOptions(read, options.credentials),
    ...readRetirementOptions(read, options, options.retirement),
    ...readReserveOptions(read, options.reserve, sizing, options.sizing?.mode === 'fixed'),
    ...readQuotaOptions(read, options.quota),
    ...readLeakOptions(read, options, options.leaks),
    ...readAbandonmentOptions(read, options.abandonment),
    ...readKeyedOptions(read, options.keyed),
  };
}

/** Stands in a change for an option that is to have its default again. */
const UNSET = Symbol('unset');

/** @returns `options` with the given values of `change` in place of its own, group by group */
export function mergePoolOptions(options: PoolOptions, change: PoolOptions): PoolOptions {
  return merge(options, change);
}

/** @returns the change that makes `target` of `options`: what the target does not have gets its default again */
export function changeTo(options: PoolOptions, target: PoolOptions): PoolOptions {
  return difference(options, target);
}

function merge<O extends object>(options: O, change: O): O {
  const merged = { ...options } as Record<string, unknown>; // read and written by name
  for (const [name, value] of Object.entries(change) as [string, unknown][]) {
    const before = merged[name];
    const both = GROUPS.includes(name) && isGroup(before) && isGroup(value);
    if (value === UNSET) delete merged[name];
    else if (value !== undefined) merged[name] = both ? merge(before, value) : value;
  }
  return merged as O; // the same names, with values from either
}

function difference<O extends object>(options: O, target: O): O {
  const change: Record<string, unknown> = {};
  for (const name of Object.keys(options)) change[name] = UNSET;
  for (const [name, value] of Object.entries(target) as [string, unknown][]) {
    const before: unknown = Reflect.get(options, name);
    const both = GROUPS.includes(name) && isGroup(before) && isGroup(value);
    if (value !== undefined) change[name] = both ? difference(before, value) : value;
  }
  return change as O; // for merge() alone, which knows what UNSET means
}
