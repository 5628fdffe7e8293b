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

/**
 * The steps of a coordinator's shutdown, in their order: `announce` (readiness answers 503, everything is served), `pause` (what
 * `onDrain()` was given pauses what brings work), `drain` (work that has begun goes on), `close` (pools and caches close).
 */
export const DRAIN_STEPS = ['announce', 'pause', 'drain', 'close'] as const;

export type DrainStep = (typeof DRAIN_STEPS)[number];

/** A function that `onDrain()` was given has thrown, rejected, or not settled in time. */
export interface DrainHookFailure {
  /** The function's name; empty for one that has none. */
  readonly hook: string;
  readonly cause: unknown;
}

/** How the shutdown of a coordinator went. */
export interface ShutdownReport extends DrainReport {
  /** Milliseconds that each step took; 0 for one that was not made. */
  steps: Readonly<Record<DrainStep, number>>;
  /** The functions given to `onDrain()` that failed, or did not settle in time. */
  failedHooks: readonly DrainHookFailure[];
}

/** The report on several that were drained side by side. */
export function mergeReports(reports: readonly DrainReport[]): DrainReport {
  return {
    clean: reports.every(({ clean }) => clean),
    held: reports.flatMap(({ held }) => held),
    duration: Math.max(0, ...reports.map(({ duration }) => duration)),
  };
}
