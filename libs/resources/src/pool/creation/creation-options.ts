import type { BreakerLimits } from '../../policies/creation/creation-breaker.js';
import { CreationPolicy } from '../../policies/creation/creation-policy.js';
import { CreationRetry } from '../../policies/creation/creation-retry.js';
import type { Duration } from '../../time/duration.js';
import { isGroup, type OptionReader } from '../../options/option-reader.js';

/** How resources are created, and what becomes of failures. */
export interface CreationOptions {
  /** Most creations in flight, a count of at least 1. Default: no limit but `max`. */
  concurrency?: number;
  /** Most time for one `create`; what comes later is destroyed. With a `policy`, for all of it. More than 0. Default `'10s'`. */
  timeout?: Duration;
  retry?: CreationRetryOptions;
  breaker?: CreationBreakerOptions;
  /** Runs each creation in place of `retry` and `breaker`. Default: none. */
  policy?: ExecutionPolicy;
}

/** How often and when a creation that failed is tried again, as long as somebody waits for it. */
export interface CreationRetryOptions {
  /** Tries in all, a count of at least 1; with 1 there is no second try. Default 3. */
  attempts?: number;
  /** Most time before the second try, doubled with each further one, and shortened at random. More than 0. Default `'100ms'`. */
  delay?: Duration;
  /** Most time before any try. At least `delay`. Default `'2s'`. */
  maxDelay?: Duration;
}

/** When creation is suspended, so that callers fail at once and a server that is down is left in peace. */
export interface CreationBreakerOptions {
  /** Failures in a row that suspend it, a count of at least 1; `Infinity` for never. Default 5. */
  failures?: number;
  /** How long it is suspended at first, doubled each time the probe that follows fails. More than 0. Default `'200ms'`. */
  cooldown?: Duration;
  /** The longest that it is suspended. At least `cooldown`. Default `'1s'`, or `cooldown` if that is longer. */
  maxCooldown?: Duration;
}

/** Runs work as it sees fit: again, not at all, within a time limit. Any policy of `cockatiel` will do. */
export interface ExecutionPolicy {
  /**
   * @param fn to be run any number of times
   * @param signal aborted when nobody will take the result any more
   */
  execute<R>(fn: (context: { signal: AbortSignal }) => PromiseLike<R> | R, signal?: AbortSignal): Promise<R>;
}

/** The defaults of {@link CreationOptions}. */
export const DEFAULT_CREATION_OPTIONS = {
  concurrency: Infinity,
  timeout: '10s',
  retry: { attempts: 3, delay: '100ms', maxDelay: '2s' },
  breaker: { failures: 5, cooldown: '200ms', maxCooldown: '1s' },
} as const satisfies CreationOptions;

/** {@link CreationOptions} read; times in milliseconds. */
export interface CreationSettings {
  readonly creation: CreationPolicy;
  readonly creationTimeout: number;
  readonly creationRetry: CreationRetry;
  readonly creationBreaker: BreakerLimits;
  readonly creationExecution: ExecutionPolicy | undefined;
}

const NAMES = [...Object.keys(DEFAULT_CREATION_OPTIONS), 'policy'];

export function readCreationOptions(
  read: OptionReader,
  given: CreationOptions | undefined,
): CreationSettings {
  const { concurrency, timeout, retry, breaker, policy } = read.group('creation', given, NAMES);
  const defaults = DEFAULT_CREATION_OPTIONS;
  return {
    creation: new CreationPolicy(read.count('creation.concurrency', concurrency, defaults.concurrency, 1)),
    creationTimeout: read.span('creation.timeout', timeout, defaults.timeout),
    creationRetry: readRetry(read, retry),
    creationBreaker: readBreaker(read, breaker, policy === undefined),
    creationExecution: readPolicy(read, policy, { retry, breaker }),
  };
}

function readRetry(read: OptionReader, given: CreationRetryOptions | undefined): CreationRetry {
  const defaults = DEFAULT_CREATION_OPTIONS.retry;
  const options = read.group('creation.retry', given, Object.keys(defaults));
  const attempts = read.count('creation.retry.attempts', options.attempts, defaults.attempts, 1);
  const delay = read.span('creation.retry.delay', options.delay, defaults.delay);
  const maxDelay = read.span('creation.retry.maxDelay', options.maxDelay, defaults.maxDelay);
  if (delay > maxDelay) {
    read.fail('creation.retry.delay', `must not be longer than "maxDelay"; got ${delay} and ${maxDelay} ms.`);
  }
  return new CreationRetry(attempts, delay, maxDelay);
}

/** @param enabled whether it may ever open */
function readBreaker(
  read: OptionReader,
  given: CreationBreakerOptions | undefined,
  enabled: boolean,
): BreakerLimits {
  const defaults = DEFAULT_CREATION_OPTIONS.breaker;
  const options = read.group('creation.breaker', given, Object.keys(defaults));
  const failures =
    options.failures === Infinity
      ? Infinity
      : read.count('creation.breaker.failures', options.failures, defaults.failures, 1);
  const cooldown = read.span('creation.breaker.cooldown', options.cooldown, defaults.cooldown);
  const longest = read.span('creation.breaker.maxCooldown', options.maxCooldown, defaults.maxCooldown);
  const maxCooldown = options.maxCooldown === undefined ? Math.max(cooldown, longest) : longest;
  if (cooldown > maxCooldown) {
    read.fail(
      'creation.breaker.cooldown',
      `must not be longer than "maxCooldown"; got ${cooldown} and ${maxCooldown} ms.`,
    );
  }
  return { failures: enabled ? failures : Infinity, cooldown, maxCooldown };
}

function readPolicy(
  read: OptionReader,
  policy: ExecutionPolicy | undefined,
  replaced: Pick<CreationOptions, 'retry' | 'breaker'>,
): ExecutionPolicy | undefined {
  if (policy === undefined) return undefined;
  if (!isGroup(policy) || typeof policy.execute !== 'function') {
    read.fail(
      'creation.policy',
      'must be an object with a method execute(fn, signal), such as a policy of cockatiel.',
    );
  }
  for (const name of ['retry', 'breaker'] as const) {
    if (replaced[name] !== undefined) {
      read.fail('creation.policy', `replaces "creation.${name}"; give one of them, not both.`);
    }
  }
  return policy;
}
