/** Why an entry left the cache; `invalid` is a resource that failed `validate` or was given back by `invalidate()`. */
export type RemovalCause = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared' | 'invalid';

/** What a cache has done since the start, and what it holds now. */
export interface CacheStats {
  /** Look-ups that needed no load of their own, a count. */
  hits: number;
  /** The others, a count. */
  misses: number;
  /** Hits per look-up, from 0 to 1; 0 before the first. */
  hitRate: number;
  /** Loads that were started, a count. */
  loads: number;
  /** Milliseconds that all loads which have settled took together. */
  loadTime: number;
  /** Loads that failed, a count. */
  failures: number;
  /** Entries that left the cache, by cause, counts. */
  evictions: Record<RemovalCause, number>;
  /** Resources that were destroyed, a count. */
  destroyed: number;
  /** Those of them whose `destroy` failed or took too long, a count. */
  destroyFailures: number;
  /** Resources on loan now, a count. */
  inUse: number;
  /** Those of them that have left the cache, and are destroyed when their last lease ends; a count. */
  draining: number;
  /** Callers that wait for room, a count. */
  pending: number;
  /** Entries held now, a count. */
  size: number;
  /** What these entries weigh together. */
  weight: number;
  /** The hit rate that half the size would have, from 0 to 1; undefined while too little was seen. */
  hitRateAtHalf: number | undefined;
  /** The hit rate that twice the size would have. */
  hitRateAtTwice: number | undefined;
}
