import type { BreakerState } from '../policies/creation/creation-breaker.js';
import { RETIRE_REASONS, type RetireReason } from './retire-reason.js';

/**
 * What a pool knows about itself at one moment, O(1) to read. All fields but `breaker` and `failing` are counts;
 * `idle + leased + abandoned + creating = size` holds at any time.
 */
export interface PoolStats {
  /** Resources that the pool keeps even when nobody needs them. */
  min: number;
  /** Most resources at any time. */
  max: number;
  /** Resources in service or being created. */
  size: number;
  /** Resources that wait to be lent. */
  idle: number;
  /** Resources on loan, being validated for a caller, or being reset after one. */
  leased: number;
  /** Resources whose loan was given up while work with them may go on, and that are held until they retire. */
  abandoned: number;
  /** Creations in flight. */
  creating: number;
  /** Resources out of service whose `destroy` has not settled. They still hold their place under `max`. */
  destroying: number;
  /** Callers in the queue. */
  pending: number;
  /** Leases handed out since the start. */
  acquired: number;
  /** Leases that ended since the start, revoked ones included. */
  released: number;
  /** Callers whose deadline passed in the queue. */
  timeouts: number;
  /** Resources created since the start. */
  created: number;
  /** Resources destroyed since the start. */
  destroyed: number;
  /** Resources taken out of service since the start, by reason. */
  retired: Record<RetireReason, number>;
  /** Whether creation is suspended after repeated failure; of a keyed pool, for any key. */
  breaker: BreakerState;
  /**
   * Of creation, as long as none has succeeded since, and the factory is still in force: the last error, and since when. Of a keyed pool, of the key
   * that has failed longest.
   */
  failing: { cause: string; since: Date } | undefined;
}

/** Where the counting of {@link PoolStats.retired} starts. */
export function noneRetired(): PoolStats['retired'] {
  return Object.fromEntries(RETIRE_REASONS.map((reason) => [reason, 0])) as PoolStats['retired'];
}

/** The counts of several pools in one. */
export function sumStats(pools: readonly PoolStats[]): PoolStats {
  const sum: PoolStats = {
    min: 0,
    max: 0,
    size: 0,
    idle: 0,
    leased: 0,
    abandoned: 0,
    creating: 0,
    destroying: 0,
    pending: 0,
    acquired: 0,
    released: 0,
    timeouts: 0,
    created: 0,
    destroyed: 0,
    retired: noneRetired(),
    breaker: 'closed',
    failing: undefined,
  };
  for (const { retired, breaker, failing, ...counts } of pools) {
    if (breaker !== 'closed' && sum.breaker !== 'open') sum.breaker = breaker;
    if (failing !== undefined && !(sum.failing !== undefined && sum.failing.since <= failing.since))
      sum.failing = failing;
    for (const [name, count] of Object.entries(counts)) sum[name as keyof typeof counts] += count;
    for (const reason of RETIRE_REASONS) sum.retired[reason] += retired[reason];
  }
  return sum;
}
