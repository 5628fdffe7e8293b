import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { Random, randomSeed } from '../command/random.js';
import { readCount } from '../command/read-count.js';
import { judged, targetTable } from '../command/target.js';
import { blocksPerMillisecond } from './calibration.js';
import { measureLoad } from './load.js';
import { measureOverhead } from './overhead.js';
import { loadReport, overheadReport } from './processor-report.js';
import { processorTargets } from './processor-targets.js';

// `npm run bench:processors`: what a task through the coordinator costs beside piscina alone, and what is left of the event loop and of fairness
// when all threads are busy.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    threads: { type: 'string', default: `${Math.max(1, availableParallelism() - 1)}` },
    seed: { type: 'string', default: `${randomSeed()}` },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 3 : readCount('rounds', values.rounds);
const threads = readCount('threads', values.threads);
const seed = readCount('seed', values.seed, 2 ** 32);
const random = new Random(seed);
const sizes = values.quick
  ? { works: [works(0.1, 50), works(10, 2)], queued: 200, spell: 300, spells: 1 }
  : { works: [works(0.1, 300), works(10, 10)], queued: 1_000, spell: 2_000, spells: 4 };

const print = (text: string): void => {
  if (!values.json) process.stdout.write(text);
};
const where = environment(['piscina', 'nestjs-resources']);
print(`${describeEnvironment(where)}seed ${seed}: npm run bench:processors -- --seed ${seed}\n`);
print(`${threads} thread${threads === 1 ? '' : 's'}\n\n`);

const run = { threads, random, blocksPerMillisecond: blocksPerMillisecond() };
const load = await measureLoad({ ...run, ...sizes });
print(loadReport(load));
const overheads = await measureOverhead({ ...run, ...sizes, rounds });
print(overheadReport(overheads));
const targets = processorTargets(load, overheads);
print(targetTable(targets));
if (values.json) {
  const figures = { environment: where, seed, threads, rounds, load, overheads, targets: judged(targets) };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

function works(milliseconds: number, tasks: number): { milliseconds: number; tasks: number } {
  return { milliseconds, tasks };
}
