import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppProcess, isAlive } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient, type Answer } from './http-client.fixture.js';
import { OrderStream } from './order-stream.fixture.js';
import { Postgres } from './postgres.fixture.js';

const SESSIONS = 10;
const DRAIN_DEADLINE = 10_000;

describe.each(['express', 'fastify'])('SIGTERM under load, on %s', (adapter) => {
  let postgres: Postgres;
  let app: AppProcess;
  let slow: Answer[];
  let orders: OrderStream;
  let code: number | null;
  let duration: number;

  beforeAll(async () => {
    postgres = await Postgres.start();
    app = await AppProcess.start({
      ADAPTER: adapter,
      DATABASE_URL: postgres.url,
      POOL_MAX: `${SESSIONS}`,
      REPORT_INTERVAL: '50',
    });
    const http = new HttpClient(app.url);
    orders = new OrderStream(new HttpClient(app.url, 50), 50);
    const slowAnswers = Promise.all(Array.from({ length: 40 }, () => http.send({ path: '/slow?ms=200' })));
    await eventually(async () => {
      const { leased, pending } = (await app.resources()).pools.pg;
      expect(leased).toBe(SESSIONS);
      expect(pending).toBeGreaterThanOrEqual(30);
    });
    const from = performance.now();
    app.kill('SIGTERM');
    slow = await slowAnswers;
    code = await app.exit;
    duration = performance.now() - from;
    await orders.stop();
    http.close();
  });

  afterAll(async () => {
    await app.stop();
    await postgres.stop();
  });

  it('answers every request that held a session or waited for one', () => {
    expect(slow.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    expect(new Set(slow.map(({ text }) => text))).toEqual(new Set(['{"slept":200}']));
  });

  it('tells the sender of every order that it has stored', async () => {
    const stored = await postgres.query<{ customer: string }>('SELECT customer FROM orders');
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.map(({ customer }) => customer).toSorted()).toEqual(orders.accepted.toSorted());
  });

  it('refuses what arrives later with 503 and closes the connection, or does not take it at all', () => {
    expect(orders.refused.length + orders.unheard).toBeGreaterThan(0);
    for (const { status, headers } of orders.refused) {
      expect({ status, connection: headers.connection }).toEqual({ status: 503, connection: 'close' });
    }
  });

  it('exits with code 0 within the drain deadline', () => {
    expect(code).toBe(0);
    expect(duration).toBeLessThan(DRAIN_DEADLINE);
  });

  it('leaves no session behind', async () => {
    await eventually(async () => expect(await postgres.sessions()).toEqual([]));
  });
});

describe('an application with its own server', () => {
  it('still answers after a Ctrl-C that reached its whole process group', async () => {
    const app = await AppProcess.start();
    const server = await app.serverPid();
    const http = new HttpClient(app.url);
    const slow = http.json({ path: '/slow?ms=2000' });
    await eventually(async () => expect((await app.resources()).pools.pg.leased).toBe(1));
    app.killGroup('SIGINT');
    expect(await slow).toEqual({ status: 200, body: { slept: 2_000 } });
    expect(await app.exit).toBe(0);
    expect(isAlive(server)).toBe(false);
    expect(await app.leftovers()).toEqual([]);
    await app.stop();
  });

  it('takes the second of two quick signals for the echo that npm adds to a Ctrl-C', async () => {
    const app = await AppProcess.start();
    const slow = new HttpClient(app.url).json({ path: '/slow?ms=2000' });
    await eventually(async () => expect((await app.resources()).pools.pg.leased).toBe(1));
    app.kill('SIGINT');
    app.kill('SIGINT');
    expect(await slow).toMatchObject({ status: 200 });
    expect(await app.exit).toBe(0);
    await app.stop();
  });

  it('ends at once when it is told a second time', async () => {
    const app = await AppProcess.start();
    const server = await app.serverPid();
    const slow = new HttpClient(app.url).send({ path: '/slow?ms=60000' }).then(
      ({ status }) => status,
      () => 'no answer',
    );
    await eventually(async () => expect((await app.resources()).pools.pg.leased).toBe(1));
    const insisting = setInterval(() => app.kill('SIGTERM'), 300);
    const code = await app.exit;
    clearInterval(insisting);
    expect(code).toBe(1);
    expect(await slow).not.toBe(200);
    expect(isAlive(server)).toBe(false);
    expect(await app.leftovers()).toEqual([]);
    await app.stop();
  });

  it('takes its server with it when it is killed', async () => {
    const app = await AppProcess.start();
    const server = await app.serverPid();
    app.kill('SIGKILL');
    await app.exit;
    await eventually(async () => {
      expect(isAlive(server)).toBe(false);
      expect(await app.leftovers()).toEqual([]);
    });
    await app.stop();
  });
});
