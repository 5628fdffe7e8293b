import type { Estimate } from '../command/estimate.js';
import type { Random } from '../command/random.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
import { LeastCosts } from './least-costs.js';
import type { LibraryCopy } from './library-copy.js';
import {
  type Costs,
  floorOf,
  type Ratio,
  type RequestRatios,
  requestRatios,
  type Trio,
  verdict,
} from './request-ratios.js';
import { ServerProcess } from './server-process.js';

/** What a change may cost a request: 3 % more. */
const BOUND = 1.03;
/** Requests before the first sample; those that come too early for the compiler are never the least. */
const WARM_UP = 6_000;

/** What an application does with the library. */
export const COMPARED = [
  'with the module, borrows nothing',
  'handler parameter',
  'constructor parameter',
  'constructor parameter, use()',
] as const;

export interface ComparisonRun {
  /** The program. */
  node: string;
  adapter: string;
  variants: readonly string[];
  ours: LibraryCopy;
  theirs: LibraryCopy;
  /** Of each side, and as many again of this checkout. */
  processes: number;
  /** Samples of each process. */
  rounds: number;
  /** Requests of a sample. */
  requests: number;
  random: Random;
}

export interface Comparison extends RequestRatios {
  variant: string;
}

/** Every variant in every round of processes, so that hours of the day and neighbours on the machine meet all of them. */
export async function compareRequests(run: ComparisonRun): Promise<Comparison[]> {
  const trios = new Map(run.variants.map((variant): [string, Trio[]] => [variant, []]));
  for (let process = 0; process < run.processes; process++) {
    for (const [variant, measured] of shuffled([...trios], () => run.random.next()))
      measured.push(await measureTrio(run, variant));
  }
  return [...trios].map(([variant, measured]) => ({ variant, ...requestRatios(measured, run.random) }));
}

async function measureTrio(run: ComparisonRun, variant: string): Promise<Trio> {
  const sides = { ours: run.ours, theirs: run.theirs, again: run.ours };
  const running: [keyof Trio, LeastCosts][] = [];
  const inTurns = async (sample: (costs: LeastCosts) => Promise<void>): Promise<void> => {
    for (const [, costs] of shuffled(running, () => run.random.next())) await sample(costs);
  };
  try {
    await Promise.all(
      Object.entries(sides).map(async ([side, { serverFile }]) => {
        const server = await ServerProcess.start(run.node, variant, run.adapter, serverFile);
        running.push([side as keyof Trio, new LeastCosts(server, run.requests)]); // entries forget the names of keys
      }),
    );
    await inTurns(async ({ server }) => void (await server.cpuPerRequest(WARM_UP)));
    for (let round = 0; round < run.rounds; round++) await inTurns((costs) => costs.sampleSockets());
    for (let round = 0; round < run.rounds; round++) await inTurns((costs) => costs.sampleScript());
  } finally {
    await Promise.all(running.map(([, { server }]) => server.stop()));
  }
  const costs = (side: keyof Trio): Costs => {
    const { cpu = NaN, script = NaN } = running.find(([name]) => name === side)?.[1] ?? {};
    return { cpu, script };
  };
  return { ours: costs('ours'), theirs: costs('theirs'), again: costs('again') };
}

export function comparisonReport(title: string, comparisons: readonly Comparison[]): string {
  const heads = ['', 'here', 'there', 'ratio', '95 % interval', 'against itself', 'at most 3 % more'];
  const rows = comparisons.flatMap(({ variant, ours, theirs, sockets, whole }) => [
    [`  ${variant}`, micros(ours.cpu), micros(theirs.cpu), ...cells(sockets)],
    ['    the script, of the whole', micros(ours.script), micros(theirs.script), ...cells(whole)],
  ]);
  return `\n${title}\n${table([heads, ...rows])}`;
}

/** For people: whether the whole comparison stays within the bound. */
export function verdictLine(comparisons: readonly Comparison[]): string {
  const judged = (ratio: keyof Pick<Comparison, 'sockets' | 'whole'>): string => {
    const missed = comparisons.filter((comparison) => verdict(comparison[ratio], BOUND) === 'NO');
    return missed.length === 0 ? 'yes' : `NO (${missed.map(({ variant }) => variant).join('; ')})`;
  };
  return `At most 3 % more: over sockets ${judged('sockets')}, by the script ${judged('whole')}\n`;
}

function cells(ratio: Ratio): string[] {
  const judged = verdict(ratio, BOUND);
  const floor = judged === 'within the floor' ? ` of ${floorOf(ratio).toFixed(3)}` : '';
  return [
    `${ratio.against.median.toFixed(3)} x`,
    interval(ratio.against),
    interval(ratio.itself),
    `${judged}${floor}`,
  ];
}

function interval({ low, high }: Estimate): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function micros(value: number): string {
  return `${value.toFixed(1)} us`;
}
