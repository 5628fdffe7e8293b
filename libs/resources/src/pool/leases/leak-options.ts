import { type StackCapture, STACKS } from '../../policies/leases/lease-origins.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from '../../options/option-reader.js';

/** How leases that don't come back are found. `maxLeaseTime` takes them back. */
export interface LeakOptions {
  /** A lease held for longer is reported, with owner, age and stack. More than 0. Default `Infinity`: never. */
  warnAfter?: Duration;
  /**
   * Whether the place of acquisition is captured: `'off'`; `'sampled'`, for one lease in a hundred; `'always'`, at
   * a price of one to two microseconds for each. Default `'off'`.
   */
  stack?: StackCapture;
  /** Take back a lease that was dropped without release, when it is garbage-collected. Default false. */
  reclaimCollected?: boolean;
}

/** The bound that stands beside the groups. */
interface LeaseBound {
  maxLeaseTime?: Duration;
}

/** The default of the bound that stands beside the groups. */
export const DEFAULT_LEASE_BOUND = { maxLeaseTime: Infinity } as const satisfies LeaseBound;

/** The defaults of {@link LeakOptions}. */
export const DEFAULT_LEAK_OPTIONS = {
  warnAfter: Infinity,
  stack: 'off',
  reclaimCollected: false,
} as const satisfies LeakOptions;

/** {@link LeakOptions} read; times in milliseconds. */
export interface LeakSettings {
  readonly maxLeaseTime: number;
  readonly warnAfter: number;
  readonly stack: StackCapture;
  readonly reclaimCollected: boolean;
}

export function readLeakOptions(
  read: OptionReader,
  { maxLeaseTime }: LeaseBound,
  given: LeakOptions | undefined,
): LeakSettings {
  const defaults = DEFAULT_LEAK_OPTIONS;
  const options = read.group('leaks', given, Object.keys(defaults));
  return {
    maxLeaseTime: read.span('maxLeaseTime', maxLeaseTime, DEFAULT_LEASE_BOUND.maxLeaseTime),
    warnAfter: read.span('leaks.warnAfter', options.warnAfter, defaults.warnAfter),
    stack: read.oneOf('leaks.stack', options.stack, STACKS, defaults.stack),
    reclaimCollected: read.flag(
      'leaks.reclaimCollected',
      options.reclaimCollected,
      defaults.reclaimCollected,
    ),
  };
}
