import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { randomSeed } from '../command/random.js';
import { readCount } from '../command/read-count.js';
import { faultReport } from './fault-report.js';
import { runFaults } from './fault-run.js';
import { GRACE, LIMITS } from './limits.js';
import { BOUND, LIMITS as PROCESSOR_LIMITS } from './processors/limits.js';
import { processorFaultReport } from './processors/report.js';
import { runProcessorFaults } from './processors/run.js';

// `npm run bench:faults`: the same trouble over the pool and its peers; with `--processors`, over processors and theirs. It measures, and asserts
// nothing.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: `${randomSeed()}` },
    processes: { type: 'string' },
    only: { type: 'string', default: '' },
    processors: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = readCount('seed', values.seed, 2 ** 32);
// Pools mostly wait; threads compute.
const processes = readCount('processes', values.processes ?? (values.processors ? '2' : '8'));
const onDone = (done: number, total: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} `);
};

const { figures, text } = values.processors ? await ofProcessors() : await ofPools();
process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : text);

interface Report {
  readonly figures: object;
  readonly text: string;
}

async function ofPools(): Promise<Report> {
  const where = environment(['generic-pool', 'tarn', 'lightning-pool', 'pg-pool', 'nestjs-resources']);
  const rows = await runFaults({ seed, only: values.only, processes, onDone });
  const again = `seed ${seed}: npm run bench:faults -- --seed ${seed}`;
  return {
    figures: { environment: where, seed, limits: { ...LIMITS, GRACE }, rows },
    text: `${describeEnvironment(where)}${again}\n\n${faultReport(rows)}`,
  };
}

async function ofProcessors(): Promise<Report> {
  const where = environment(['piscina', 'workerpool', 'nestjs-resources']);
  const contenders = ['nestjs-resources', 'piscina', 'workerpool'];
  const rows = await runProcessorFaults({ contenders, only: values.only, processes, onDone });
  return {
    figures: { environment: where, limits: { ...PROCESSOR_LIMITS, BOUND }, rows },
    text: `${describeEnvironment(where)}\n${processorFaultReport(contenders, rows)}`,
  };
}
