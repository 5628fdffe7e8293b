import type { BreakerState } from '../../policies/creation/creation-breaker.js';
import type { ChangeInfo, ChangeOutcome, OptionChange } from '../../reports/change-info.js';
import type { RestoredType, RestoreReport } from '../../reports/restore-report.js';

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
  /** What runs otherwise than it stands in the code. */
  drift: TypeDifferences[];
}

/** What is different of a type's configuration. What may be a secret stands as `***` in it. */
export interface TypeDifferences {
  type: string;
  what: readonly OptionChange[];
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

/** One change of a type's configuration. */
export type ChangeAnswer = Pick<
  ChangeInfo,
  'version' | 'kind' | 'restores' | 'at' | 'by' | 'what' | 'outcome' | 'cause' | 'duration'
>;

export interface HistoryAnswer {
  /** Of each, the newest change last. */
  types: { type: string; changes: ChangeAnswer[] }[];
}

export interface DiffAnswer {
  /** `code`: `before` is the code's; `document`: `before` is what runs. */
  against: 'code' | 'document';
  /** Those that differ. */
  types: TypeDifferences[];
}

export type RollbackAnswer =
  | {
      dryRun: true;
      type: string;
      /** The version that it would go back to. */
      restores: number;
      what: readonly OptionChange[];
    }
  | {
      dryRun: false;
      type: string;
      outcome: ChangeOutcome;
      /** The number of the configuration that it made, or of that in force where there was nothing to change. */
      version: number;
      what: readonly OptionChange[];
      cause: string | undefined;
    };

export interface RestoreAnswer {
  dryRun: boolean;
  outcome: RestoreReport['outcome'];
  types: RestoredType[];
  /** Types that are not in the document, and stay as they are. */
  untouched: string[];
  /** Values of the cache, counts. */
  values: RestoreReport['values'];
  cause: string | undefined;
}
