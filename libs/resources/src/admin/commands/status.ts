import type { CacheLeaseInfo, LeaseInfo } from '../../reports/lease-info.js';
import type { AdminTarget } from '../admin-target.js';
import { describeCause } from '../../words/describe-cause.js';
import type { LeaseStatus, StatusAnswer } from './answers.js';

/** Most leases that an answer names. */
const MOST_LEASES = 50;

/** What goes on, from what is known anyway: nothing is borrowed and nobody is asked, so it answers when nothing else does. */
export function statusOf(target: AdminTarget): StatusAnswer {
  const { phase, phases, pools, cachedResources, scopes, troubles } = target.stats();
  const leases = target.leases();
  return {
    phase,
    types: Object.entries(pools).map(([type, stats]) => {
      const { leased, idle, creating, pending, size, min, max, breaker, failing } = stats;
      const counts = { leased, idle, creating, pending, size, min, max, breaker };
      return { type, phase: phases?.[type], ...counts, failing: failing && tell(failing) };
    }),
    cachedTypes: Object.entries(cachedResources).map(([type, { inUse, pending, size, hitRate }]) => {
      return { type, phase: phases?.[type], inUse, pending, size, hitRate };
    }),
    scopes,
    leased: leases.length,
    leases: oldest(leases),
    troubles: troubles.map(({ source, type, kind, since, count, cause }) => {
      return {
        source,
        type,
        kind,
        since,
        count,
        cause: cause === undefined ? undefined : describeCause(cause),
      };
    }),
    drift: Object.entries(target.drift()).map(([type, what]) => ({ type, what })),
  };
}

/** The oldest leases, without where they were taken: a stack is nobody's business here. */
export function oldest(leases: readonly (LeaseInfo | CacheLeaseInfo)[]): LeaseStatus[] {
  return leases
    .toSorted((one, other) => other.age - one.age)
    .slice(0, MOST_LEASES)
    .map(({ id, type, key, owner, age }) => ({ id, type, key, owner, age }));
}

function tell(failing: { cause: string; since: Date }): { cause: string; since: Date } {
  return { cause: describeCause(failing.cause), since: failing.since };
}
