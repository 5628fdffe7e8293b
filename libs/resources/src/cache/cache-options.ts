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
  for (const name of Object.keys(options)) {
    if (!(name in DEFAULT_CACHE_OPTIONS)) {
      const known = Object.keys(DEFAULT_CACHE_OPTIONS).join(', ');
      throw new InvalidOptionsError(`${at}.${name}`, `is no option. Known here: ${known}.`);
    }
  }
  const { max, ttl } = { ...DEFAULT_CACHE_OPTIONS, ...options };
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
