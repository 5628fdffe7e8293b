import { type DrainReport, mergeReports } from '../../reports/drain-report.js';
import type { ResourcePool } from '../resource-pool.js';
import type { KeyEntry } from './key-table.js';
import { ofKey } from './keyed-acquire-options.js';

/** Ends the pools of all keys, side by side. @returns one report, in which leases tell their key */
export async function endKeys<T>(
  entries: readonly KeyEntry<T>[],
  how: (pool: ResourcePool<T>) => Promise<DrainReport>,
): Promise<DrainReport> {
  const reports = await Promise.all(
    entries.map(async ({ key, pool }) => {
      const report = await how(pool);
      return { ...report, held: report.held.map((lease) => ofKey(lease, key)) };
    }),
  );
  return mergeReports(reports);
}
