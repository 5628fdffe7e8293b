import { AbandonmentPolicy } from '../../policies/leases/abandonment-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from '../../options/option-reader.js';

/**
 * What becomes of a resource whose unit of work was given up (a time-out, a client that hung up) while something may go on
 * using it unseen. It is never lent on.
 */
export interface AbandonmentOptions {
  /** How long it is held, so that the work can end. From 0; with `Infinity`, until others need the room. Default `'1s'`. */
  wait?: Duration;
  /** What follows: it retires. Default `'retire'`. */
  then?: 'retire';
  /** Most resources that are held at a time, as a share of `max` from 0 to 1, and at least one; the one held longest retires first. Default 0.2. */
  max?: number;
}

/** The defaults of {@link AbandonmentOptions}. */
export const DEFAULT_ABANDONMENT_OPTIONS = {
  wait: '1s',
  // oxlint-disable-next-line unicorn/no-thenable -- a word, not a function
  then: 'retire',
  max: 0.2,
} as const satisfies AbandonmentOptions;

const ENDS = ['retire'] as const;

/** {@link AbandonmentOptions} read. */
export interface AbandonmentSettings {
  readonly abandonment: AbandonmentPolicy;
}

export function readAbandonmentOptions(
  read: OptionReader,
  given: AbandonmentOptions | undefined,
): AbandonmentSettings {
  const defaults = DEFAULT_ABANDONMENT_OPTIONS;
  const options = read.group('abandonment', given, Object.keys(defaults));
  read.oneOf('abandonment.then', options.then, ENDS, defaults.then);
  return {
    abandonment: new AbandonmentPolicy(
      read.duration('abandonment.wait', options.wait, defaults.wait),
      read.fraction('abandonment.max', options.max, defaults.max),
    ),
  };
}
