import type { BreakerState } from '../../policies/creation/creation-breaker.js';
import type { Change, Difference } from '../admin-target.js';

/*
 * What the commands answer, as plain data. Each field is put there by name: what nobody has thought of is not told.
 */

/** A pool, for an operator. */
export interface TypeStatus {
  type: string;
  phase: string | undefined;
  leased: number;
  idle: number;
  creating: number;
  pending: number;
  size: number;
  min: number;
  max: number;
  breaker: BreakerState;
  /** Why nothing can be created, while nothing can. */
  failing: { cause: string; since: Date } | undefined;
}

/** A cached type, for an operator. */
export interface CachedTypeStatus {
  type: string;
  phase: string | undefined;
  inUse: number;
  pending: number;
  size: number;
  /** From 0 to 1. */
  hitRate: number;
}

/** Who holds what. */
export interface LeaseStatus {
  id: string;
  type: string;
  key: string | undefined;
  owner: string;
  /** Milliseconds. */
  age: number;
}

export interface TroubleStatus {
  source: string;
  type: string;
  kind: string;
  since: Date;
  count: number;
  cause: string | undefined;
}

export interface StatusAnswer {
  phase: string;
  types: TypeStatus[];
  cachedTypes: CachedTypeStatus[];
  /** Units of work that have borrowed and are not over. */
  scopes: number;
  /** All leases, a count. */
  leased: number;
  /** The oldest of them. */
  leases: LeaseStatus[];
  troubles: TroubleStatus[];
  /** What runs otherwise than it stands in the code; undefined where that is not known. */
  drift: readonly Difference[] | undefined;
}

export interface DrainAnswer {
  dryRun: boolean;
  /** Whether all leases came back in time; undefined of a dry run. */
  clean: boolean | undefined;
  /** Who still held what at the deadline; in a dry run, who holds what now. */
  held: LeaseStatus[];
  /** How many that are. */
  leased: number;
  /** Milliseconds that it took; undefined of a dry run. */
  duration: number | undefined;
}

export interface HistoryAnswer {
  types: { type: string; changes: readonly Change[] }[];
}

export interface DiffAnswer {
  /** `code`: `before` is the code's; `document`: `before` is what runs. */
  against: 'code' | 'document';
  differences: readonly Difference[];
}

export interface ChangeAnswer {
  dryRun: boolean;
  /** Undefined of a dry run. */
  outcome: string | undefined;
  version: number | undefined;
  cause: string | undefined;
  differences: readonly Difference[];
}
