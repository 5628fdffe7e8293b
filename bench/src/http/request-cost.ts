import { median } from '../command/median.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
import { ServerProcess } from './server-process.js';
import { VARIANTS } from './variants.js';

const BARE = 'bare handler';
const WARM_UP = 10_000;
/** Samples without a network for each one with it: they take a third of the time. */
const UNPLUGGED = 3;

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
  const samples: Map<string, Sample>[] = [];
  for (let process = 0; process < run.processes; process++) samples.push(await sampleOnce(run, variants));
  const of = (variant: string, what: keyof Sample): number =>
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

/** The least costs of one process. */
type Sample = Pick<RequestCost, 'cpu' | 'script'>;

async function sampleOnce(run: RequestRun, variants: readonly string[]): Promise<Map<string, Sample>> {
  const servers = new Map<string, ServerProcess>();
  const least = new Map<string, Sample>();
  try {
    for (const variant of variants) {
      const server = await ServerProcess.start(run.node, variant, run.adapter);
      servers.set(variant, server);
      await server.cpuPerRequest(WARM_UP);
    }
    for (let round = 0; round < run.rounds; round++) {
      for (const [variant, server] of shuffled([...servers])) {
        const cpu = await server.cpuPerRequest(run.requests);
        const before = least.get(variant) ?? { cpu: Infinity, script: Infinity };
        let { script } = before;
        for (let i = 0; i < UNPLUGGED; i++)
          script = Math.min(script, await server.cpuUnplugged(run.requests));
        least.set(variant, { cpu: Math.min(cpu, before.cpu), script });
      }
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  return least;
}
