import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { eventually } from '../eventually.fixture.js';
import { expectAllReturned } from './all-returned.fixture.js';
import { AppProcess } from './app-process.fixture.js';
import { HttpClient } from './http-client.fixture.js';

interface Days {
  zone: string;
  backend: number;
  days: { day: string; orders: number; total: number }[];
}

describe.each(['express', 'fastify'])('the reports on %s', (adapter) => {
  let app: AppProcess;
  let http: HttpClient;

  const send = async (customer: string): Promise<void> => {
    const body = { customer, item: 'tea', quantity: 2, price: 3.5 };
    expect(await http.json({ method: 'POST', path: '/orders', body })).toMatchObject({ status: 201 });
  };

  const days = async (zone: string): Promise<Days> => {
    const { status, body } = await http.json({ path: `/reports/days?zone=${zone}` });
    expect(status).toBe(200);
    return body as Days;
  };

  const statement = async (customer: string): Promise<string> => {
    const { status, headers, text } = await http.send({ path: `/reports/statements/${customer}` });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch('application/x-ndjson');
    return text;
  };

  const statements = async (): Promise<string[]> =>
    (await app.leftovers()).filter((name) => name.startsWith('orders-statement-'));

  beforeAll(async () => {
    app = await AppProcess.start({ ADAPTER: adapter });
    http = new HttpClient(app.url);
    for (const customer of ['Ada', 'Ada', 'Grace']) await send(customer);
  });

  afterAll(async () => {
    http.close();
    await app.stop();
  });

  describe('by days, on the sessions of a time zone', () => {
    it('begin a day where the reader is', async () => {
      // A day and an hour apart.
      const [east, west] = [await days('Pacific/Kiritimati'), await days('Pacific/Midway')];
      expect([east.zone, west.zone]).toEqual(['Pacific/Kiritimati', 'Pacific/Midway']);
      expect(east.days.map(({ day }) => day)).not.toEqual(west.days.map(({ day }) => day));
      for (const { days: each } of [east, west]) {
        expect(each.reduce((sum, { orders }) => sum + orders, 0)).toBe(3);
        expect(each.reduce((sum, { total }) => sum + total, 0)).toBe(21);
      }
    });

    it('use the session of their zone again, and no other', async () => {
      const [vienna, tokyo, again] = [
        await days('Europe/Vienna'),
        await days('Asia/Tokyo'),
        await days('Europe/Vienna'),
      ];
      expect(again.backend).toBe(vienna.backend);
      expect(tokyo.backend).not.toBe(vienna.backend);
      expect(again.zone).toBe('Europe/Vienna');
    });

    it.each(['?zone=', '?zone=Mars/Olympus', '?zone=UTC&zone=UTC'])('refuse "%s"', async (query) => {
      expect(await http.json({ path: `/reports/days${query}` })).toMatchObject({ status: 400 });
    });
  });

  describe('of a customer, a file that all readers share', () => {
    it('are written once for all who ask at the same time', async () => {
      const [text, ...others] = await Promise.all(Array.from({ length: 20 }, () => statement('Ada')));
      const [head, ...orders] = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(head).toMatchObject({ customer: 'Ada', orders: 2 });
      expect(orders).toMatchObject([
        { customer: 'Ada', item: 'tea' },
        { customer: 'Ada', item: 'tea' },
      ]);
      expect(new Set(others)).toEqual(new Set([text]));
      expect(await statements()).toHaveLength(1);
    });

    it('are each of one customer', async () => {
      expect(await statement('Grace')).toMatch(/^\{"customer":"Grace","orders":1,/);
      expect(await statement('nobody')).toMatch(/^\{"customer":"nobody","orders":0,/);
    });

    it.each(['%00', '%20'])('are refused to "%s"', async (customer) => {
      expect(await http.json({ path: `/reports/statements/${customer}` })).toMatchObject({ status: 400 });
    });

    it('are held by who reads them, and by nobody who has hung up', async () => {
      const body = Array.from({ length: 30_000 }, () => ({
        customer: 'Lovelace',
        item: 'i'.repeat(200),
        quantity: 1,
        price: 1,
      }));
      expect(await http.json({ method: 'POST', path: '/orders/import', body })).toMatchObject({
        status: 201,
      });
      const [response] = (await once(get(`${app.url}/reports/statements/Lovelace`), 'response')) as [
        IncomingMessage,
      ];
      await once(response, 'readable');
      const { leases } = await app.resources();
      expect(leases).toContainEqual(
        expect.objectContaining({
          type: 'statement',
          owner: expect.stringContaining('ReportsController.statement'),
        }),
      );
      response.destroy();
      await expectAllReturned(app);
    });
  });

  it('leave no file behind when the application ends', async () => {
    await statement('Ada');
    expect(await statements()).not.toEqual([]);
    app.kill('SIGTERM');
    expect(await app.exit).toBe(0);
    await eventually(async () => expect(await app.leftovers()).toEqual([]));
  });
});
