import { statsOfFactory } from '../../hooks/factory-stats.js';
import type { CoordinatorStats } from '../../reports/coordinator-stats.js';
import type { ProcessorStats } from '../../reports/processor-stats.js';
import type { RegisteredPool } from '../pool-registry.js';

/** The stats of processors, among those of a coordinator that has some. */
export function processorStats(
  pools: ReadonlyMap<string, RegisteredPool>,
): Pick<CoordinatorStats, 'processors'> {
  const found = [...pools].flatMap(([type, { configuration }]) => {
    const stats = statsOfFactory(configuration.factory) as ProcessorStats | undefined; // only ours tell
    return stats === undefined ? [] : [[type, stats] as const];
  });
  return found.length === 0 ? {} : { processors: Object.fromEntries(found) };
}
