import { parseArgs } from 'node:util';
import { readCount } from '../command/read-count.js';
import { table } from '../command/table.js';
import { ARRAY_STACK, OURS } from '../contenders/index.js';
import { Measurement } from '../pool/measurement.js';
import { SCENARIOS } from '../pool/scenarios.js';

/**
 * `npm run bench:gate`: fails when the pool has become much slower. It compares with the array stack of the same run,
 * because absolute figures say more about the machine, and asks for about half of what the pool can do, because a
 * gate that fails on a busy machine is soon ignored.
 */
const LEAST_SHARE_OF_THE_LIMIT: Readonly<Record<string, number>> = {
  uncontended: 0.2,
  'uncontended-deadline': 0.15,
  'try-acquire': 0.01,
  tasks: 0.12,
  'tasks-deadline': 0.1,
  'waiters-100000': 0.15,
  'loans-5000': 0.1,
  heap: 0.5,
};

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = readCount('rounds', values.rounds);

const rows: string[][] = [];
let regressions = 0;
for (const [id, least] of Object.entries(LEAST_SHARE_OF_THE_LIMIT)) {
  const scenario = SCENARIOS.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  const measurement = await Measurement.take(scenario, [OURS, ARRAY_STACK], rounds);
  const share = measurement.ratio(OURS, ARRAY_STACK) ?? NaN;
  const passed = share >= least;
  if (!passed) regressions++;
  rows.push([scenario.name, share.toFixed(3), least.toFixed(3), passed ? 'ok' : 'REGRESSION']);
}
process.stdout.write(table([['scenario', 'share of the array stack', 'at least', ''], ...rows]));
process.exitCode = regressions > 0 ? 1 : 0;
