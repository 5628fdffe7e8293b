import { median } from '../command/median.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
import { LeastCosts } from './least-costs.js';
import type { Costs } from './request-ratios.js';
import { ServerProcess } from './server-process.js';
import { VARIANTS } from './variants.js';

const BARE = 'bare handler';
const WARM_UP = 10_000;

export interface RequestCost {
  variant: string;
  /** CPU microseconds of the server per request. */
  cpu: number;
  /** Of the bare handler's. */
  ratio: number;
  /** CPU microseconds per request without a network: the JavaScript's part. */
  script: number;
  /**
   * Of a bare handler's request over a socket, to which the difference of the scripts is added. The network's part is the same for
   * all variants, larger, and scatters by more than they differ.
   */
  share: number;
}

export interface RequestRun {
  /** The program. */
  node: string;
  adapter: string;
  /** How often every server is started anew: processes differ in what V8 made of the same code. */
  processes: number;
  /** Samples of each process. */
  rounds: number;
  /** Requests of a sample. */
  requests: number;
}

/**
 * CPU per request of every way to hold something per request, interleaved. Of a process the least counts, because the
 * machine's noise only ever adds; of several processes the median.
 */
export async function measureRequests(run: RequestRun): Promise<RequestCost[]> {
  const variants = Object.keys(VARIANTS);
  const samples: Map<string, Costs>[] = [];
  for (let process = 0; process < run.processes; process++) samples.push(await sampleOnce(run, variants));
  const of = (variant: string, what: keyof Costs): number =>
    median(samples.map((sample) => sample.get(variant)?.[what] ?? NaN));
  return variants.map((variant) => ({
    variant,
    cpu: of(variant, 'cpu'),
    ratio: of(variant, 'cpu') / of(BARE, 'cpu'),
    script: of(variant, 'script'),
    share: 1 + (of(variant, 'script') - of(BARE, 'script')) / of(BARE, 'cpu'),
  }));
}

export function requestReport(title: string, costs: readonly RequestCost[]): string {
  const rows = costs.map(({ variant, cpu, ratio, script, share }) => [
    `  ${variant}`,
    `${cpu.toFixed(1)} us CPU`,
    `${ratio.toFixed(2)} x`,
    `without a network ${script.toFixed(1)} us`,
    `${share.toFixed(2)} x of the whole`,
  ]);
  return `\n${title}\n${table(rows)}`;
}

async function sampleOnce(run: RequestRun, variants: readonly string[]): Promise<Map<string, Costs>> {
  const least = new Map<string, LeastCosts>();
  try {
    for (const variant of variants) {
      const server = await ServerProcess.start(run.node, variant, run.adapter);
      least.set(variant, new LeastCosts(server, run.requests));
      await server.cpuPerRequest(WARM_UP);
    }
    for (let round = 0; round < run.rounds; round++) {
      for (const costs of shuffled([...least.values()])) {
        await costs.sampleSockets();
        await costs.sampleScript();
      }
    }
  } finally {
    await Promise.all([...least.values()].map(({ server }) => server.stop()));
  }
  return least;
}
