import { setTimeout as delay } from 'node:timers/promises';
import { createSessionFactory } from '../postgres/reference-application.js';
import { MODULES, type SessionSource, type SourceName, SOURCES } from './session-source.js';
import { CALLERS, type WorkerMessage } from './worker-report.js';

/*
 * The application under measurement, in a process of its own so that its memory can be told from that of the others:
 * `worker.js <source> <url> <milliseconds from burst to burst>`. First callers come one at a time, then in bursts.
 */
const ONE_AT_A_TIME = 100;
const BURSTS = 15;

const [, , name = '', url = '', interval = ''] = process.argv;
if (!(name in SOURCES)) throw new Error(`unknown source: ${name}`);
const source = SOURCES[name as SourceName]({ url, factory: await createSessionFactory(url) });

await burst(source);
const quiet: number[] = [];
for (let i = 0; i < ONE_AT_A_TIME; i++) quiet.push(await request(source, i, 'SELECT 1'));

process.send?.('bursts' satisfies WorkerMessage);
const acquisitions: number[] = [];
const start = performance.now();
for (let i = 1; i <= BURSTS; i++) {
  acquisitions.push(...(await burst(source)));
  await delay(Math.max(0, start + i * Number(interval) - performance.now()));
}
const throughput = ((BURSTS * CALLERS) / (performance.now() - start)) * 1_000;
process.send?.({ quiet, burst: acquisitions, throughput } satisfies WorkerMessage);
await source.close();
process.disconnect();

function burst(sessions: SessionSource): Promise<number[]> {
  return Promise.all(
    Array.from({ length: CALLERS }, (_, caller) => request(sessions, caller, 'SELECT pg_sleep(0.02)')),
  );
}

/** @returns milliseconds until it had its session */
async function request(sessions: SessionSource, caller: number, query: string): Promise<number> {
  const asked = performance.now();
  const session = await sessions.acquire(caller % MODULES);
  const waited = performance.now() - asked;
  try {
    await session.client.query(query);
  } finally {
    await session.release();
  }
  return waited;
}
