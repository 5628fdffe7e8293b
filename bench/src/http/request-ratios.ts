import { type Estimate, estimate } from '../command/estimate.js';
import { median } from '../command/median.js';
import type { Random } from '../command/random.js';

/** What a request costs one process: see `LeastCosts`. */
export interface Costs {
  cpu: number;
  script: number;
}

/** Three processes that were measured in turns: of this checkout, of the commit it is compared with, and of this checkout again. */
export interface Trio {
  ours: Costs;
  theirs: Costs;
  again: Costs;
}

/** How many times as much a request costs here. */
export interface Ratio {
  /** This checkout's by the commit's. */
  against: Estimate;
  /** This checkout's by its own: 1, but for noise. */
  itself: Estimate;
}

export interface RequestRatios {
  /** Medians, CPU microseconds per request. */
  ours: Costs;
  theirs: Costs;
  sockets: Ratio;
  /** The difference of the scripts without a network, added to the commit's request over sockets. */
  whole: Ratio;
}

/** Processes are paired with those that were measured beside them: what disturbed one disturbed the others. */
export function requestRatios(trios: readonly Trio[], random: Random): RequestRatios {
  const ratio = (of: (one: Costs, other: Costs) => number): Ratio => ({
    against: estimate(
      trios.map(({ ours, theirs }) => of(ours, theirs)),
      random,
    ),
    itself: estimate(
      trios.map(({ ours, again }) => of(ours, again)),
      random,
    ),
  });
  const medians = (side: keyof Trio): Costs => ({
    cpu: median(trios.map((trio) => trio[side].cpu)),
    script: median(trios.map((trio) => trio[side].script)),
  });
  return {
    ours: medians('ours'),
    theirs: medians('theirs'),
    sockets: ratio((one, other) => one.cpu / other.cpu),
    whole: ratio((one, other) => 1 + (one.script - other.script) / other.cpu),
  };
}

/**
 * What this run could not have told from equal: the farther end of the interval in which a checkout's ratio to itself
 * lies.
 */
export function floorOf({ itself: { low, high } }: Ratio): number {
  return Math.max(high, 1 / low);
}

export type Verdict = 'yes' | 'within the floor' | 'NO';

/** Whether the interval's upper end is at most the bound, or the floor where that is larger. */
export function verdict(ratio: Ratio, bound: number): Verdict {
  const { high } = ratio.against;
  if (high <= bound) return 'yes';
  return high <= floorOf(ratio) ? 'within the floor' : 'NO';
}
