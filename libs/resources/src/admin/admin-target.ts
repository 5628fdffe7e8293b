import type { CacheStats } from '../reports/cache-stats.js';
import type { DrainReport } from '../reports/drain-report.js';
import type { CacheLeaseInfo, LeaseInfo } from '../reports/lease-info.js';
import type { PoolStats } from '../reports/pool-stats.js';
import type { Trouble } from '../reports/trouble.js';

/** One value of a type's configuration that is another. What may be a secret stands as `***` in it. */
export interface Difference {
  readonly type: string;
  /** Such as `pool.max`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One change of a type's configuration. */
export interface Change {
  readonly version: number;
  readonly at: Date;
  /** Who claimed it. */
  readonly by?: string | undefined;
  readonly outcome: string;
  readonly cause?: unknown;
  readonly differences: readonly Difference[];
}

/** How a change of one type, or of all, has ended. */
export interface ChangeReport {
  readonly outcome: string;
  /** The version that is in force. */
  readonly version?: number | undefined;
  readonly cause?: unknown;
  readonly differences?: readonly Difference[] | undefined;
}

/** What the commands ask of an application. What it may lack, it can't do: who asks is told so. */
export interface AdminTarget {
  readonly drainTimeout: number;
  readonly stats: () => {
    readonly phase: string;
    readonly phases?: Readonly<Record<string, string>> | undefined;
    readonly pools: Readonly<Record<string, PoolStats>>;
    readonly cachedResources: Readonly<Record<string, CacheStats>>;
    readonly scopes: number;
    readonly troubles: readonly Trouble[];
  };
  readonly leases: () => readonly (LeaseInfo | CacheLeaseInfo)[];
  /** @param deadline a duration; the commands have not read it */
  readonly drain: (deadline: string | undefined) => Promise<DrainReport>;
  /** What runs otherwise than it stands in the code: `before` is the code's. */
  readonly drift?: () => readonly Difference[];
  /** The newest last. */
  readonly history?: (type: string) => readonly Change[];
  readonly rollback?: (
    type: string,
    version: number | undefined,
    by: string | undefined,
  ) => Promise<ChangeReport>;
  readonly backup?: (values: boolean) => Promise<unknown>;
  readonly restore?: (
    document: unknown,
    how: { dryRun: boolean; by: string | undefined },
  ) => Promise<ChangeReport>;
}
