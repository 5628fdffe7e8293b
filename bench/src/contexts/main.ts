import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { median } from '../command/median.js';
import { readCount } from '../command/read-count.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
import type { Sample } from './sample.js';

/** `npm run bench:contexts`: what a processor's thread costs without Nest, and with an application context of its own. */
const WORKERS = ['plain', 'nest', 'resources'] as const;
const NAMES = {
  plain: 'without Nest',
  nest: 'with a context',
  resources: 'with a context that has ResourcesModule',
};

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, threads: { type: 'string', default: '8' } },
});
const rounds = readCount('rounds', values.rounds);
const threads = readCount('threads', values.threads);

/** In a process of its own, so that none profits from what another has loaded. */
async function take(worker: string): Promise<Sample> {
  const child = fork(fileURLToPath(new URL('./sample.js', import.meta.url)), [worker, `${threads}`]);
  const [sample] = (await once(child, 'message')) as [Sample];
  return sample;
}

const samples = new Map<string, Sample[]>(WORKERS.map((worker) => [worker, []]));
for (let round = 0; round < rounds; round++)
  for (const worker of shuffled(WORKERS)) samples.get(worker)?.push(await take(worker));

const figure = (worker: string, of: keyof Sample, unit: string): string =>
  `${Math.round(median((samples.get(worker) ?? []).map((sample) => sample[of])))} ${unit}`;
process.stdout.write(describeEnvironment(environment(['piscina', '@nestjs/core'])));
process.stdout.write(
  table([
    ['a thread', 'start', 'CPU', 'memory'],
    ...WORKERS.map((worker) => [
      NAMES[worker],
      figure(worker, 'start', 'ms'),
      figure(worker, 'cpu', 'ms'),
      figure(worker, 'memory', 'MiB'),
    ]),
  ]),
);
