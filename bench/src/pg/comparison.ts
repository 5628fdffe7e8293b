import { type Estimate, estimateOfGroups } from '../command/estimate.js';
import { median } from '../command/median.js';
import type { Random } from '../command/random.js';
import { shuffled } from '../command/shuffled.js';
import type { ContenderName } from './contenders.js';
import {
  AGAIN,
  type Group,
  kindsOf,
  type Level,
  type LoadKind,
  type ProcessName,
  type Turn,
} from './group.js';
import type { LoadFigures, Shape } from './load.js';
import { takeTurns, type TurnsRun } from './turns.js';

export interface ComparisonRun extends TurnsRun {
  readonly groups: readonly Group[];
  /** Pairs of everything that is compared, a count. */
  readonly pairs: number;
  /** How often processes are started for them, a count. */
  readonly starts: number;
}

/** How many times as good one is as the other: more loans a second, and less CPU for each. */
interface Ratios {
  readonly rate: Estimate;
  readonly cpu: Estimate;
}

export interface Comparison {
  readonly shape: Shape;
  readonly level: Level;
  readonly one: ContenderName;
  readonly other: ContenderName;
  /** Medians. */
  readonly figures: { readonly one: LoadFigures; readonly other: LoadFigures };
  readonly ratio: Ratios;
  /** Of the group's contender that is measured twice: 1, but for noise. */
  readonly itself: Ratios;
}

/**
 * Many short samples in turns rather than few long ones: what disturbs a machine lasts for seconds, and so meets all that are compared, or
 * the median leaves it out. Each turn of two contenders is a pair. Processes are started anew several times, because no two of them run
 * equally fast; how much they differ is in the interval, since the bootstrap draws starts before it draws pairs. Every group is measured in every
 * start, so that hours of the day meet all of them, too.
 */
export async function compare(run: ComparisonRun): Promise<Comparison[]> {
  const measured = run.groups.map((group) => ({ group, starts: [] as Turn[][] }));
  const turnsUntil = (start: number): number => Math.floor((run.pairs * start) / run.starts);
  for (let start = 0; start < run.starts; start++) {
    const turns = turnsUntil(start + 1) - turnsUntil(start);
    for (const { group, starts } of shuffled(measured, () => run.random.next()))
      starts.push(await takeTurns(run, group, turns));
  }
  return measured.flatMap(({ group, starts }) =>
    kindsOf(group).flatMap((kind) => comparisonsOf(group, kind, starts, run.random)),
  );
}

function comparisonsOf(group: Group, kind: LoadKind, starts: Turn[][], random: Random): Comparison[] {
  const turns = starts.map((start) =>
    start.filter(({ shape, level }) => shape === kind.shape && level === kind.level),
  );
  const itself = ratios(turns, AGAIN, group.twice, random);
  return group.pairs.map(([one, other]) => ({
    ...kind,
    one,
    other,
    figures: { one: medians(turns.flat(), one), other: medians(turns.flat(), other) },
    ratio: ratios(turns, one, other, random),
    itself,
  }));
}

function medians(turns: readonly Turn[], name: ProcessName): LoadFigures {
  const figures = turns.flatMap((turn) => turn.figures.get(name) ?? []);
  return { rate: median(figures.map(({ rate }) => rate)), cpu: median(figures.map(({ cpu }) => cpu)) };
}

/** Each is compared with what stood beside it: what disturbed one disturbed the other. */
function ratios(starts: Turn[][], one: ProcessName, other: ProcessName, random: Random): Ratios {
  const ratio = (of: (one: LoadFigures, other: LoadFigures) => number): Estimate =>
    estimateOfGroups(
      starts.map((turns) =>
        turns.flatMap(({ figures }) => {
          const ones = figures.get(one);
          const others = figures.get(other);
          return ones === undefined || others === undefined ? [] : [of(ones, others)];
        }),
      ),
      random,
    );
  return { rate: ratio((a, b) => a.rate / b.rate), cpu: ratio((a, b) => b.cpu / a.cpu) };
}
