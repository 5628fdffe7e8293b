import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { randomSeed } from '../command/random.js';
import { readCount } from '../command/read-count.js';
import { faultReport } from './fault-report.js';
import { runFaults } from './fault-run.js';
import { GRACE, LIMITS } from './limits.js';

// `npm run bench:faults`: the same trouble over the pool and its peers. It measures, and asserts nothing.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: `${randomSeed()}` },
    processes: { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
  },
});
const seed = readCount('seed', values.seed, 2 ** 32);
const processes = readCount('processes', values.processes);

const where = environment(['generic-pool', 'tarn', 'lightning-pool', 'pg-pool', 'nestjs-resources']);
const rows = await runFaults(seed, processes, (done, total) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} `);
});
if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ environment: where, seed, limits: { ...LIMITS, GRACE }, rows }, null, 2)}\n`,
  );
} else {
  process.stdout.write(
    `${describeEnvironment(where)}seed ${seed}: npm run bench:faults -- --seed ${seed}\n\n${faultReport(rows)}`,
  );
}
