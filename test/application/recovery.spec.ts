import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import { expectAllReturned } from './all-returned.fixture.js';
import { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { OrderStream } from './order-stream.fixture.js';
import { Postgres } from './postgres.fixture.js';
import { SessionCount } from './session-count.fixture.js';

const SESSIONS = 10;
const RECOVERY = 2_000;

describe.each(['express', 'fastify'])('all sessions killed under load, on %s', (adapter) => {
  let postgres: Postgres;
  let app: AppProcess;
  let orders: OrderStream;
  let killed: number;
  let killedAt: number;
  let acceptedAtKill: number;
  let peakSessions: number;

  beforeAll(async () => {
    postgres = await Postgres.start();
    app = await AppProcess.start({ ADAPTER: adapter, DATABASE_URL: postgres.url, POOL_MAX: `${SESSIONS}` });
    const count = new SessionCount(postgres);
    orders = new OrderStream(new HttpClient(app.url, 100), 100);
    await eventually(async () => expect(await postgres.sessions()).toHaveLength(SESSIONS));
    killed = await postgres.terminateSessions();
    killedAt = performance.now();
    acceptedAtKill = orders.accepted.length;
    await eventually(() => {
      expect(performance.now()).toBeGreaterThan(killedAt + RECOVERY + 1_000);
      expect(orders.accepted.length).toBeGreaterThan(acceptedAtKill + 300);
    });
    await orders.stop();
    peakSessions = await count.stop();
  });

  afterAll(async () => {
    await app.stop();
    await postgres.stop();
  });

  it('fails at most the one request that each session was serving', () => {
    expect(killed).toBe(SESSIONS);
    expect(orders.unheard).toBe(0);
    expect(orders.refused.length).toBeLessThanOrEqual(SESSIONS);
    expect(orders.refused.map(({ status }) => status).filter((status) => status !== 500)).toEqual([]);
  });

  it('refuses nothing any more two seconds later, and goes on serving', () => {
    expect(orders.accepted.length).toBeGreaterThan(acceptedAtKill + 300);
    expect(orders.failures.filter(({ answeredAt }) => answeredAt > killedAt + RECOVERY)).toEqual([]);
  });

  it('never has more sessions than the pool allows', () => {
    expect(peakSessions).toBe(SESSIONS);
  });

  it('has confirmed exactly the orders that were stored, but for those whose session died after storing', async () => {
    const stored = await postgres.query<{ customer: string }>('SELECT customer FROM orders');
    const customers = new Set(stored.map(({ customer }) => customer));
    expect(orders.accepted.filter((customer) => !customers.has(customer))).toEqual([]);
    expect(stored.length).toBeLessThanOrEqual(orders.accepted.length + orders.refused.length);
  });

  it('cuts off an export whose session dies, so that it does not look complete', async () => {
    const lines = Array.from({ length: 30_000 }, () => ({
      customer: 'c'.repeat(200),
      item: 'i'.repeat(200),
      quantity: 1,
      price: 1,
    }));
    const http = new HttpClient(app.url);
    expect(await http.json({ method: 'POST', path: '/orders/import', body: lines })).toMatchObject({
      status: 201,
    });
    const [response] = (await once(get(`${app.url}/orders/export`), 'response')) as [IncomingMessage];
    await once(response, 'readable');
    expect(await postgres.terminateSessions()).toBeGreaterThan(0);
    await expect(finished(response.resume())).rejects.toThrow();
    expect(response.complete).toBe(false);
    http.close();
  });

  it('has every session back', async () => {
    await expectAllReturned(app);
  });
});
