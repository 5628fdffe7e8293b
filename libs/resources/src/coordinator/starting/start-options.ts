import { OptionReader } from '../../options/option-reader.js';
import type { StartSettings } from '../../lifecycle/type-life.js';
import type { Duration } from '../../time/duration.js';
import { describeValue } from '../../words/describe-value.js';
import type { ResourceTypeName } from '../resource-types.js';

/** How a resource type starts, and what it needs for that. */
export interface StartOptions {
  /**
   * Types, pooled or cached, that must be ready before this one starts, and that stop after it. While one of them is not ready, this one
   * lends nothing. Default: none.
   */
  dependsOn?: readonly ResourceTypeName[];
  /**
   * Whether the application starts without it: what can't start then is `degraded`, and is tried again every second until it can. A type
   * that is registered when all have started is treated so, too. Default false.
   */
  optional?: boolean;
  /** Most time for its start, once what it depends on is ready. More than 0. Default `Infinity`: the coordinator's own `startTimeout` bounds it. */
  startTimeout?: Duration;
}

/** The names of all {@link StartOptions}. */
export const START_OPTIONS = ['dependsOn', 'optional', 'startTimeout'] as const;

/**
 * Reads what stands beside a factory, or among the options of its pool or cache.
 *
 * @param at where it stands, for the errors: `resources.pg`
 * @throws InvalidOptionsError naming the first option that cannot work
 */
export function readStartOptions(options: StartOptions, at: string, type: string): StartSettings {
  const read = new OptionReader(at, type);
  const { dependsOn, optional, startTimeout } = options;
  return {
    dependsOn: dependsOn === undefined ? [] : readDependencies(read, dependsOn),
    optional: read.flag('optional', optional, false),
    startTimeout: read.span('startTimeout', startTimeout, Infinity),
    at,
  };
}

/** Options of which some are of the start, and the others of a pool or a cache, apart. What can't be taken apart is for the others' reader to refuse. */
export function withoutStartOptions<O extends object>(options: O & StartOptions): O {
  if (typeof options !== 'object' || options === null) return options;
  const { dependsOn: _, optional: __, startTimeout: ___, ...others } = options;
  return others as O; // the compiler does not see that what is left of both is the one
}

function readDependencies(read: OptionReader, given: readonly unknown[]): readonly string[] {
  try {
    if (Array.isArray(given)) {
      const names: unknown[] = [...(given as readonly unknown[])];
      if (names.every((name) => typeof name === 'string')) return names;
    }
  } catch {
    // Nothing that can be read.
  }
  return read.fail(
    'dependsOn',
    `must be an array of resource types, such as ["tunnel"]; got ${describeValue(given)}.`,
  );
}
