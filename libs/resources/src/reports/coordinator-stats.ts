import type { CacheStats } from './cache-stats.js';
import type { Phase } from './phase.js';
import type { PoolStats } from './pool-stats.js';
import type { ProcessorStats } from './processor-stats.js';
import type { Trouble } from './trouble.js';

/** The state of everything a coordinator owns. */
export interface CoordinatorStats {
  phase: Phase;
  /** By resource type, pooled and cached. */
  phases: Record<string, Phase>;
  pools: Record<string, PoolStats>;
  /** Units of work that have borrowed and are not over, a count. */
  scopes: number;
  cache: CacheStats;
  /** By cached resource type. */
  cachedResources: Record<string, CacheStats>;
  /** By processor type; of an application that has some. */
  processors?: Record<string, ProcessorStats>;
  /** What goes wrong now, and has since when, in pools and caches. */
  troubles: Trouble[];
}
