import { median } from '../command/median.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
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
  const least = new Map(variants.map((variant) => [variant, [] as number[]]));
  for (let process = 0; process < run.processes; process++) {
    for (const [variant, cost] of await sampleOnce(run, variants)) least.get(variant)?.push(cost);
  }
  const cpuOf = (variant: string): number => median(least.get(variant) ?? []);
  return variants.map((variant) => ({
    variant,
    cpu: cpuOf(variant),
    ratio: cpuOf(variant) / cpuOf(BARE),
  }));
}

export function requestReport(title: string, costs: readonly RequestCost[]): string {
  const rows = costs.map(({ variant, cpu, ratio }) => [
    `  ${variant}`,
    `${cpu.toFixed(1)} us CPU`,
    `${ratio.toFixed(2)} x`,
  ]);
  return `\n${title}\n${table(rows)}`;
}

async function sampleOnce(run: RequestRun, variants: readonly string[]): Promise<Map<string, number>> {
  const servers = new Map<string, ServerProcess>();
  const least = new Map<string, number>();
  try {
    for (const variant of variants) {
      const server = await ServerProcess.start(run.node, variant, run.adapter);
      servers.set(variant, server);
      await server.cpuPerRequest(WARM_UP);
    }
    for (let round = 0; round < run.rounds; round++) {
      for (const [variant, server] of shuffled([...servers])) {
        const cost = await server.cpuPerRequest(run.requests);
        least.set(variant, Math.min(cost, least.get(variant) ?? Infinity));
      }
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  return least;
}
