import type { OptionReader } from '../../options/option-reader.js';
import { RecyclingPolicy } from '../../policies/upkeep/recycling-policy.js';
import { describeValue } from '../../words/describe-value.js';
import type { Duration } from '../../time/duration.js';

/**
 * When a processor gets another thread. It is made first, within `pool.creation.timeout`, and takes the place between two loans, never during one in which
 * something has been run. Of each type it is one thread at a time, which is one more than there are processors meanwhile, and counts against neither `max`
 * nor a budget. Where it can't be made, what there is goes on, and it is tried again after a second, and then twice as late each time, up to a minute.
 */
export interface RecycleOptions {
  /** Loans. A count of at least 1. Default `Infinity`. */
  maxUses?: number;
  /** Age, as of the end of a loan. More than 0. Default `'30m'`; `Infinity` for never. */
  maxLifetime?: Duration;
  /** Megabytes of heap in use when the last job of a loan ended, garbage that V8 has not collected yet included. More than 0. Default `Infinity`. */
  maxHeap?: number;
  /** The part of each limit, from 0 to 1, by which it is lowered at random for each thread. Default 0.1. */
  jitter?: number;
}

/** The defaults of {@link RecycleOptions}. */
export const DEFAULT_RECYCLE_OPTIONS = {
  maxUses: Infinity,
  maxLifetime: '30m',
  maxHeap: Infinity,
  jitter: 0.1,
} as const satisfies RecycleOptions;

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readRecycleOptions(read: OptionReader, given: RecycleOptions | undefined): RecyclingPolicy {
  const defaults = DEFAULT_RECYCLE_OPTIONS;
  const {
    maxUses,
    maxLifetime,
    maxHeap = defaults.maxHeap,
    jitter,
  } = read.group('recycle', given, Object.keys(defaults));
  if (typeof maxHeap !== 'number' || !(maxHeap > 0))
    read.fail('recycle.maxHeap', `must be a number of megabytes above 0; got ${describeValue(maxHeap)}.`);
  return new RecyclingPolicy(
    read.limit('recycle.maxUses', maxUses, defaults.maxUses, 1),
    read.span('recycle.maxLifetime', maxLifetime, defaults.maxLifetime),
    maxHeap,
    read.fraction('recycle.jitter', jitter, defaults.jitter),
  );
}
