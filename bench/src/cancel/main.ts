import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { describeEnvironment, environment } from '../command/environment.js';
import { median } from '../command/median.js';
import { readCount } from '../command/read-count.js';
import { table } from '../command/table.js';
import { judged, type Target, targetTable } from '../command/target.js';
import { createDatabaseServer } from '../postgres/reference-application.js';
import { ADAPTERS, start } from './application.js';
import { measureHangUps, underLoad } from './hang-ups.js';

// `npm run bench:cancel`: how long a statement of 30 seconds lives on in PostgreSQL when its client has hung up.
const { values } = parseArgs({
  options: { 'hang-ups': { type: 'string', default: '100' }, json: { type: 'boolean', default: false } },
});
const count = readCount('hang-ups', values['hang-ups']);
const BOUND = 100;

const where = environment(['pg', 'nestjs-resources']);
const targets: Target[] = [];
const rows = [['ms until it is gone', 'hang-ups', 'median', 'p99', 'longest', 'others, right', 'wrong']];
const server = await createDatabaseServer();
const url = await server.start();
const observer = new Client({ connectionString: url, application_name: 'observer' });
await observer.connect();
try {
  for (const adapter of ADAPTERS) {
    const { app, port } = await start(adapter, url);
    const alone = await measureHangUps(port, observer, count);
    const loaded = await underLoad(port, () => measureHangUps(port, observer, count));
    await app.close();
    tell(adapter, alone, ['-', '-']);
    tell(`${adapter}, 20 others at a time`, loaded.times, [`${loaded.right}`, `${loaded.wrong}`]);
    targets.push({
      what: `a statement of 30 s is gone, ${adapter}`,
      bound: BOUND,
      kind: 'at most',
      unit: 'ms',
      measured: Math.max(...alone),
    });
    if (loaded.wrong > 0) process.exitCode = 1;
  }
} finally {
  await observer.end();
  await server.stop();
}
if (values.json)
  process.stdout.write(`${JSON.stringify({ environment: where, rows, targets: judged(targets) })}\n`);
else process.stdout.write(`${describeEnvironment(where)}\n${table(rows)}\n${targetTable(targets)}`);

function tell(name: string, times: readonly number[], others: string[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
  const figures = [median(times), p99, sorted.at(-1) ?? NaN].map((time) => time.toFixed(1));
  rows.push([name, `${times.length}`, ...figures, ...others]);
}
