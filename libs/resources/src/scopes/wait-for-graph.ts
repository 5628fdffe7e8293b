/** A party that waits for one of several pools at a time, and holds leases meanwhile. */
export interface Party<P> {
  /** One entry for each lease. */
  readonly holds: readonly P[];
  /** Any one of them would let it go on. */
  readonly waitsFor: readonly P[];
}

/**
 * Those of the parties that can never go on: every lease of every pool that they wait for is held by one of
 * them. Any other holder may give one back. (The OR model of Knapp, "Deadlock Detection in Distributed
 * Databases", 1987, with pools in between.)
 *
 * @param lentOut leases of a pool that are out when nothing else can come of it, `undefined` when something can
 */
export function stuckOf<N extends Party<P>, P>(
  parties: Iterable<N>,
  lentOut: (pool: P) => number | undefined,
): Set<N> {
  const stuck = new Set(parties);
  const held = new Map<P, number>();
  const waiting = new Map<P, N[]>();
  for (const party of stuck) {
    for (const pool of party.holds) held.set(pool, (held.get(pool) ?? 0) + 1);
    for (const pool of party.waitsFor) {
      const others = waiting.get(pool);
      if (others === undefined) waiting.set(pool, [party]);
      else others.push(party);
    }
  }
  const open = [...waiting.keys()].filter((pool) => (held.get(pool) ?? 0) !== lentOut(pool));
  for (let pool = open.pop(); pool !== undefined; pool = open.pop()) {
    const served = waiting.get(pool) ?? [];
    waiting.delete(pool);
    for (const party of served) if (stuck.delete(party)) open.push(...party.holds);
  }
  return stuck;
}

/**
 * Of stuck parties, the smallest group that waits for nobody outside of it, so that one of them has to give
 * up. The others may only wait for these.
 */
export function knotOf<N extends Party<P>, P>(stuck: ReadonlySet<N>): ReadonlySet<N> {
  let knot = stuck;
  for (const party of knot) {
    const reached = reachOf(party, knot);
    if (reached.size < knot.size) return knotOf(reached);
    knot = reached;
  }
  return knot;
}

/** A shortest way from one party of a knot back to itself, from waiting party to holder, with the pools waited for. */
export function circleOf<N extends Party<P>, P>(start: N, knot: ReadonlySet<N>): { party: N; waitsFor: P }[] {
  const steps: Step<N, P>[] = stepsOf(start, undefined);
  const seen = new Set<P>();
  for (const step of steps) {
    if (start.holds.includes(step.waitsFor)) return unwind(step);
    if (seen.has(step.waitsFor)) continue;
    seen.add(step.waitsFor);
    for (const party of knot) {
      if (party.holds.includes(step.waitsFor)) steps.push(...stepsOf<N, P>(party, step));
    }
  }
  return [];
}

interface Step<N, P> {
  readonly party: N;
  readonly waitsFor: P;
  readonly before: Step<N, P> | undefined;
}

function stepsOf<N extends Party<P>, P>(party: N, before: Step<N, P> | undefined): Step<N, P>[] {
  return party.waitsFor.map((waitsFor) => ({ party, waitsFor, before }));
}

function unwind<N, P>(last: Step<N, P>): { party: N; waitsFor: P }[] {
  const way: Step<N, P>[] = [];
  for (let step: Step<N, P> | undefined = last; step !== undefined; step = step.before) way.unshift(step);
  return way.map(({ party, waitsFor }) => ({ party, waitsFor }));
}

/** The parties that one waits for, directly or not. */
function reachOf<N extends Party<P>, P>(start: N, among: ReadonlySet<N>): Set<N> {
  const reached = new Set<N>();
  const pools = new Set(start.waitsFor);
  for (const pool of pools) {
    for (const party of among) {
      if (reached.has(party) || !party.holds.includes(pool)) continue;
      reached.add(party);
      for (const next of party.waitsFor) pools.add(next);
    }
  }
  return reached;
}
