import { RetirementPolicy } from '../../policies/retirement-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from './option-reader.js';

/** How resources retire, besides `idleTimeout`, `maxLifetime` and `maxUses`. */
export interface RetirementOptions {
  /** Most time for one `destroy`; then its place is given away. More than 0. Default `'5s'`. */
  timeout?: Duration;
}

/** When resources retire. */
interface ServiceLimits {
  idleTimeout?: Duration;
  maxLifetime?: Duration;
  maxUses?: number;
}

/** The defaults of {@link RetirementOptions}. */
export const DEFAULT_RETIREMENT_OPTIONS = { timeout: '5s' } as const satisfies RetirementOptions;

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
}

const NAMES = Object.keys(DEFAULT_RETIREMENT_OPTIONS);

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
    ),
    destroyTimeout: read.span('retirement.timeout', options.timeout, DEFAULT_RETIREMENT_OPTIONS.timeout),
  };
}
