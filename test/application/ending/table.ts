import { parseArgs } from 'node:util';
import { nodeBinary } from '../../../bench/src/command/node-binary.js';
import { isChosen } from '../../library/shutdown/is-chosen.js';
import { describeEnd } from '../../library/shutdown/shutdown.fixture.js';
import { Postgres } from '../postgres.fixture.js';
import { type Case, CASES, FAILING_STARTS } from './moments.fixture.js';
import { type Adapter, ADAPTERS } from './plan.fixture.js';
import { type Ended, toldToEnd } from './told-to-end.fixture.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20,22,24' },
    adapters: { type: 'string', default: ADAPTERS.join() },
    moments: { type: 'string', default: '' },
    ways: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});

interface Cell {
  major: string;
  node: string;
  adapter: Adapter;
  told: Case;
}

async function cells(): Promise<Cell[]> {
  const found: Cell[] = [];
  const adapters = ADAPTERS.filter((adapter) => values.adapters.includes(adapter));
  const cases = [...CASES, ...FAILING_STARTS].filter(
    ({ moment, way }) => isChosen(values.moments, moment) && isChosen(values.ways, way),
  );
  for (const major of values.nodes.split(',')) {
    const node = await nodeBinary(Number(major));
    for (const told of cases) for (const adapter of adapters) found.push({ major, node, adapter, told });
  }
  return found;
}

function print({ major, adapter, told }: Cell, { duration, bound, application, faults }: Ended): void {
  const columns = [
    major.padEnd(4),
    adapter.padEnd(8),
    told.moment.padEnd(40),
    told.way.padEnd(32),
    (duration === undefined ? 'never' : `${Math.round(duration)}`).padStart(6),
    `${bound}`.padStart(6),
    describeEnd(application.process.end).padEnd(8),
    faults.join('; '),
  ];
  process.stdout.write(`${columns.join(' ').trimEnd()}\n`);
}

async function main(): Promise<void> {
  const waiting = await cells();
  const { length } = waiting;
  const postgres = await Postgres.start();
  let failed = 0;
  const heads = ['Node'.padEnd(4), 'adapter'.padEnd(8), 'moment'.padEnd(40), 'told to end by'.padEnd(32)];
  process.stdout.write(`${heads.join(' ')}     ms  bound end\n`);
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const ended = await toldToEnd(postgres, cell.adapter, cell.told, cell.node);
      if (ended.faults.length > 0) failed++;
      print(cell, ended);
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  } finally {
    await postgres.stop();
  }
  process.stdout.write(`${length} ends, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
