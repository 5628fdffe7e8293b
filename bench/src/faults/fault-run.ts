import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cell, type CellResult, CELLS, nameOf } from './cell.js';
import { FAULT_CONTENDERS } from './pools/index.js';
import { sideBySide } from './side-by-side.js';

const run = promisify(execFile);
const cellFile = fileURLToPath(new URL('./cell-process.js', import.meta.url));

/** Milliseconds; and seconds of CPU, so that who spins is stopped soon, and who waits for its turn on a busy machine is not. */
const WATCHDOG = 30_000;
const MOST_CPU = 4;

/** `dead`: the process had to be killed, or died. */
export type Outcome = CellResult | 'dead';

export interface FaultRow {
  cell: Cell;
  /** By contender; none for a pool without this phase. */
  outcomes: Partial<Record<string, Outcome>>;
}

export interface FaultRun {
  readonly seed: number;
  /** Part of the names of the cells that are run. */
  readonly only: string;
  /** That run at the same time, a count. */
  readonly processes: number;
  readonly onDone: (done: number, total: number) => void;
}

/** Runs cells over every pool, some at a time: the processes mostly wait. */
export async function runFaults({ seed, only, processes, onDone }: FaultRun): Promise<FaultRow[]> {
  const all = CELLS.map((cell, index) => ({ cell, index, outcomes: {} as FaultRow['outcomes'] }));
  const rows = all.filter(({ cell }) => nameOf(cell).includes(only));
  const jobs = rows.flatMap(({ cell, index, outcomes }) =>
    FAULT_CONTENDERS.filter(({ phases }) => phases.includes(cell.phase)).map(({ name }) => async () => {
      outcomes[name] = await runCell(name, index, seed);
    }),
  );
  await sideBySide(jobs, processes, onDone);
  return rows.map(({ cell, outcomes }) => ({ cell, outcomes }));
}

async function runCell(name: string, index: number, seed: number): Promise<Outcome> {
  try {
    const command = [process.execPath, cellFile, name, `${index}`, `${seed}`];
    const { stdout } = await run('sh', ['-c', `ulimit -t ${MOST_CPU}; exec "$@"`, 'sh', ...command], {
      timeout: WATCHDOG,
      killSignal: 'SIGKILL',
    });
    return JSON.parse(stdout) as CellResult;
  } catch {
    return 'dead';
  }
}
