import { type Estimate, estimate } from '../command/estimate.js';
import { median } from '../command/median.js';
import type { Random } from '../command/random.js';
import { shuffled } from '../command/shuffled.js';
import { openCoordinator, openPiscina, type TaskRunner } from './contenders.js';

const NAMES = ['coordinator', 'piscina', 'piscina again'] as const;
type Name = (typeof NAMES)[number];

/** How tasks are asked for: by as many callers as there are threads, each one after the other; or all of a round together, in a queue. */
const SHAPES = ['one after the other', 'all at once'] as const;
type Shape = (typeof SHAPES)[number];

/** What is measured: milliseconds of work in a task, and how many tasks of it a sample has for each thread. */
export interface Work {
  readonly milliseconds: number;
  readonly tasks: number;
}

export interface OverheadRun {
  readonly threads: number;
  readonly works: readonly Work[];
  readonly rounds: number;
  /** Of hashing, as calibrated. */
  readonly blocksPerMillisecond: number;
  readonly random: Random;
}

export interface Overhead {
  readonly milliseconds: number;
  readonly shape: Shape;
  /** Median milliseconds for which a task keeps a thread. */
  readonly took: Readonly<Record<Name, number>>;
  /** How many times as long a task takes as with piscina in the same round. */
  readonly coordinator: Estimate;
  /** The same of piscina itself, in another slot of the round. */
  readonly itself: Estimate;
}

/** Every contender in every round, in another order each time; each is compared with piscina of the same round. */
export async function measureOverhead(run: OverheadRun): Promise<Overhead[]> {
  const { threads, random } = run;
  const runners: Record<Name, TaskRunner> = {
    coordinator: await openCoordinator(threads),
    piscina: openPiscina(threads),
    'piscina again': openPiscina(threads),
  };
  const all: Overhead[] = [];
  try {
    for (const { milliseconds, tasks } of run.works) {
      const blocks = Math.max(1, Math.round(milliseconds * run.blocksPerMillisecond));
      const count = tasks * threads;
      for (const shape of SHAPES) {
        const took: Record<Name, number[]> = { coordinator: [], piscina: [], 'piscina again': [] };
        const sample = (name: Name): Promise<number> => SAMPLES[shape](runners[name], blocks, count, threads);
        for (const name of NAMES) await sample(name); // warm-up
        for (let round = 0; round < run.rounds; round++)
          for (const name of shuffled(NAMES, () => random.next())) took[name].push(await sample(name));
        all.push({ milliseconds, shape, ...summaryOf(took, random) });
      }
    }
  } finally {
    await Promise.all(Object.values(runners).map((runner) => runner.close()));
  }
  return all;
}

function summaryOf(
  took: Readonly<Record<Name, readonly number[]>>,
  random: Random,
): Omit<Overhead, 'milliseconds' | 'shape'> {
  const against = (name: Name): Estimate =>
    estimate(
      took[name].map((one, round) => one / (took.piscina[round] ?? NaN)),
      random,
    );
  return {
    took: {
      coordinator: median(took.coordinator),
      piscina: median(took.piscina),
      'piscina again': median(took['piscina again']),
    },
    coordinator: against('coordinator'),
    itself: against('piscina again'),
  };
}

type Sample = (runner: TaskRunner, blocks: number, count: number, threads: number) => Promise<number>;

const SAMPLES: Readonly<Record<Shape, Sample>> = {
  'one after the other': async (runner, blocks, count, threads) => {
    let left = count;
    const caller = async (): Promise<void> => {
      while (left-- > 0) await runner.run(blocks);
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: threads }, caller));
    return ((performance.now() - start) * threads) / count;
  },
  'all at once': async (runner, blocks, count, threads) => {
    const start = performance.now();
    await Promise.all(Array.from({ length: count }, () => runner.run(blocks)));
    return ((performance.now() - start) * threads) / count;
  },
};
