import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { CreationPolicy } from '../policies/creation-policy.js';
import { RetirementPolicy } from '../policies/retirement-policy.js';
import { ValidationPolicy } from '../policies/validation-policy.js';
import { type Duration, format, parseDuration } from '../time/duration.js';

/** How a pool behaves. Every option has a default, listed in {@link DEFAULT_POOL_OPTIONS}. */
export interface PoolOptions {
  /** Resources kept even when nobody needs them, a count from 0 to `max`. Default 0. */
  min?: number;
  /** Most resources at any time, a count of at least 1. Default 10. */
  max?: number;
  /** Most time from asking to having: waiting, creating and validating together. More than 0. Default `'5s'`. */
  acquireTimeout?: Duration;
  /** Unused for so long, a resource above `min` retires. Default `'5m'`; `Infinity` for never. */
  idleTimeout?: Duration;
  /** A resource older than this is not lent again. Default `'30m'`; `Infinity` for never. */
  maxLifetime?: Duration;
  /** Loans after which a resource retires, at least 1. Default `Infinity`. */
  maxUses?: number;
  /** A lease held for longer is revoked, and its resource destroyed. Default `Infinity`: never. */
  maxLeaseTime?: Duration;
  /** Callers that may wait; one more is refused at once. A count of at least 0. Default `Infinity`. */
  maxWaiting?: number;
  validation?: {
    /** Validate before lending. Default: true when the factory has `validate`. */
    onBorrow?: boolean;
    /** Lend without a check what was alive within this time. Default `'500ms'`. */
    aliveBypass?: Duration;
    /** Validate when it comes back, after the reset. Default false. */
    onReturn?: boolean;
    /** Most time for one `validate` or `reset`; then the resource retires. More than 0. Default `'2s'`. */
    timeout?: Duration;
  };
  creation?: {
    /** Most creations in flight, a count of at least 1. Default: no limit but `max`. */
    concurrency?: number;
    /** Most time for one `create`; what comes later is destroyed. More than 0. Default `'10s'`. */
    timeout?: Duration;
  };
  retirement?: {
    /** Most time for one `destroy`; then its place is given away. More than 0. Default `'5s'`. */
    timeout?: Duration;
  };
}

/** The defaults of {@link PoolOptions}, in one place. */
export const DEFAULT_POOL_OPTIONS = {
  min: 0,
  max: 10,
  acquireTimeout: '5s',
  idleTimeout: '5m',
  maxLifetime: '30m',
  maxUses: Infinity,
  maxLeaseTime: Infinity,
  maxWaiting: Infinity,
  // Shorter than acquireTimeout: a caller whose resource hangs shall have time for another.
  validation: { aliveBypass: '500ms', onReturn: false, timeout: '2s' },
  creation: { concurrency: Infinity, timeout: '10s' },
  retirement: { timeout: '5s' },
} as const satisfies PoolOptions;

/** {@link PoolOptions} read and checked; times in milliseconds. */
export interface PoolSettings {
  readonly min: number;
  readonly max: number;
  readonly acquireTimeout: number;
  readonly maxLeaseTime: number;
  readonly maxWaiting: number;
  readonly validationTimeout: number;
  readonly creationTimeout: number;
  readonly destroyTimeout: number;
  readonly validation: ValidationPolicy;
  readonly creation: CreationPolicy;
  readonly retirement: RetirementPolicy;
}

