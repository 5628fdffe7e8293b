import { RetirementPolicy } from '../../policies/upkeep/retirement-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from '../../options/option-reader.js';

/** What a resource has been through so far. */
export interface ResourceLife {
  /** Milliseconds since it was created. */
  age: number;
  /** Milliseconds since its last use; 0 when it has just come back. */
  idleFor: number;
  /** Loans that ended. */
  uses: number;
}

/** How idle resources retire that are not needed most of the time, as in Npgsql. */
export interface PruneOptions {
  /** Time between two samples of the demand. More than 0. Default `'10s'`. */
  interval?: Duration;
  /** Samples whose median counts, at least 1. Default 30: demand that lasts for half of five minutes keeps its resources. */
  samples?: number;
}

/** How resources retire, besides `idleTimeout`, `maxLifetime` and `maxUses`. */
export interface RetirementOptions {
  /** Most time for one `destroy`; then its `signal` is aborted, and its place given away. More than 0. Default `'5s'`. */
  timeout?: Duration;
  /**
   * The part of `maxLifetime`, from 0 to 1, by which each resource's life is shortened at random, so that those created
   * together are not replaced together. Default 0.1.
   */
  jitter?: number;
  /**
   * Whether a resource should retire, called when it comes back and, while it is idle, whenever the housekeeper looks: at
   * least once a second. Anything but `true` keeps it; so does a throw, which is reported as `predicateFailed`: a mistake in
   * the predicate must not cost the resources. Default: none.
   */
  predicate?(resource: unknown, life: ResourceLife): boolean;
  /** Retires idle resources above `min` and `minIdle` that were not needed for half of the time lately. Default: off. */
  prune?: PruneOptions;
}

/** When resources retire. */
interface ServiceLimits {
  idleTimeout?: Duration;
  maxLifetime?: Duration;
  maxUses?: number;
}

/** The defaults of {@link RetirementOptions}. */
export const DEFAULT_RETIREMENT_OPTIONS = { timeout: '5s', jitter: 0.1 } as const satisfies RetirementOptions;

/** The defaults of {@link PruneOptions}, once it is on. */
const DEFAULT_PRUNE_OPTIONS = { interval: '10s', samples: 30 } as const satisfies PruneOptions;

/** The defaults of the limits that stand beside the groups. */
export const DEFAULT_SERVICE_LIMITS = {
  idleTimeout: '5m',
  maxLifetime: '30m',
  maxUses: Infinity,
} as const satisfies ServiceLimits;

/** {@link RetirementOptions} read; times in milliseconds. */
export interface RetirementSettings {
  readonly retirement: RetirementPolicy;
  readonly destroyTimeout: number;
  readonly predicate: RetirementOptions['predicate'];
  readonly prune: { readonly interval: number; readonly samples: number } | undefined;
}

const NAMES = [...Object.keys(DEFAULT_RETIREMENT_OPTIONS), 'predicate', 'prune'];

export function readRetirementOptions(
  read: OptionReader,
  { idleTimeout, maxLifetime, maxUses }: ServiceLimits,
  given: RetirementOptions | undefined,
): RetirementSettings {
  const options = read.group('retirement', given, NAMES);
  const limits = DEFAULT_SERVICE_LIMITS;
  return {
    retirement: new RetirementPolicy(
      read.span('idleTimeout', idleTimeout, limits.idleTimeout),
      read.span('maxLifetime', maxLifetime, limits.maxLifetime),
      read.count('maxUses', maxUses, limits.maxUses, 1),
      read.fraction('retirement.jitter', options.jitter, DEFAULT_RETIREMENT_OPTIONS.jitter),
    ),
    destroyTimeout: read.span('retirement.timeout', options.timeout, DEFAULT_RETIREMENT_OPTIONS.timeout),
    predicate: read.callback('retirement.predicate', options.predicate),
    prune: readPruneOptions(read, options.prune),
  };
}

function readPruneOptions(read: OptionReader, given: PruneOptions | undefined): RetirementSettings['prune'] {
  if (given === undefined) return undefined;
  const defaults = DEFAULT_PRUNE_OPTIONS;
  const options = read.group('retirement.prune', given, Object.keys(defaults));
  return {
    interval: read.span('retirement.prune.interval', options.interval, defaults.interval),
    samples: read.count('retirement.prune.samples', options.samples, defaults.samples, 1),
  };
}
