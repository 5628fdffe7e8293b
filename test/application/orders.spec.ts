import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, request, type IncomingMessage } from 'node:http';
import { expectAllReturned } from './all-returned.fixture.js';
import { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const order = { customer: 'Ada', item: 'tea', quantity: 2, price: 3.5 };

describe.each(['express', 'fastify'])('the orders application on %s', (adapter) => {
  let app: AppProcess;
  let http: HttpClient;

  beforeAll(async () => {
    app = await AppProcess.start({ ADAPTER: adapter, REPORT_INTERVAL: '1000' });
    http = new HttpClient(app.url);
  });

  afterAll(async () => {
    http.close();
    await app.stop();
  });

  async function countOrders(): Promise<number> {
    const { body } = await http.json({ path: '/orders/total' });
    return (body as { orders: number }).orders;
  }

  describe('orders', () => {
    it('takes an order and finds it again', async () => {
      const created = await http.json({ method: 'POST', path: '/orders', body: order });
      expect(created).toEqual({ status: 201, body: { id: expect.any(Number), ...order } });

      const found = await http.json({ path: `/orders/${(created.body as { id: number }).id}` });
      expect(found).toEqual({ status: 200, body: created.body });
    });

    it('answers 404 for an order that is not there', async () => {
      const answer = await http.json({ path: '/orders/2147483647' });
      expect(answer).toMatchObject({ status: 404, body: { message: 'there is no order 2147483647' } });
    });

    it.each(['0', '-1', 'x', '1.5', '2147483648'])('refuses %s as the number of an order', async (id) => {
      expect(await http.json({ path: `/orders/${id}` })).toMatchObject({ status: 400 });
    });

    it.each([
      ['customer', { ...order, customer: '' }],
      ['customer', { ...order, customer: 'zero\0byte' }],
      ['item', { ...order, item: 7 }],
      ['quantity', { ...order, quantity: 1.5 }],
      ['quantity', { customer: 'Ada', item: 'tea', price: 1 }],
      ['price', { ...order, price: 0.001 }],
      ['price', { ...order, price: '3.5' }],
    ])('refuses an order with a bad %s and names it', async (field, body) => {
      const answer = await http.json({ method: 'POST', path: '/orders', body });
      expect(answer).toMatchObject({ status: 400, body: { message: [expect.stringContaining(field)] } });
    });

    it.each(['{"customer":', '[]', '7'])('refuses %s instead of an order', async (body) => {
      expect(await http.json({ method: 'POST', path: '/orders', body })).toMatchObject({ status: 400 });
    });

    it('counts on one session, whether the handler or the service asks', async () => {
      const { status, body } = await http.json({ path: '/orders/total' });
      const { sameSession, backends } = body as { sameSession: boolean; backends: Record<string, number> };
      expect({ status, sameSession }).toEqual({ status: 200, sameSession: true });
      expect(backends.handler).toBe(backends.service);
    });
  });

  describe('import', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...order, customer: `customer ${index}` }));

    it('takes in a JSON array', async () => {
      const before = await countOrders();
      const answer = await http.json({ method: 'POST', path: '/orders/import', body: many });
      expect(answer).toEqual({ status: 201, body: { imported: 5_000 } });
      expect(await countOrders()).toBe(before + 5_000);
    });

    it('takes in NDJSON', async () => {
      const before = await countOrders();
      const body = many.map((row) => JSON.stringify(row)).join('\n');
      const answer = await http.json({ method: 'POST', path: '/orders/import', body, headers: NDJSON });
      expect(answer).toEqual({ status: 201, body: { imported: 5_000 } });
      expect(await countOrders()).toBe(before + 5_000);
    });

    it.each([
      ['a JSON array', JSON.stringify(many.with(3_456, { ...order, quantity: 0, customer: '' })), {}],
      [
        'NDJSON',
        `${many
          .slice(0, 3_456)
          .map((row) => JSON.stringify(row))
          .join('\n')}\n{"custom`,
        NDJSON,
      ],
    ])('takes in nothing of %s with one bad row, and names the row', async (_, body, headers) => {
      const before = await countOrders();
      const answer = await http.json({
        method: 'POST',
        path: '/orders/import',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { row: 3_457, message: expect.stringContaining('row 3457: ') },
      });
      expect(await countOrders()).toBe(before);
    });

    it('refuses what is neither', async () => {
      const answer = await http.json({ method: 'POST', path: '/orders/import', body: {} });
      expect(answer).toMatchObject({ status: 415 });
    });

    it('takes in nothing when the sender hangs up halfway', async () => {
      const before = await countOrders();
      const sender = request(`${app.url}/orders/import`, { method: 'POST', headers: NDJSON });
      sender.on('error', () => undefined);
      sender.write(many.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await eventually(async () => {
        const owners = (await app.resources()).leases.map(({ owner }) => owner);
        expect(owners).toContainEqual(expect.stringContaining('OrdersController.import'));
      });
      sender.destroy();
      await expectAllReturned(app);
      expect(await countOrders()).toBe(before);
    });
  });

  describe('export', () => {
    // More than the buffers between here and there can take.
    const long = Array.from({ length: 60_000 }, () => ({
      ...order,
      customer: 'c'.repeat(100),
      item: 'i'.repeat(100),
    }));

    beforeAll(async () => {
      for (const half of [long.slice(0, 30_000), long.slice(30_000)]) {
        expect(await http.json({ method: 'POST', path: '/orders/import', body: half })).toMatchObject({
          status: 201,
        });
      }
    });

    async function withExport(work: (response: IncomingMessage) => Promise<void>): Promise<void> {
      const [response] = (await once(get(`${app.url}/orders/export`), 'response')) as [IncomingMessage];
      try {
        await once(response, 'readable');
        const { leases } = await app.resources();
        expect(leases).toContainEqual(
          expect.objectContaining({ type: 'pg', owner: expect.stringContaining('OrdersController.export') }),
        );
        await work(response);
      } finally {
        response.destroy();
      }
      await expectAllReturned(app);
    }

    it('sends every order as a line of JSON', async () => {
      const { headers, text } = await http.send({ path: '/orders/export' });
      const lines = text.trimEnd().split('\n');
      expect(headers['content-type']).toMatch('application/x-ndjson');
      expect(lines).toHaveLength(await countOrders());
      expect(JSON.parse(lines[0])).toEqual({ id: 1, ...order });
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject(long[0]);
    });

    it('keeps its session on loan until the client has taken the rest', () =>
      withExport(async (response) => {
        response.resume();
        await once(response, 'end');
      }));

    it('gives its session back when the client hangs up', () =>
      withExport(async (response) => {
        response.destroy();
        await once(response, 'close');
      }));
  });

  describe('drills', () => {
    it('sleeps on a session as long as it is told', async () => {
      expect(await http.json({ path: '/slow?ms=5' })).toEqual({ status: 200, body: { slept: 5 } });
    });

    it.each(['', '?ms=', '?ms=-1', '?ms=60001', '?ms=soon', '?ms=1&ms=2'])(
      'refuses to sleep for "%s"',
      async (query) => {
        expect(await http.json({ path: `/slow${query}` })).toMatchObject({ status: 400 });
      },
    );

    it('answers 500 when a handler fails, and lends its session on without the open transaction', async () => {
      expect(await http.json({ path: '/fail' })).toMatchObject({ status: 500 });
      const created = await http.json({ method: 'POST', path: '/orders', body: order });
      const { id } = created.body as { id: number };
      expect(await http.json({ path: `/orders/${id}` })).toEqual({ status: 200, body: created.body });
      await expectAllReturned(app);
    });
  });

  describe('for operators', () => {
    it('is alive and ready', async () => {
      expect(await http.json({ path: '/health/live' })).toMatchObject({
        status: 200,
        body: { status: 'ok' },
      });
      expect(await http.json({ path: '/health/ready' })).toMatchObject({
        status: 200,
        body: { status: 'ok', details: { pg: { status: 'up' } } },
      });
    });

    it('shows who holds a session, and no secrets', async () => {
      const slow = http.send({ path: '/slow?ms=2000' });
      const text = await eventually(async () => {
        const answer = await http.send({ path: '/resources' });
        const { pools, leases } = JSON.parse(answer.text) as Awaited<ReturnType<AppProcess['resources']>>;
        expect(pools.pg.leased).toBe(leases.length);
        expect(leases).toContainEqual({
          id: expect.any(String),
          type: 'pg',
          owner: expect.stringContaining('DrillsController.slow'),
          acquiredAt: expect.any(String),
          age: expect.any(Number),
        });
        return answer.text;
      });
      expect(text).not.toContain(new URL(app.databaseUrl).password);
      expect(await slow).toMatchObject({ status: 200 });
    });

    it('reports the totals on a session that it borrows for the while', async () => {
      const written = app.stdout.length;
      await eventually(() => expect(app.stdout.slice(written)).toMatch(/\d+ orders, \d+\.\d\d in total/));
      await expectAllReturned(app);
    });
  });
});
