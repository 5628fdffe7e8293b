import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { VARIANTS } from './variants.js';

const { values } = parseArgs({
  options: {
    adapters: { type: 'string', default: 'fastify,express' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

interface Server {
  process: ChildProcess;
  port: number;
}

const serverFile = fileURLToPath(new URL('./server.js', import.meta.url));

async function start(variant: string, adapter: string): Promise<Server> {
  const child = fork(serverFile, [variant, adapter]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, port };
}

async function cpuOf({ process: child }: Server): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
  return cpu;
}

/** CPU microseconds of the server per request. */
async function sample(server: Server, duration: number): Promise<number> {
  const before = await cpuOf(server);
  const { requests } = await autocannon({
    url: `http://127.0.0.1:${server.port}`,
    connections: 32,
    duration,
  });
  return ((await cpuOf(server)) - before) / requests.total;
}

const report: { adapter: string; variant: string; cpu: number; ratio: number }[] = [];
for (const adapter of values.adapters.split(',')) {
  const servers = new Map<string, Server>();
  for (const variant of Object.keys(VARIANTS)) servers.set(variant, await start(variant, adapter));
  for (const server of servers.values()) await sample(server, 2); // warm-up
  const figures = new Map<string, number[]>([...servers.keys()].map((variant) => [variant, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    const order = [...servers].map((entry) => ({ entry, at: Math.random() })).toSorted((a, b) => a.at - b.at);
    for (const {
      entry: [variant, server],
    } of order) {
      figures.get(variant)?.push(await sample(server, Number(values.seconds)));
    }
  }
  for (const { process: child } of servers.values()) child.kill();
  const least = (variant: string): number => Math.min(...(figures.get(variant) ?? []));
  for (const [variant, all] of figures) {
    const median = all.toSorted((a, b) => a - b)[all.length >> 1] ?? NaN;
    const ratio = least(variant) / least('bare handler');
    report.push({ adapter, variant, cpu: least(variant), ratio });
    if (!values.json) {
      process.stdout.write(
        `${adapter.padEnd(8)} ${variant.padEnd(34)} least ${least(variant).toFixed(1).padStart(6)}  median ${median.toFixed(1).padStart(6)} us CPU/request  x ${ratio.toFixed(2)}\n`,
      );
    }
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, report }, null, 2)}\n`);
