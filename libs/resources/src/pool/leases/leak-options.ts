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
  stack?: 'off' | 'sampled' | 'always';
  /** Take back a lease that was dropped without release, when it is garbage-collected. Default false. */
  reclaimCollected?: boolean;
}

/** The defaults of {@link LeakOptions}. */
export const DEFAULT_LEAK_OPTIONS = {
  warnAfter: Infinity,
  stack: 'off',
  reclaimCollected: false,
} as const satisfies LeakOptions;

const STACKS = ['off', 'sampled', 'always'] as const;

/** Of so many leases one has its stack captured when they are sampled. */
export const STACK_SAMPLE = 100;

/** {@link LeakOptions} read; times in milliseconds. */
export interface LeakSettings {
  readonly warnAfter: number;
  /** One lease in so many has its stack captured; `Infinity` for none. */
  readonly stackEvery: number;
  readonly reclaimCollected: boolean;
}

export function readLeakOptions(read: OptionReader, given: LeakOptions | undefined): LeakSettings {
  const defaults = DEFAULT_LEAK_OPTIONS;
  const options = read.group('leaks', given, Object.keys(defaults));
  const stack = read.oneOf('leaks.stack', options.stack, STACKS, defaults.stack);
  return {
    warnAfter: read.span('leaks.warnAfter', options.warnAfter, defaults.warnAfter),
    stackEvery: { off: Infinity, sampled: STACK_SAMPLE, always: 1 }[stack],
    reclaimCollected: read.flag(
      'leaks.reclaimCollected',
      options.reclaimCollected,
      defaults.reclaimCollected,
    ),
  };
}