const GROUPS = ['validation', 'creation', 'retirement'] as const;
const KNOWN: Record<string, readonly string[]> = {
  '': Object.keys(DEFAULT_POOL_OPTIONS),
  validation: ['onBorrow', ...Object.keys(DEFAULT_POOL_OPTIONS.validation)],
  creation: Object.keys(DEFAULT_POOL_OPTIONS.creation),
  retirement: Object.keys(DEFAULT_POOL_OPTIONS.retirement),
};

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
  read.known('', options);
  for (const group of GROUPS) if (options[group] !== undefined) read.known(group, options[group]);

  const defaults = DEFAULT_POOL_OPTIONS;
  const { validation = {}, creation = {}, retirement = {} } = options;
  const max = read.count('max', options.max, defaults.max, 1);
  const min = read.count('min', options.min, defaults.min, 0);
  if (min > max) read.fail('min', `must not be greater than "max"; got min ${min} and max ${max}.`);
  for (const name of ['onBorrow', 'onReturn'] as const) {
    if (read.flag(`validation.${name}`, validation[name]) && !canValidate) {
      read.fail(
        `validation.${name}`,
        'needs a factory with a "validate" method; add one, or leave the option out.',
      );
    }
  }
  return {
    min,
    max,
    acquireTimeout: read.span('acquireTimeout', options.acquireTimeout, defaults.acquireTimeout),
    maxLeaseTime: read.span('maxLeaseTime', options.maxLeaseTime, defaults.maxLeaseTime),
    maxWaiting: read.count('maxWaiting', options.maxWaiting, defaults.maxWaiting, 0),
    validationTimeout: read.span('validation.timeout', validation.timeout, defaults.validation.timeout),
    creationTimeout: read.span('creation.timeout', creation.timeout, defaults.creation.timeout),
    destroyTimeout: read.span('retirement.timeout', retirement.timeout, defaults.retirement.timeout),
    validation: new ValidationPolicy(
      validation.onBorrow ?? canValidate,
      read.duration('validation.aliveBypass', validation.aliveBypass, defaults.validation.aliveBypass),
      validation.onReturn ?? defaults.validation.onReturn,
    ),
    creation: new CreationPolicy(
      read.count('creation.concurrency', creation.concurrency, defaults.creation.concurrency, 1),
    ),
    retirement: new RetirementPolicy(
      read.span('idleTimeout', options.idleTimeout, defaults.idleTimeout),
      read.span('maxLifetime', options.maxLifetime, defaults.maxLifetime),
      read.count('maxUses', options.maxUses, defaults.maxUses, 1),
    ),
  };
}

/** @returns `options` with the given values of `change` in place of its own, group by group */
export function mergePoolOptions(options: PoolOptions, change: PoolOptions): PoolOptions {
  const merged: PoolOptions = { ...options, ...given(change) };
  for (const group of GROUPS) {
    const changed = change[group];
    if (isGroup(changed)) Object.assign(merged, { [group]: { ...options[group], ...given(changed) } });
  }
  return merged;
}

function given<O extends object>(options: O): Partial<O> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<O>;
}

/** @throws InvalidOptionsError when it is no object */
export function checkOptions(options: unknown, at: string, type?: string): void {
  if (isGroup(options)) return;
  throw new InvalidOptionsError(at, `must be an object; got ${format(options)}.`, type);
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class OptionReader {
  constructor(
    private readonly at: string,
    private readonly type: string,
  ) {}

  fail(option: string, problem: string): never {
    throw new InvalidOptionsError(this.path(option), problem, this.type);
  }

  known(group: string, options: object): void {
    checkOptions(options, this.path(group), this.type);
    const names = KNOWN[group];
    for (const name of Object.keys(options)) {
      if (!names.includes(name)) {
        this.fail(group === '' ? name : `${group}.${name}`, `is no option. Known here: ${names.join(', ')}.`);
      }
    }
  }

  count(option: string, value: number | undefined, fallback: number, least: number): number {
    const count = value === undefined ? fallback : value;
    const whole = Number.isInteger(count) || (count === Infinity && fallback === Infinity);
    if (!whole || count < least)
      this.fail(option, `must be a whole number of at least ${least}; got ${format(count)}.`);
    return count;
  }

  flag(option: string, value: boolean | undefined): boolean {
    if (value !== undefined && typeof value !== 'boolean')
      this.fail(option, `must be true or false; got ${format(value)}.`);
    return value === true;
  }

  duration(option: string, value: Duration | undefined, fallback: Duration): number {
    return parseDuration(value === undefined ? fallback : value, this.path(option), this.type);
  }

  span(option: string, value: Duration | undefined, fallback: Duration): number {
    const duration = this.duration(option, value, fallback);
    if (duration === 0) this.fail(option, 'must be more than 0; use Infinity for no limit.');
    return duration;
  }

  private path(option: string): string {
    if (this.at === '') return option;
    return option === '' ? this.at : `${this.at}.${option}`;
  }
}
