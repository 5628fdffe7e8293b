import type { CacheStats, RemovalCause } from '../reports/cache-stats.js';

/** The counts behind {@link CacheStats}, kept by those who do the work. */
export class CacheCounts {
  hits = 0;
  misses = 0;
  loads = 0;
  loadTime = 0;
  failures = 0;
  destroyed = 0;
  destroyFailures = 0;
  readonly evictions: Record<RemovalCause, number> = {
    evicted: 0,
    expired: 0,
    deleted: 0,
    replaced: 0,
    cleared: 0,
    invalid: 0,
  };

  /** Counts a look-up by what it has found. @returns that */
  lookUp<V>(value: V): V {
    if (value === undefined) this.misses++;
    else this.hits++;
    return value;
  }

  /** A copy, with the rate. */
  snapshot(): Pick<CacheStats, keyof CacheCounts & keyof CacheStats> & Pick<CacheStats, 'hitRate'> {
    const { hits, misses, loads, loadTime, failures, destroyed, destroyFailures } = this;
    const hitRate = hits === 0 ? 0 : hits / (hits + misses);
    const evictions = { ...this.evictions };
    return { hits, misses, hitRate, loads, loadTime, failures, evictions, destroyed, destroyFailures };
  }
}
