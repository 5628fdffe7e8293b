import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { type Duration, format, parseDuration } from '../time/duration.js';

/** How the cache behaves. */
export interface CacheOptions {
  /** Most entries, a count of at least 1; the least recently used leaves first. Default 1,000. */
  max?: number;
  /** How long an entry lives after it was put, unless it says otherwise. Default `Infinity`. */
  ttl?: Duration;
}

/** The defaults of {@link CacheOptions}. */
export const DEFAULT_CACHE_OPTIONS = { max: 1_000, ttl: Infinity } as const satisfies CacheOptions;

/** {@link CacheOptions} read and checked; times in milliseconds. */
export interface CacheSettings {
  readonly max: number;
  readonly ttl: number;
}

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readCacheOptions(options: CacheOptions, at: string): CacheSettings {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionsError(at, `must be an object; got ${format(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(DEFAULT_CACHE_OPTIONS, name));
  if (unknown !== undefined) {
    const known = Object.keys(DEFAULT_CACHE_OPTIONS).join(', ');
    throw new InvalidOptionsError(`${at}.${unknown}`, `is no option. Known here: ${known}.`);
  }
  const { max = DEFAULT_CACHE_OPTIONS.max, ttl = DEFAULT_CACHE_OPTIONS.ttl } = options;
  if (!Number.isInteger(max) || max < 1) {
    throw new InvalidOptionsError(`${at}.max`, `must be a whole number of at least 1; got ${format(max)}.`);
  }
  return { max, ttl: readTtl(ttl, `${at}.ttl`) };
}

/** @throws InvalidOptionsError when it is 0 or unreadable */
export function readTtl(ttl: Duration, option: string): number {
  const read = parseDuration(ttl, option);
  if (read === 0)
    throw new InvalidOptionsError(
      option,
      'must be more than 0; use Infinity to keep entries until they are evicted.',
    );
  return read;
}
