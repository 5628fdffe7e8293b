import { parseArgs } from 'node:util';
import { nodeBinary } from '../../../bench/src/command/node-binary.js';
import type { End } from './closing-process.fixture.js';
import { existsOn, STATES } from './connection-states.fixture.js';
import { isChosen } from './is-chosen.js';
import { meet, MOMENTS } from './moments.fixture.js';
import { ADAPTERS } from './plan.fixture.js';
import { describeEnd, faultsOf, type Outcome, type Shutdown, shutDown } from './shutdown.fixture.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20,22,24' },
    adapters: { type: 'string', default: ADAPTERS.join() },
    states: { type: 'string', default: '' },
    moments: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
  },
});

interface Cell extends Shutdown {
  major: string;
}

const nobody = STATES[0];
const ends = new Map<string, Promise<End | undefined>>();

/** How Nest alone ends when nobody is there. */
function bareEnd(cell: Cell): Promise<End | undefined> {
  const key = [cell.major, cell.adapter, cell.moment.name].join();
  const known = ends.get(key) ?? shutDown({ ...cell, state: nobody, module: false }).then(({ end }) => end);
  ends.set(key, known);
  return known;
}

async function cells(): Promise<Cell[]> {
  const found: Cell[] = [];
  for (const major of values.nodes.split(',')) {
    const node = await nodeBinary(Number(major));
    for (const state of STATES.filter(({ name }) => isChosen(values.states, name))) {
      for (const moment of MOMENTS.filter(({ name }) => isChosen(values.moments, name))) {
        if (!meet(state, moment)) continue;
        for (const adapter of ADAPTERS) {
          if (!existsOn(state, adapter) || !values.adapters.includes(adapter)) continue;
          found.push({ major, node, state, moment, adapter, module: true });
        }
      }
    }
  }
  return found;
}

function print({ major, adapter, state, moment }: Cell, outcome: Outcome, faults: string[]): void {
  const { duration, bound, end } = outcome;
  const time = duration === undefined ? 'never' : `${Math.round(duration)}`;
  const columns = [
    major.padEnd(4),
    adapter.padEnd(8),
    state.name.padEnd(50),
    moment.name.padEnd(32),
    time.padStart(6),
    `${bound}`.padStart(6),
    (outcome.reported ? 'yes' : 'no').padEnd(7),
    describeEnd(end).padEnd(8),
    faults.join('; '),
  ];
  process.stdout.write(`${columns.join(' ').trimEnd()}\n`);
}

async function main(): Promise<void> {
  const waiting = await cells();
  const { length } = waiting;
  let failed = 0;
  const heads = ['Node'.padEnd(4), 'adapter'.padEnd(8), 'state'.padEnd(50), 'told to end by'.padEnd(32)];
  process.stdout.write(`${heads.join(' ')}     ms  bound report  end\n`);
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const bare = await bareEnd(cell);
      const outcome = await shutDown(cell);
      const faults = faultsOf(outcome, bare);
      if (faults.length > 0) failed++;
      print(cell, outcome, faults);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  process.stdout.write(`${length} shutdowns, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
