import type { LeaseInfo } from './lease.js';

/** How a drain went. */
export interface DrainReport {
  /** Whether all leases came back in time. */
  clean: boolean;
  /** Who still held what at the deadline. */
  held: LeaseInfo[];
  /** Milliseconds that it took. */
  duration: number;
}
