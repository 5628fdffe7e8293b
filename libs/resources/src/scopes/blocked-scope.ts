import { CountedLease } from '../cache/live/cache-lease.js';
import type { Room } from '../cache/loads/load-host.js';
import type { DeadlockLink } from '../errors/deadlock-error.js';
import type { PoolStats } from '../reports/pool-stats.js';
import { ReservingResourcePool } from '../pool/reserving-resource-pool.js';
import { ResourcePool } from '../pool/resource-pool.js';
import type { LeaseScope } from './lease-scope.js';
import { LoadScope } from './load-scope.js';
import type { ScopeHold } from './scope-hold.js';
import type { Party } from './wait-for-graph.js';

/** An acquisition of a scope that holds something else meanwhile, or its wait for a load: one of the two is there. */
export interface Wait {
  readonly scope: LeaseScope;
  readonly hold?: ScopeHold;
  readonly load?: LoadScope;
  /** Ends it. None when the scope held nothing yet when it began. */
  readonly controller: AbortController | undefined;
  /** Checks that have seen it. */
  checks: number;
}

type Pool = ResourcePool<unknown>;

/** What can be waited for. A load is as a pool of one, lent to the load's scope until it has settled. */
export type Goal = Pool | LoadScope | Room;

/** Finds the pool that a hold is from. */
export type PoolOf = (hold: ScopeHold) => Pool | undefined;

/** A scope whose work waits, as one of the graph. */
export interface Blocked extends Party<Goal> {
  readonly scope: LeaseScope;
  /** By which it can be made to give up, if it can. */
  readonly end: { readonly goal: Goal; readonly controller: AbortController } | undefined;
}

/** Whether anybody can wait for this scope. */
export function holdsSomething(scope: LeaseScope): boolean {
  return scope.awaited || scope.serial > 0;
}

/**
 * A scope as one of the graph; none when a pool that it has a lease of is gone.
 *
 * @param names gets the names of what is concerned
 */
export function describeBlocked(
  scope: LeaseScope,
  waits: readonly Wait[],
  poolOf: PoolOf,
  names: Map<Goal, string>,
): Blocked | undefined {
  const holds: Goal[] = [];
  const waitsFor: Goal[] = [];
  if (scope instanceof LoadScope) {
    names.set(scope, scope.place);
    holds.push(scope);
  }
  for (const hold of scope.holds.all) {
    if (hold.pending !== undefined && hold.source === 'cache') continue; // it waits for a load, below
    if (hold.pending === undefined && hold.ended) continue;
    const goal = hold.source === 'cache' ? roomOf(hold) : poolOf(hold);
    if (goal === undefined) return undefined;
    names.set(goal, hold.name);
    (hold.pending === undefined ? holds : waitsFor).push(goal);
  }
  let end: Blocked['end'];
  for (const { hold, load, controller } of waits) {
    const goal = load === undefined ? hold && poolOf(hold) : goalOf(load);
    if (goal === undefined) return undefined;
    if (load !== undefined) {
      names.set(goal, typeOf(goal));
      waitsFor.push(goal);
    }
    if (controller !== undefined) end ??= { goal, controller };
  }
  return { scope, holds, waitsFor, end };
}

/** Outstanding leases of a goal that stays full until one of them is returned, a count; `undefined` while it is not full. */
export function leasesOfFull(goal: Goal): number | undefined {
  if (goal instanceof LoadScope) return goal.settled ? undefined : 1;
  if (!(goal instanceof ResourcePool)) return goal.leasesOfFull;
  const { size, max, idle, creating, destroying, abandoned, leased } =
    goal instanceof ReservingResourcePool ? goal.statsOfOthers : goal.stats;
  const coming = idle + creating + destroying + abandoned; // by themselves, sooner or later
  const full = !goal.paused && coming === 0 && size >= max;
  return full ? leased : undefined;
}

/** A load's failure is one for all that wait for it; among others, the youngest gives up. */
export function cheapestFirst(one: Blocked, other: Blocked): number {
  return callersOf(one.scope) - callersOf(other.scope) || other.scope.serial - one.scope.serial;
}

export function describeLink(
  { scope, holds }: Blocked,
  waitsFor: Goal,
  names: ReadonlyMap<Goal, string>,
): DeadlockLink {
  const nameOf = (goal: Goal): string => names.get(goal) ?? typeOf(goal);
  return { owner: scope.owner, holds: holds.map(nameOf), waitsFor: nameOf(waitsFor) };
}

/** What a scope holds, for people. */
export function namesOfHeld(scope: LeaseScope): string[] {
  const own = scope instanceof LoadScope ? [scope.place] : [];
  if (scope.serial === 0) return own;
  const held = scope.holds.all.filter(({ lease, ended }) => lease !== undefined && !ended);
  return [...own, ...held.map(({ name }) => name)];
}

/** What an error calls it. */
export function typeOf(goal: Goal): string {
  return goal instanceof LoadScope ? goal.place : goal.type;
}

export function statsOf(goal: Goal): PoolStats | undefined {
  return goal instanceof ResourcePool ? goal.stats : undefined;
}

/** Until it runs, a load may wait for room. */
function goalOf(load: LoadScope): LoadScope | Room {
  return load.running ? load : (load.room ?? load);
}

function roomOf({ lease }: ScopeHold): Room | undefined {
  return lease instanceof CountedLease ? lease.host : undefined;
}

/** How many fail when a scope gives up: itself, or all that wait for what it loads. A count. */
function callersOf(scope: LeaseScope, seen = new Set<LeaseScope>()): number {
  if (!(scope instanceof LoadScope)) return 1;
  if (seen.has(scope)) return 0;
  seen.add(scope);
  let callers = 0;
  for (const waiter of scope.waiters)
    callers += waiter.scope === undefined ? 1 : callersOf(waiter.scope, seen);
  return callers;
}
