import { AdaptiveEviction } from './adaptive-eviction.js';
import type { EvictionPolicy } from './eviction-policy.js';
import { FifoEviction } from './fifo-eviction.js';
import { LruEviction } from './lru-eviction.js';
import { S3FifoEviction } from './s3-fifo-eviction.js';
import { SieveEviction } from './sieve-eviction.js';
import { WTinyLfuEviction } from './w-tiny-lfu-eviction.js';

/** The window of W-TinyLFU when it is fixed, as a share of all entries. */
const FIXED_WINDOW = 0.01;

const POLICIES = {
  adaptive: (max: number) => new AdaptiveEviction(max),
  'w-tinylfu': () => new WTinyLfuEviction(FIXED_WINDOW),
  's3-fifo': () => new S3FifoEviction(),
  sieve: () => new SieveEviction(),
  lru: () => new LruEviction(),
  fifo: () => new FifoEviction(),
} satisfies Record<string, (max: number) => EvictionPolicy>;

/** The name of an eviction policy: `adaptive`, `w-tinylfu`, `s3-fifo`, `sieve`, `lru` or `fifo`. */
export type EvictionName = keyof typeof POLICIES;

/** All names of eviction policies. */
export const EVICTION_NAMES = Object.keys(POLICIES) as readonly EvictionName[]; // the names of a constant

/**
 * The policy of a name.
 *
 * @param max entries that the cache holds when it is full, a count; `Infinity` when that is not known
 */
export function createEviction(name: EvictionName, max: number): EvictionPolicy {
  return POLICIES[name](max);
}
