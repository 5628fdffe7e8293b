import { parseArgs } from 'node:util';
import { nodeBinary, ownMajor } from '../../../bench/src/command/node-binary.js';
import { type EarlyEnd, ENDS, type Fate } from './ends.fixture.js';
import { MeasuredProcess } from './measured-process.fixture.js';
import { type Adapter, ADAPTERS, type Variant } from './plan.fixture.js';
import { excess, type Slope, slopeOf } from './slope.fixture.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: `${ownMajor()}` },
    adapters: { type: 'string', default: ADAPTERS.join() },
    ends: { type: 'string', default: '' },
    fates: { type: 'string', default: 'kept,reset' },
    variants: { type: 'string', default: 'library,lending' },
    requests: { type: 'string', default: '50000' },
  },
});

/** Measures between a fifth of the requests and all of them. */
const POINTS = 9;
/** How often a heap is measured that seems to grow: at 99 % one of a hundred steady ones seems to. */
const ATTEMPTS = 2;

interface Growth extends Slope {
  /** Most requests and responses that were reachable at a measure. */
  reachable: number;
}

interface Cell {
  node: string;
  adapter: Adapter;
  end: EarlyEnd;
  fate: Fate;
}

async function growth({ node, adapter, end, fate }: Cell, variant: Variant): Promise<Growth> {
  const app = await MeasuredProcess.start({ adapter, variant, middleware: end.middleware === true }, node);
  try {
    const all = Number(values.requests);
    const step = Math.round((all - all / 5) / (POINTS - 1));
    const points: { requests: number; bytes: number }[] = [];
    let reachable = 0;
    for (let requests = Math.round(all / 5); points.length < POINTS; requests += step) {
      await app.run(end, fate, requests - (points.at(-1)?.requests ?? 0));
      const measure = await app.measure();
      reachable = Math.max(reachable, measure.reachable);
      points.push({ requests, bytes: measure.bytes });
    }
    return { ...slopeOf(points), reachable };
  } finally {
    await app.stop();
  }
}

/** @returns the line of the table, and whether nothing grows and nothing stays */
async function judge(cell: Cell, variant: Variant): Promise<{ line: string; steady: boolean }> {
  let line = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const nest = await growth(cell, 'nest');
    const library = await growth(cell, variant);
    const { slope, interval } = excess(library, nest, POINTS);
    const numbers = [nest.slope, library.slope, slope, interval].map((value) => value.toFixed(1).padStart(9));
    line = `${numbers.join(' ')} ${`${library.reachable}`.padStart(9)}`;
    if (slope <= interval && library.reachable === 0) return { line, steady: true };
  }
  return { line: `${line}  grows`, steady: false };
}

function cellsOn(node: string): Cell[] {
  const names = values.ends.split(';');
  return ENDS.filter(({ name }) => values.ends === '' || names.includes(name)).flatMap((end) =>
    end.fates
      .filter((fate) => values.fates.includes(fate))
      .flatMap((fate) =>
        ADAPTERS.filter((adapter) => values.adapters.includes(adapter))
          .filter((adapter) => end.adapters?.includes(adapter) ?? true)
          .map((adapter) => ({ node, adapter, end, fate })),
      ),
  );
}

async function main(): Promise<void> {
  let failed = 0;
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(`Live bytes per request over ${values.requests} requests, from a fifth of them on`);
  print(
    `${'Node adapter variant  connections end'.padEnd(74)}  Nest's    ours    excess  99 % +/- reachable`,
  );
  for (const major of values.nodes.split(',')) {
    for (const cell of cellsOn(await nodeBinary(Number(major)))) {
      for (const variant of values.variants.split(',') as Variant[]) {
        const { line, steady } = await judge(cell, variant);
        if (!steady) failed++;
        const names = [
          major.padEnd(4),
          cell.adapter.padEnd(7),
          variant.padEnd(8),
          cell.fate.padEnd(11),
          cell.end.name,
        ];
        print(`${names.join(' ').padEnd(68)} ${line}`);
      }
    }
  }
  print(failed === 0 ? 'Nothing grows, nothing stays' : `${failed} grow or stay`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
