import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cell, type CellResult, CELLS } from './cell.js';
import { FAULT_CONTENDERS } from './pools/index.js';

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

/** Runs every cell over every pool, some at a time: the processes mostly wait. */
export async function runFaults(
  seed: number,
  processes: number,
  onDone: (done: number, total: number) => void,
): Promise<FaultRow[]> {
  const rows = CELLS.map((cell): FaultRow => ({ cell, outcomes: {} }));
  const jobs = rows.flatMap(({ cell, outcomes }, index) =>
    FAULT_CONTENDERS.filter(({ phases }) => phases.includes(cell.phase)).map(({ name }) => async () => {
      outcomes[name] = await runCell(name, index, seed);
    }),
  );
  const total = jobs.length;
  const worker = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      await job();
      onDone(total - jobs.length, total);
    }
  };
  await Promise.all(Array.from({ length: processes }, worker));
  return rows;
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
