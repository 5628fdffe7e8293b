import type { Random } from '../command/random.js';
import { shuffled } from '../command/shuffled.js';
import { ApplicationProcess } from './application-process.js';
import { AGAIN, CALLERS, type Group, kindsOf, type LoadKind, type ProcessName, type Turn } from './group.js';
import type { LoadFigures } from './load.js';

export interface TurnsRun {
  /** Of the database. */
  readonly url: string;
  /** Loans of a sample, and of each shape before the first one, counts. */
  readonly sample: number;
  readonly warmUp: number;
  readonly random: Random;
}

interface Running {
  readonly name: ProcessName;
  readonly process: ApplicationProcess;
}

/**
 * Starts one process of each of a group's contenders, warms them up, and has them measured in turns.
 *
 * @param turns of each kind of load, a count
 */
export async function takeTurns(run: TurnsRun, group: Group, turns: number): Promise<Turn[]> {
  const names = [...new Set(group.pairs.flat()), AGAIN] as const;
  const taken: Turn[] = [];
  const running: Running[] = [];
  try {
    await Promise.all(
      names.map(async (name) => {
        const contender = name === AGAIN ? group.twice : name;
        running.push({ name, process: await ApplicationProcess.start(contender, run.url) });
      }),
    );
    for (const { process } of running)
      for (const shape of group.shapes)
        await process.measure({ shape, callers: CALLERS.saturated, loans: run.warmUp });
    for (let turn = 0; turn < turns; turn++)
      for (const kind of shuffled(kindsOf(group), () => run.random.next()))
        taken.push(await takeTurn(run, running, kind));
  } finally {
    await Promise.all(running.map(({ process }) => process.stop()));
  }
  return taken;
}

/** One after the other, and then once more the other way round: what becomes slower meanwhile becomes so for all. */
async function takeTurn(
  { random, sample }: TurnsRun,
  running: readonly Running[],
  { shape, level }: LoadKind,
): Promise<Turn> {
  const order = shuffled(running, () => random.next());
  const samples = new Map<ProcessName, LoadFigures[]>();
  for (const { name, process } of [...order, ...order.toReversed()]) {
    const figures = await process.measure({ shape, callers: CALLERS[level], loans: sample });
    samples.set(name, [...(samples.get(name) ?? []), figures]);
  }
  const figures = new Map([...samples].map(([name, of]) => [name, together(of)]));
  return { shape, level, figures };
}

/** Of samples of the same size. */
function together(figures: readonly LoadFigures[]): LoadFigures {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    rate: 1 / mean(figures.map(({ rate }) => 1 / rate)),
    cpu: mean(figures.map(({ cpu }) => cpu)),
  };
}
