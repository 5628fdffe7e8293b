import type { LeaseInfo } from './lease-info.js';

/** How a drain went. */
export interface DrainReport {
  /** Whether all leases came back in time. */
  clean: boolean;
  /** Who still held what at the deadline. */
  held: LeaseInfo[];
  /** Milliseconds that it took. */
  duration: number;
}

/** The report on several that were drained side by side. */
export function mergeReports(reports: readonly DrainReport[]): DrainReport {
  return {
    clean: reports.every(({ clean }) => clean),
    held: reports.flatMap(({ held }) => held),
    duration: Math.max(0, ...reports.map(({ duration }) => duration)),
  };
}
