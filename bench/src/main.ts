import { parseArgs } from 'node:util';
import { callsReport, countCalls } from './calls/count-calls.js';
import { describeEnvironment, environment } from './command/environment.js';
import { nodeBinary, ownMajor } from './command/node-binary.js';
import { Random, randomSeed } from './command/random.js';
import { readCount } from './command/read-count.js';
import { judged, type Target, targetTable } from './command/target.js';
import { CONTENDERS } from './contenders/index.js';
import { copyOfCheckout, copyOfCommit } from './http/library-copy.js';
import {
  COMPARED,
  type Comparison,
  comparisonReport,
  compareRequests,
  verdictLine,
} from './http/request-comparison.js';
import { measureRequests, requestReport } from './http/request-cost.js';
import { type RequestFigures, requestTargets } from './http/request-targets.js';
import { Measurement } from './pool/measurement.js';
import { poolReport } from './pool/pool-report.js';
import { poolTargets } from './pool/pool-targets.js';
import { SCENARIOS } from './pool/scenarios.js';

// `npm run bench`: the pool against its peers and two limits, and a request through Nest in every way to hold something.
// With `--against REV`, such requests with this checkout's library and with that commit's.
const LIBRARIES = ['generic-pool', 'tarn', 'lightning-pool', 'pg-pool', 'nestjs-cls', '@nestjs/core'];
const SERVERS = [
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'express',
  'fastify',
  'nestjs-resources',
];
const ADAPTERS = ['fastify', 'express'];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    nodes: { type: 'string', default: `${ownMajor()}` },
    adapters: { type: 'string', default: ADAPTERS.join(',') },
    against: { type: 'string' },
    processes: { type: 'string', default: '15' },
    seed: { type: 'string', default: `${randomSeed()}` },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 1 : readCount('rounds', values.rounds);
const nodes = values.nodes.split(',').map((major) => readCount('nodes', major));
const adapters = values.adapters.split(',');
const unknown = adapters.find((adapter) => !ADAPTERS.includes(adapter));
if (unknown !== undefined) throw new Error(`--adapters must be of ${ADAPTERS.join(', ')}, not "${unknown}"`);
const REQUESTS = 4_000;

const print = (text: string): void => {
  if (!values.json) process.stdout.write(text);
};
/** By a part of its name, or all of its kind. */
const wanted = (name: string, kind?: string): boolean => name.includes(values.only) || kind === values.only;
const requestTitle = (adapter: string, node: number): string =>
  `request through Nest on ${adapter}, Node ${node}`;

const where = environment([...LIBRARIES, ...SERVERS]);
print(describeEnvironment(where));
const figures = values.against === undefined ? await measureAll() : await compareWith(values.against);
if (values.json)
  process.stdout.write(`${JSON.stringify({ environment: where, rounds, ...figures }, null, 2)}\n`);

async function measureAll(): Promise<object> {
  const contenders = CONTENDERS.map(({ name }) => name);
  const pool: Measurement[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => wanted(name, 'pool'))) {
    const measurement = await Measurement.take(scenario, contenders, rounds);
    pool.push(measurement);
    print(poolReport(measurement));
  }
  const requests = await measureAllRequests();
  const targets: Target[] = [...poolTargets(pool), ...requestTargets(requests)];
  print(`\n${targetTable(targets)}`);
  const calls = wanted('calls') ? await countCalls() : []; // last, as counting makes everything slow
  for (const counted of calls) print(callsReport(counted));
  const scenarios = pool.map(({ scenario: { name, unit }, figures }) => ({ name, unit, figures }));
  return { pool: scenarios, requests, calls, targets: judged(targets) };
}

async function measureAllRequests(): Promise<RequestFigures[]> {
  const run = values.quick
    ? { processes: 1, rounds: 3, requests: REQUESTS }
    : { processes: 3, rounds: 3 * rounds, requests: REQUESTS };
  const requests: RequestFigures[] = [];
  for (const major of nodes) {
    for (const adapter of adapters) {
      const name = requestTitle(adapter, major);
      if (!wanted(name)) continue;
      const costs = await measureRequests({ ...run, node: await nodeBinary(major), adapter });
      requests.push({ node: major, adapter, costs });
      print(requestReport(name, costs));
    }
  }
  return requests;
}

async function compareWith(revision: string): Promise<object> {
  const processes = values.quick ? 2 : readCount('processes', values.processes);
  const seed = readCount('seed', values.seed, 2 ** 32);
  const random = new Random(seed);
  const [ours, theirs] = [await copyOfCheckout(), await copyOfCommit(revision)];
  print(`here ${ours.commit}, there ${theirs.commit}; ${processes} x 3 processes of each, --seed ${seed}\n`);
  const run = { ours, theirs, processes, rounds, requests: REQUESTS, random };
  const comparisons: (Comparison & { node: number; adapter: string })[] = [];
  for (const node of nodes) {
    for (const adapter of adapters) {
      const title = requestTitle(adapter, node);
      const variants = COMPARED.filter((variant) => wanted(`${title}: ${variant}`));
      if (variants.length === 0) continue;
      const compared = await compareRequests({ ...run, node: await nodeBinary(node), adapter, variants });
      comparisons.push(...compared.map((comparison) => ({ ...comparison, node, adapter })));
      print(comparisonReport(title, compared) + verdictLine(compared));
    }
  }
  return { ours: ours.commit, theirs: theirs.commit, processes, seed, comparisons };
}
