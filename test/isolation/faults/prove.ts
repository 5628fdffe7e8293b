import { table } from '../../../bench/src/command/table.js';
import type { CommandOptions } from '../command/options.js';
import { type JobReport, runJob } from '../command/job.js';
import { type Adapter, type Handler, HANDLERS } from '../plan/plan.js';
import type { RunOptions } from '../run/run.js';
import { KNOWN_FAULTS } from './known-faults.js';
import { LibraryCopies } from './library-copies.js';
import { PLANTED_FAULTS, type PlantedFault } from './planted-faults.js';

/** The last commit in which a scope was found by the asynchronous context alone. */
const BEFORE = 'ff46ca7';
/** What it keeps for ever leaves no session to find anything else with. */
const LEFT_OUT: readonly Handler[] = ['unclosed'];
const NOT_FOUND = 'NOT FOUND';

type Print = (text: string) => void;

/** Proves the test: it finds the faults that the library had (`--prove`), and those planted on purpose (`--plant`). */
export async function prove(options: CommandOptions, print: Print): Promise<boolean> {
  const copies = new LibraryCopies();
  try {
    const known = !options.prove || (await findKnown(options, copies, print));
    const planted = options.plant === undefined || (await findPlanted(options, copies, print));
    return known && planted;
  } finally {
    copies.remove();
  }
}

async function findKnown(options: CommandOptions, copies: LibraryCopies, print: Print): Promise<boolean> {
  const library = options.library ?? copies.build(BEFORE);
  const rows = [['fault', 'adapter', 'requests', 'seen as']];
  for (const adapter of options.adapters) {
    const faults = KNOWN_FAULTS.filter(({ adapters }) => adapters.includes(adapter));
    const run = runOf(options, adapter);
    const handlers = run.handlers ?? HANDLERS.filter((handler) => !LEFT_OUT.includes(handler));
    const until = faults.map(({ name }) => name);
    const report = await runJob({
      library,
      run: { ...run, handlers, keepGoing: true },
      shrink: false,
      until,
    });
    for (const fault of faults) {
      const found = report.violations.find((violation) => fault.matches(violation));
      rows.push([fault.description, adapter, `${found?.after ?? NOT_FOUND}`, found?.detail ?? '']);
    }
  }
  print(`The library at ${BEFORE}, seed ${options.seed}, at most ${options.requests} requests:\n`);
  print(table(rows));
  return rows.every((row) => !row.includes(NOT_FOUND));
}

async function findPlanted(options: CommandOptions, copies: LibraryCopies, print: Print): Promise<boolean> {
  const rows = [['planted', 'adapter', 'requests', 'seen as']];
  for (const fault of plantedBy(options.plant ?? 'all')) {
    const library = copies.plant(fault);
    const adapters = options.adapters.filter((adapter) => fault.adapters?.includes(adapter) ?? true);
    for (const adapter of adapters) {
      const run = runOf(options, adapter);
      const row = [
        fault.description,
        adapter,
        ...(await finding({ ...run, size: fault.size ?? run.size }, library)),
      ];
      rows.push(row);
      print(row.join('; '));
    }
  }
  print(`\nFaults planted on purpose, seed ${options.seed}, at most ${options.requests} requests:\n`);
  print(table(rows));
  return rows.every((row) => !row.includes(NOT_FOUND));
}

/** @returns after how many requests, and as what */
async function finding(run: RunOptions, library: string): Promise<[string, string]> {
  let report: JobReport;
  try {
    report = await runJob({ library, run, shrink: false });
  } catch (error) {
    return ['0', String(error)]; // it does not even start
  }
  const [first] = report.violations;
  return first === undefined ? [NOT_FOUND, ''] : [`${first.after}`, `${first.invariant}: ${first.detail}`];
}

/** @throws Error for a name that is not in the list */
function plantedBy(names: string): readonly PlantedFault[] {
  if (names === 'all') return PLANTED_FAULTS;
  return names.split(',').map((name) => {
    const found = PLANTED_FAULTS.find((fault) => fault.name === name);
    if (found === undefined) throw new Error(`--plant: there is no fault "${name}" in the list`);
    return found;
  });
}

function runOf(
  { seed, requests, clients, size, from, handlers }: CommandOptions,
  adapter: Adapter,
): RunOptions {
  return { adapter, seed, requests, clients, size, from, handlers, keepGoing: false };
}
