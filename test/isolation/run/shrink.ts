import type { Exchange, Lane, Round } from '../plan/plan.js';
import type { Invariant } from '../watch/violation.js';
import { watch } from '../watch/watch.js';
import type { RunOptions } from './run.js';
import { Stage } from './stage.js';

/** Repetitions in which a smaller plan has to fail once; and after it is found, those that tell the rate. */
const TRIES = 3;
const REPETITIONS = 10;
/** Most milliseconds for making it smaller. */
const MOST = 120_000;
/** Shorter than in a run: most repetitions are of plans that fail. */
const BOUNDS = { rest: 1_500, collection: 1_500 };

interface Part {
  readonly lane: number;
  readonly application: Lane['application'];
  readonly exchange: Exchange;
}

/**
 * Makes the plan of a failure smaller by leaving out exchanges while it still fails (delta debugging). A
 * schedule is never quite the same twice, so each smaller plan has some tries.
 */
export async function shrink(round: Round, invariant: Invariant, options: RunOptions) {
  const giveUpAt = performance.now() + MOST;
  const fails = async (parts: readonly Part[], tries: number): Promise<number> => {
    let failed = 0;
    for (let number = 0; number < tries; number++) {
      if (await violates(roundOf(round.number, parts), invariant, options)) failed++;
      if (failed > 0 && tries === TRIES) break;
    }
    return failed;
  };
  let parts = partsOf(round);
  let pieces = 2;
  while (parts.length > 1 && pieces <= parts.length && performance.now() < giveUpAt) {
    const size = Math.ceil(parts.length / pieces);
    let smaller: Part[] | undefined;
    for (let from = 0; from < parts.length && performance.now() < giveUpAt; from += size) {
      const candidates = [
        parts.slice(from, from + size),
        [...parts.slice(0, from), ...parts.slice(from + size)],
      ];
      for (const candidate of pieces === 2 ? candidates.slice(0, 1) : candidates) {
        if (smaller === undefined && candidate.length < parts.length && (await fails(candidate, TRIES)) > 0)
          smaller = candidate;
      }
      if (smaller !== undefined) break;
    }
    if (smaller === undefined) pieces *= 2;
    else pieces = Math.max(2, smaller.length < parts.length / 2 ? 2 : pieces - 1);
    parts = smaller ?? parts;
  }
  const came = await fails(parts, REPETITIONS);
  const smallest = roundOf(round.number, parts);
  await violates(smallest, invariant, options);
  return { round: smallest, invariant, came, of: REPETITIONS, journal: lastJournal };
}

let lastJournal: string[] = [];

/** Plays it once, on applications that nothing has happened to. */
async function violates(round: Round, invariant: Invariant, { adapter }: RunOptions): Promise<boolean> {
  watch.begin();
  const stage = new Stage(adapter, BOUNDS);
  await stage.open();
  try {
    await stage.play(round);
    lastJournal = watch.journal.lines();
  } finally {
    await stage.close();
  }
  return watch.counts.has(invariant);
}

function partsOf({ lanes }: Round): Part[] {
  return lanes.flatMap(({ application, exchanges }, lane) =>
    exchanges.map((exchange) => ({ lane, application, exchange })),
  );
}

function roundOf(number: number, parts: readonly Part[]): Round {
  const lanes = new Map<number, { application: Lane['application']; exchanges: Exchange[] }>();
  for (const { lane, application, exchange } of parts) {
    const known = lanes.get(lane) ?? { application, exchanges: [] };
    known.exchanges.push(exchange);
    lanes.set(lane, known);
  }
  return { number, lanes: [...lanes.values()] };
}
