import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { CONTENDERS } from '../contenders/index.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});

interface Result {
  contender: string;
  median: number;
  spread: number;
}

const sampleFile = fileURLToPath(new URL('./sample.js', import.meta.url));

/** Each sample is a process of its own, so that no contender inherits another's optimised code or garbage. */
async function sample(scenario: string, contender: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--expose-gc', sampleFile, scenario, contender]);
  return Number(stdout);
}

async function measure(scenario: Scenario): Promise<Result[]> {
  const entries = CONTENDERS.filter((entry) => scenario.fits?.(entry) ?? true);
  const figures = new Map(entries.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < Number(values.rounds); round++) {
    // In another order each round: what drifts on the machine meets all of them.
    const order = entries.map((entry) => ({ entry, at: Math.random() })).toSorted((a, b) => a.at - b.at);
    for (const { entry } of order) figures.get(entry.name)?.push(await sample(scenario.name, entry.name));
  }
  return [...figures].map(([contender, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    const middle = sorted[sorted.length >> 1] ?? NaN;
    return { contender, median: middle, spread: ((sorted.at(-1) ?? NaN) - (sorted[0] ?? NaN)) / middle };
  });
}

/** How ours compares, as a factor: above 1 is better. */
function compare({ lowerIsBetter }: Scenario, ours: Result, other: Result): number {
  return lowerIsBetter === true ? other.median / ours.median : ours.median / other.median;
}

function print(scenario: Scenario, results: Result[]): void {
  const [ours] = results;
  if (ours === undefined) return;
  const isLimit = ({ contender }: Result): boolean => contender.startsWith('limit');
  const peers = results.slice(1).filter((result) => !isLimit(result));
  const best = peers.toSorted((a, b) => compare(scenario, ours, a) - compare(scenario, ours, b))[0];
  process.stdout.write(`\n${scenario.name}\n`);
  for (const result of results) {
    const figure = Math.round(result.median).toLocaleString('en').padStart(14);
    const factor = result === ours ? '' : `  ours is ${compare(scenario, ours, result).toFixed(2)} x`;
    const mark = result === best ? '  <- best peer' : '';
    process.stdout.write(
      `  ${result.contender.padEnd(20)}${figure} ${scenario.unit}  ±${Math.round(result.spread * 50)} %${factor}${mark}\n`,
    );
  }
}

const report: { scenario: string; unit: string; results: Result[] }[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
  const results = await measure(scenario);
  report.push({ scenario: scenario.name, unit: scenario.unit, results });
  if (!values.json) print(scenario, results);
}
if (values.json) {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    platform: process.platform,
  };
  process.stdout.write(`${JSON.stringify({ machine, rounds: Number(values.rounds), report }, null, 2)}\n`);
}
