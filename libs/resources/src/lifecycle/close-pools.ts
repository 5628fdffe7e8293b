import { type DrainReport, mergeReports } from '../reports/drain-report.js';

/**
 * Closes pools side by side, within one deadline for all of them.
 *
 * @param deadline milliseconds from now
 * @returns one report: clean when all were
 */
export async function closePools(
  pools: Iterable<{ close(options: { deadline: number }): Promise<DrainReport> }>,
  deadline: number,
): Promise<DrainReport> {
  return mergeReports(await Promise.all([...pools].map((pool) => pool.close({ deadline }))));
}
