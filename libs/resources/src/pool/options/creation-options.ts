import { CreationPolicy } from '../../policies/creation-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from './option-reader.js';

/** How resources are created. */
export interface CreationOptions {
  /** Most creations in flight, a count of at least 1. Default: no limit but `max`. */
  concurrency?: number;
  /** Most time for one `create`; what comes later is destroyed. More than 0. Default `'10s'`. */
  timeout?: Duration;
}

/** The defaults of {@link CreationOptions}. */
export const DEFAULT_CREATION_OPTIONS = {
  concurrency: Infinity,
  timeout: '10s',
} as const satisfies CreationOptions;

/** {@link CreationOptions} read; times in milliseconds. */
export interface CreationSettings {
  readonly creation: CreationPolicy;
  readonly creationTimeout: number;
}

const NAMES = Object.keys(DEFAULT_CREATION_OPTIONS);

export function readCreationOptions(
  read: OptionReader,
  given: CreationOptions | undefined,
): CreationSettings {
  const options = read.group('creation', given, NAMES);
  const defaults = DEFAULT_CREATION_OPTIONS;
  return {
    creation: new CreationPolicy(
      read.count('creation.concurrency', options.concurrency, defaults.concurrency, 1),
    ),
    creationTimeout: read.span('creation.timeout', options.timeout, defaults.timeout),
  };
}
