import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from './command/environment.js';
import { nodeBinary, ownMajor } from './command/node-binary.js';
import { readCount } from './command/read-count.js';
import { judged, type Target, targetTable } from './command/target.js';
import { CONTENDERS } from './contenders/index.js';
import { measureRequests, requestReport } from './http/request-cost.js';
import { type RequestFigures, requestTargets } from './http/request-targets.js';
import { Measurement } from './pool/measurement.js';
import { poolReport } from './pool/pool-report.js';
import { poolTargets } from './pool/pool-targets.js';
import { SCENARIOS } from './pool/scenarios.js';

// `npm run bench`: the pool against its peers and two limits, and a request through Nest in every way to hold something.
const LIBRARIES = ['generic-pool', 'tarn', 'lightning-pool', 'pg-pool', 'nestjs-cls', '@nestjs/core'];
const SERVERS = [
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'express',
  'fastify',
  'nestjs-resources',
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    nodes: { type: 'string', default: `${ownMajor()}` },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 1 : readCount('rounds', values.rounds);
const nodes = values.nodes.split(',').map((major) => readCount('nodes', major));
const requestRun = values.quick
  ? { processes: 1, rounds: 3, requests: 4_000 }
  : { processes: 3, rounds: 3 * rounds, requests: 4_000 };

const print = (text: string): void => {
  if (!values.json) process.stdout.write(text);
};
const wanted = (name: string): boolean => name.includes(values.only);

const where = environment([...LIBRARIES, ...SERVERS]);
print(describeEnvironment(where));

const contenders = CONTENDERS.map(({ name }) => name);
const pool: Measurement[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => wanted(name))) {
  const measurement = await Measurement.take(scenario, contenders, rounds);
  pool.push(measurement);
  print(poolReport(measurement));
}

const requests: RequestFigures[] = [];
for (const major of nodes) {
  for (const adapter of ['fastify', 'express']) {
    const name = `request through Nest on ${adapter}, Node ${major}`;
    if (!wanted(name)) continue;
    const costs = await measureRequests({ ...requestRun, node: await nodeBinary(major), adapter });
    requests.push({ node: major, adapter, costs });
    print(requestReport(name, costs));
  }
}

const targets: Target[] = [...poolTargets(pool), ...requestTargets(requests)];
print(`\n${targetTable(targets)}`);
if (values.json) {
  const scenarios = pool.map(({ scenario: { name, unit }, figures }) => ({ name, unit, figures }));
  const figures = { environment: where, rounds, pool: scenarios, requests, targets: judged(targets) };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}
