import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { EVICTION_NAMES, type EvictionName } from '../../policies/eviction/create-eviction.js';
import { format } from '../../time/duration.js';

/** How a `CacheEngine` behaves. At least one of the two bounds must be finite. */
export interface CacheEngineSettings {
  /** Most entries, a count of at least 1, or `Infinity`. */
  readonly max: number;
  /** Most weight of all entries together, at least 1, or `Infinity`. */
  readonly maxWeight: number;
  /** Who leaves first. */
  readonly eviction: EvictionName;
  /** Milliseconds after its last use when an entry expires, or `Infinity`. */
  readonly idleTtl: number;
}

/** @throws InvalidOptionsError naming the first setting that cannot work */
export function checkEngineSettings({ max, maxWeight, eviction, idleTtl }: CacheEngineSettings): void {
  for (const [name, bound] of Object.entries({ max, maxWeight })) {
    if (bound === Infinity || (Number.isSafeInteger(bound) && bound >= 1)) continue;
    throw new InvalidOptionsError(
      name,
      `must be a whole number of at least 1, or Infinity; got ${format(bound)}.`,
    );
  }
  if (max === Infinity && maxWeight === Infinity) {
    throw new InvalidOptionsError('max', 'must be finite when "maxWeight" is not: a cache has a bound.');
  }
  if (!EVICTION_NAMES.includes(eviction)) {
    throw new InvalidOptionsError(
      'eviction',
      `must be one of ${EVICTION_NAMES.join(', ')}; got ${format(eviction)}.`,
    );
  }
  if (!(idleTtl > 0)) {
    throw new InvalidOptionsError('idleTtl', `must be more than 0 milliseconds; got ${format(idleTtl)}.`);
  }
}
