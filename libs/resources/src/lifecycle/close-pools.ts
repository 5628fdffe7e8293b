import type { DrainReport } from '../pool/drain-report.js';
import type { ResourcePool } from '../pool/resource-pool.js';

/**
 * Closes pools side by side, within one deadline for all of them.
 *
 * @param deadline milliseconds from now
 * @returns one report: clean when all were
 */
export async function closePools(
  pools: Iterable<ResourcePool<unknown>>,
  deadline: number,
): Promise<DrainReport> {
  const reports = await Promise.all([...pools].map((pool) => pool.close({ deadline })));
  return {
    clean: reports.every(({ clean }) => clean),
    held: reports.flatMap(({ held }) => held),
    duration: Math.max(0, ...reports.map(({ duration }) => duration)),
  };
}
