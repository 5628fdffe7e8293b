import { type Estimate, estimate } from '../command/estimate.js';
import { median } from '../command/median.js';
import type { Random } from '../command/random.js';
import { shuffled } from '../command/shuffled.js';
import { ApplicationProcess } from './application-process.js';
import type { ContenderName } from './contenders.js';
import { type LoadFigures, type Shape, SHAPES } from './load.js';
import { SESSIONS } from './sessions.js';

/** So many callers that most of them wait, or so few that nobody does. */
const CALLERS = { saturated: 5 * SESSIONS, 'not saturated': SESSIONS / 2 } as const;
const LEVELS = ['saturated', 'not saturated'] as const satisfies (keyof typeof CALLERS)[];
type Level = keyof typeof CALLERS;

/** Contenders that are measured side by side. */
export interface Group {
  /** Each with the one that it is compared with. */
  readonly pairs: readonly (readonly [ContenderName, ContenderName])[];
  /** What is measured by a second process, too, and compared with itself. */
  readonly twice: ContenderName;
}

export interface ComparisonRun {
  /** Of the database. */
  readonly url: string;
  readonly groups: readonly Group[];
  /** Processes of each contender, a count: as many pairs. */
  readonly pairs: number;
  /** Samples that a process has of everything, a count. */
  readonly rounds: number;
  /** Loans of a sample, and of each shape before the first one, counts. */
  readonly sample: number;
  readonly warmUp: number;
  readonly random: Random;
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

const AGAIN = 'again';
type ProcessName = ContenderName | typeof AGAIN;

/** What the processes of one round have made of one kind of load. */
type Measured = ReadonlyMap<ProcessName, LoadFigures>;

/** Every group in every round of processes, so that hours of the day and neighbours on the machine meet all of them. */
export async function compare(run: ComparisonRun): Promise<Comparison[]> {
  const kinds = run.groups.map((group) => ({ group, rounds: new Map<string, Measured[]>() }));
  for (let pair = 0; pair < run.pairs; pair++) {
    for (const { group, rounds } of shuffled(kinds, () => run.random.next()))
      for (const [kind, measured] of await measureRound(run, group))
        rounds.set(kind, [...(rounds.get(kind) ?? []), measured]);
  }
  return kinds.flatMap(({ group, rounds }) =>
    loads().flatMap(({ shape, level, kind }) => {
      const measured = rounds.get(kind) ?? [];
      const itself = ratios(measured, AGAIN, group.twice, run.random);
      return group.pairs.map(([one, other]) => ({
        shape,
        level,
        one,
        other,
        figures: { one: medians(measured, one), other: medians(measured, other) },
        ratio: ratios(measured, one, other, run.random),
        itself,
      }));
    }),
  );
}

function loads(): { shape: Shape; level: Level; kind: string }[] {
  return SHAPES.flatMap((shape) => LEVELS.map((level) => ({ shape, level, kind: `${shape}, ${level}` })));
}

/** One process of each contender, measured in turns. */
async function measureRound(run: ComparisonRun, group: Group): Promise<Map<string, Measured>> {
  const names = [...new Set(group.pairs.flat())];
  const running: { name: ProcessName; process: ApplicationProcess }[] = [];
  const inTurns = async (
    work: (process: ApplicationProcess, name: ProcessName) => Promise<void>,
  ): Promise<void> => {
    for (const { process, name } of shuffled(running, () => run.random.next())) await work(process, name);
  };
  const samples = new Map<string, Map<ProcessName, LoadFigures[]>>();
  try {
    await Promise.all(
      ([...names, AGAIN] as const).map(async (name) => {
        const contender = name === AGAIN ? group.twice : name;
        running.push({ name, process: await ApplicationProcess.start(contender, run.url) });
      }),
    );
    for (const shape of SHAPES)
      await inTurns(async (process) => {
        await process.measure({ shape, callers: CALLERS.saturated, loans: run.warmUp });
      });
    for (let round = 0; round < run.rounds; round++) {
      for (const { shape, level, kind } of shuffled(loads(), () => run.random.next())) {
        const of = samples.get(kind) ?? new Map<ProcessName, LoadFigures[]>();
        samples.set(kind, of);
        await inTurns(async (process, name) => {
          const load = { shape, callers: CALLERS[level], loans: run.sample };
          of.set(name, [...(of.get(name) ?? []), await process.measure(load)]);
        });
      }
    }
  } finally {
    await Promise.all(running.map(({ process }) => process.stop()));
  }
  return new Map(
    [...samples].map(([kind, of]) => [
      kind,
      new Map([...of].map(([name, figures]) => [name, medianOf(figures)])),
    ]),
  );
}

function medianOf(figures: readonly LoadFigures[]): LoadFigures {
  return { rate: median(figures.map(({ rate }) => rate)), cpu: median(figures.map(({ cpu }) => cpu)) };
}

function medians(measured: readonly Measured[], name: ProcessName): LoadFigures {
  return medianOf(measured.flatMap((round) => round.get(name) ?? []));
}

/** Each is compared with what stood beside it: what disturbed one disturbed the other. */
function ratios(measured: readonly Measured[], one: ProcessName, other: ProcessName, random: Random): Ratios {
  const ratio = (of: (one: LoadFigures, other: LoadFigures) => number): Estimate =>
    estimate(
      measured.flatMap((round) => {
        const figures = round.get(one);
        const others = round.get(other);
        return figures === undefined || others === undefined ? [] : [of(figures, others)];
      }),
      random,
    );
  return { rate: ratio((a, b) => a.rate / b.rate), cpu: ratio((a, b) => b.cpu / a.cpu) };
}
