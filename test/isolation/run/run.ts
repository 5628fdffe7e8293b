import { type Adapter, type Handler, requestsOf, type Round } from '../plan/plan.js';
import { planRound } from '../plan/plan-round.js';
import type { Violation } from '../watch/violation.js';
import { watch } from '../watch/watch.js';
import type { Bounds } from './play-round.js';
import { Stage } from './stage.js';

/** What a run is told. */
export interface RunOptions {
  readonly adapter: Adapter;
  readonly seed: number;
  /** At least so many; whole rounds are played. */
  readonly requests: number;
  /** Clients at a time. */
  readonly clients: number;
  /** Requests of a round. */
  readonly size: number;
  /** The first round's number. */
  readonly from: number;
  readonly handlers?: readonly Handler[];
  /** Whether to go on after a violation. */
  readonly keepGoing: boolean;
  readonly bounds?: Bounds;
}

export interface RunReport {
  readonly requests: number;
  readonly seconds: number;
  readonly violations: readonly Violation[];
  /** The first round in which an invariant was violated, with what was seen of the requests that the violation names. */
  readonly failed?: { readonly round: Round; readonly journal: readonly string[] };
}

export type Progress = (done: number, seconds: number, violations: number) => void;

/** Whether the violations so far tell all that the run is for. */
export type Enough = (violations: readonly Violation[]) => boolean;

/** Plays the rounds of a seed, one after the other. */
export function run(options: RunOptions, progress?: Progress, enough?: Enough): Promise<RunReport> {
  const rounds = function* (): Generator<Round> {
    for (let number = options.from, planned = 0; planned < options.requests; number++) {
      const round = planRound(options.seed, number, options);
      planned += requestsOf(round).length;
      yield round;
    }
  };
  return playAll(rounds(), options, progress, enough);
}

/** Plays one round several times. */
export function replay(
  { round, times }: { round: Round; times: number },
  options: RunOptions,
  progress?: Progress,
): Promise<RunReport> {
  return playAll(
    Array.from({ length: times }, () => round),
    options,
    progress,
  );
}

async function playAll(
  rounds: Iterable<Round>,
  options: RunOptions,
  progress: Progress = () => undefined,
  enough: Enough = () => !options.keepGoing,
): Promise<RunReport> {
  const stage = new Stage(options.adapter, options.bounds);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1_000;
  watch.begin();
  let planned = 0;
  let failed: RunReport['failed'];
  await stage.open();
  try {
    for (const round of rounds) {
      planned += requestsOf(round).length;
      await stage.play(round);
      progress(planned, seconds(), watch.violations.length);
      if (watch.violations.length === 0) continue;
      failed ??= { round, journal: journalOf(watch.violations[0]) };
      if (enough(watch.violations)) break;
    }
  } finally {
    await stage.close();
  }
  return { requests: planned, seconds: seconds(), violations: watch.violations, failed };
}

/** What was seen of the requests that a violation names; of all, when it names none. */
function journalOf(violation: Violation | undefined): string[] {
  const names = violation?.requests.map(({ id, tenant }) => `${id}/${tenant}`) ?? [];
  return watch.journal.lines(names.length === 0 ? undefined : new Set([...names, 'test']));
}
