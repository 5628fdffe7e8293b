import type { EvictionPolicy } from './eviction-policy.js';
import { LruEviction } from './lru-eviction.js';

/** All names of eviction policies. */
export const EVICTION_NAMES = ['adaptive', 'w-tinylfu', 's3-fifo', 'sieve', 'lru', 'fifo'] as const;

/** The name of an eviction policy. */
export type EvictionName = (typeof EVICTION_NAMES)[number];

/** The policy of a name. */
export function createEviction(_name: EvictionName): EvictionPolicy {
  return new LruEviction();
}
