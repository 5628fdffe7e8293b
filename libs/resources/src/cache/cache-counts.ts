import type { CacheStats, RemovalCause } from '../reports/cache-stats.js';

/** What a cache holds. */
interface Holdings extends Pick<CacheStats, 'size' | 'weight'> {
  /** The hit rate at another size. */
  estimate(factor: 0.5 | 2): number | undefined;
}

type Loans = Pick<CacheStats, 'inUse' | 'draining' | 'pending'>;

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

  /** All that is counted, with what the cache holds and lends now. */
  with(engine: Holdings, { inUse, draining, pending }: Loans): CacheStats {
    const { size, weight } = engine;
    const { hits, misses, loads, loadTime, failures, destroyed, destroyFailures } = this;
    const hitRate = hits === 0 ? 0 : hits / (hits + misses);
    const evictions = { ...this.evictions };
    const done = { hits, misses, hitRate, loads, loadTime, failures, evictions, destroyed, destroyFailures };
    const [hitRateAtHalf, hitRateAtTwice] = [engine.estimate(0.5), engine.estimate(2)];
    return { ...done, inUse, draining, pending, size, weight, hitRateAtHalf, hitRateAtTwice };
  }
}
