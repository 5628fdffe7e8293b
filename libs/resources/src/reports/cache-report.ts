import type { CacheLeaseInfo } from './lease-info.js';

/** How the end of a cache went. */
export interface CacheReport {
  /** Whether all leases ended in time. */
  clean: boolean;
  /** Who still held what at the deadline. */
  held: CacheLeaseInfo[];
  /** Milliseconds that it took. */
  duration: number;
}
