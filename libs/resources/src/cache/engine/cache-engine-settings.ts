import type { OptionReader } from '../../options/option-reader.js';
import { EVICTION_NAMES, type EvictionName } from '../../policies/eviction/create-eviction.js';
import type { Duration } from '../../time/duration.js';

/** How a `CacheEngine` behaves. At least one of the two bounds must be finite. */
export interface CacheEngineSettings {
  /** Most entries, a count of at least 1, or `Infinity`. */
  readonly max: number;
  /** Most weight of all entries together, at least 1, or `Infinity`. */
  readonly maxWeight: number;
  /** Which entry leaves first. */
  readonly eviction: EvictionName;
  /** Milliseconds after its last use when an entry expires, or `Infinity`. */
  readonly idleTtl: number;
}

/** What an engine may be asked for. */
export interface CacheEngineOptions {
  max?: number;
  maxWeight?: number;
  eviction?: EvictionName;
  idleTtl?: Duration;
}

/** The defaults of {@link CacheEngineOptions}. */
export const DEFAULT_ENGINE_OPTIONS = {
  max: 1_000,
  maxWeight: Infinity,
  eviction: 'adaptive',
  idleTtl: Infinity,
} as const satisfies CacheEngineOptions;

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readEngineOptions(read: OptionReader, options: CacheEngineOptions): CacheEngineSettings {
  const defaults = DEFAULT_ENGINE_OPTIONS;
  const max = read.limit('max', options.max, defaults.max, 1);
  const maxWeight = read.limit('maxWeight', options.maxWeight, defaults.maxWeight, 1);
  if (max === Infinity && maxWeight === Infinity) {
    read.fail('max', 'must be finite when "maxWeight" is not: a cache has a bound.');
  }
  return {
    max,
    maxWeight,
    eviction: read.oneOf('eviction', options.eviction, EVICTION_NAMES, defaults.eviction),
    idleTtl: read.span('idleTtl', options.idleTtl, defaults.idleTtl),
  };
}
