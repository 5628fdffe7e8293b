import type { ChangeInfo, ChangeOutcome, OptionChange } from '../reports/change-info.js';
import type { CacheStats } from '../reports/cache-stats.js';
import type { DrainReport } from '../reports/drain-report.js';
import type { CacheLeaseInfo, LeaseInfo } from '../reports/lease-info.js';
import type { PoolStats } from '../reports/pool-stats.js';
import type { RestoreReport } from '../reports/restore-report.js';
import type { Trouble } from '../reports/trouble.js';

/** A configuration that a rollback would put in force. */
export interface PlannedRollback {
  readonly version: number;
  /** What it would change. */
  readonly what: readonly OptionChange[];
}

/** How a rollback has ended. */
export interface RollbackResult {
  readonly outcome: ChangeOutcome;
  /** The number of the configuration that it made, or of that in force where there was nothing to change. */
  readonly version: number;
  readonly cause?: string;
  readonly what: readonly OptionChange[];
}

/** What the commands ask of an application. */
export interface AdminTarget {
  readonly stats: () => {
    readonly phase: string;
    readonly phases?: Readonly<Record<string, string>> | undefined;
    readonly pools: Readonly<Record<string, PoolStats>>;
    readonly cachedResources: Readonly<Record<string, CacheStats>>;
    readonly scopes: number;
    readonly troubles: readonly Trouble[];
  };
  readonly leases: () => readonly (LeaseInfo | CacheLeaseInfo)[];
  /** @param deadline undefined for the application's own */
  readonly drain: (deadline: string | undefined) => Promise<DrainReport>;
  /** By type, what runs otherwise than it stands in the code. */
  readonly drift: () => Readonly<Record<string, readonly OptionChange[]>>;
  /** The newest last. */
  readonly history: (type: string) => readonly ChangeInfo[];
  readonly rollback: (
    type: string,
    version: number | undefined,
    by: string | undefined,
  ) => Promise<RollbackResult>;
  /** What a rollback would do; it throws what that would. */
  readonly planRollback: (type: string, version: number | undefined) => PlannedRollback;
  readonly backup: (values: boolean) => Promise<unknown>;
  readonly restore: (
    document: unknown,
    how: { dryRun: boolean; by: string | undefined },
  ) => Promise<Omit<RestoreReport, 'cause'> & { readonly cause?: string }>;
}
