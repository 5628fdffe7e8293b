import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';
import type * as plain from './plain.worker.js';
import { median } from '../command/median.js';

/** What one thread of a worker costs. */
export interface Sample {
  /** Milliseconds until it can be lent. */
  start: number;
  /** Milliseconds of CPU until then, of all threads of the process. */
  cpu: number;
  /** MiB of the process, for each. */
  memory: number;
}

const MEBIBYTE = 1_048_576;

const [worker = '', count = ''] = process.argv.slice(2);
const threads = Number(count);
const coordinator = new ResourceCoordinator({
  resources: {
    worker: defineProcessor<typeof plain>({
      file: new URL(`./${worker}.worker.js`, import.meta.url),
      pool: { min: 0, max: threads + 1, acquireTimeout: '1m' },
    }),
  },
});

/** One more thread, which has done something. */
async function lend(): Promise<number> {
  const since = performance.now();
  const { resource } = await coordinator.acquire<Processor<typeof plain>>('worker');
  const took = performance.now() - since;
  await resource.run('price', 1);
  return took;
}

await lend(); // what the first one loads is there for all
const before = { cpu: process.cpuUsage(), memory: process.memoryUsage.rss() };
const starts: number[] = [];
while (starts.length < threads) starts.push(await lend());
const { user, system } = process.cpuUsage(before.cpu);
const sample: Sample = {
  start: median(starts),
  cpu: (user + system) / 1_000 / threads,
  memory: (process.memoryUsage.rss() - before.memory) / threads / MEBIBYTE,
};
process.send?.(sample);
process.exit(); // how the threads end is not what is measured
