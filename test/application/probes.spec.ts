import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { Postgres } from './postgres.fixture.js';

const PROBES = ['live', 'startup', 'ready'] as const;
const CALLERS = 1_000;
const SESSIONS = 2;
/** Milliseconds within which `ready` has to follow the database, which is polled as an orchestrator would. */
const FOLLOWED_WITHIN = 2_000;
const POLLED_EVERY = 50;

let postgres: Postgres;
let app: AppProcess;

const probe = async (name: (typeof PROBES)[number]): Promise<{ http: number; text: string }> => {
  const response = await fetch(`${app.url}/health/${name}`);
  return { http: response.status, text: await response.text() };
};

/** Milliseconds until `ready` answers so. It gives up long after the bound, so that a late answer is told as one. */
const readyIs = async (http: number): Promise<number> => {
  const begun = performance.now();
  while ((await probe('ready')).http !== http) {
    if (performance.now() - begun > 10 * FOLLOWED_WITHIN) throw new Error(`ready never was ${http}`);
    await delay(POLLED_EVERY);
  }
  return performance.now() - begun;
};

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(async () => {
  await postgres.stop();
});

beforeEach(async () => {
  app = await AppProcess.start({
    DATABASE_URL: postgres.url,
    POOL_MAX: `${SESSIONS}`,
    REPORT_INTERVAL: '86400000',
  });
});

afterEach(async () => {
  await app.stop();
});

describe('while all sessions are on loan and a thousand callers wait', () => {
  it('live, startup and ready answer, none says down, and nothing is borrowed or created for it', async () => {
    const clients = new HttpClient(app.url, SESSIONS + CALLERS);
    const all: Promise<unknown>[] = [];
    const ask = (path: string): void => void all.push(clients.send({ path }));
    for (let i = 0; i < SESSIONS; i++) ask('/slow?ms=60000');
    await eventually(async () => expect((await app.resources()).pools.pg.leased).toBe(SESSIONS));
    for (let i = 0; i < CALLERS; i++) ask('/orders/total');
    await eventually(async () => expect((await app.resources()).pools.pg.pending).toBe(CALLERS));

    const before = (await app.resources()).pools.pg;
    const answers = [];
    for (const name of PROBES) answers.push(await probe(name));
    const { pg } = (await app.resources()).pools;
    // On a busy machine the first of the callers may have given up by now.
    expect(pg).toMatchObject({
      ...before,
      leased: SESSIONS,
      pending: expect.any(Number),
      timeouts: expect.any(Number),
    });
    expect(answers.map(({ http }) => http)).toEqual([200, 200, 200]);
    expect(answers.map(({ text }) => text).join()).not.toContain('"down"');
    expect(answers[2].text).toContain('callers are waiting');

    app.kill('SIGKILL'); // rather than wait for them
    await Promise.allSettled(all);
    clients.close();
  });
});

describe('while the database is killed, with no traffic at all', () => {
  it('ready is down within two seconds, and up within two seconds of its return; the process stays alive', async () => {
    const client = new HttpClient(app.url);
    expect(await client.json({ path: '/orders/total' })).toMatchObject({ status: 200 });
    client.close();
    expect(await readyIs(200)).toBeLessThan(FOLLOWED_WITHIN);

    await postgres.crash();
    const down = await readyIs(503);
    expect((await probe('ready')).text).toContain('cannot create');
    expect([(await probe('live')).http, (await probe('startup')).http]).toEqual([200, 200]);
    await delay(3 * FOLLOWED_WITHIN); // for as long as an outage may take its breaker to the longest pause
    expect((await probe('ready')).http).toBe(503);

    await postgres.recover();
    const up = await readyIs(200);
    expect([down, up].map((took) => took < FOLLOWED_WITHIN)).toEqual([true, true]);
  });
});
