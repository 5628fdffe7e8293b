import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sideBySide } from '../side-by-side.js';
import { ALL_CELLS, type Cell, type CellResult, nameOf } from './cell.js';
import { fileOf } from './files.js';

const run = promisify(execFile);

/** Milliseconds: several bounds one after the other, and the start. */
const WATCHDOG = 120_000;

/** `dead`: the process ended by itself, or had to be ended. */
export type Outcome = CellResult | 'dead';

export interface ProcessorFaultRow {
  readonly cell: Cell;
  /** By contender. */
  readonly outcomes: Partial<Record<string, Outcome>>;
}

export interface ProcessorFaultRun {
  readonly contenders: readonly string[];
  /** Part of the names of the cells that are run. */
  readonly only: string;
  /** That run at the same time, a count. */
  readonly processes: number;
  readonly onDone: (done: number, total: number) => void;
}

/** Runs cells over every contender, each in a process of its own. */
export async function runProcessorFaults({
  contenders,
  only,
  processes,
  onDone,
}: ProcessorFaultRun): Promise<ProcessorFaultRow[]> {
  const rows: ProcessorFaultRow[] = [];
  const jobs = ALL_CELLS.flatMap((cell, index) => {
    if (!nameOf(cell).includes(only)) return [];
    const outcomes: ProcessorFaultRow['outcomes'] = {};
    rows.push({ cell, outcomes });
    return contenders.map((name) => async () => {
      outcomes[name] = await runCell(name, index);
    });
  });
  await sideBySide(jobs, processes, onDone);
  return rows;
}

async function runCell(name: string, index: number): Promise<Outcome> {
  try {
    const command = [...process.execArgv, fileURLToPath(fileOf('cell-process')), name, `${index}`];
    const { stdout } = await run(process.execPath, command, { timeout: WATCHDOG, killSignal: 'SIGKILL' });
    return JSON.parse(stdout) as CellResult;
  } catch {
    return 'dead';
  }
}
