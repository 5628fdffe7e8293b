import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { LARGE, ORDERS, ReportApplication, SMALL } from './report-application.fixture.js';
import { documentOf, ReportReader } from './report-reader.fixture.js';

/** Of who may wait for a processor. */
const MOST_WAITING = 20;

describe.each(['express', 'fastify'])('a report on %s', (adapter) => {
  let application: ReportApplication;
  let app: AppProcess;
  let http: HttpClient;

  beforeAll(async () => {
    application = await ReportApplication.start({ ADAPTER: adapter, REPORT_INTERVAL: '60000' });
    app = application.app;
    http = new HttpClient(app.url);
  });

  afterEach(async () => {
    await expectIdle();
    expect(await ask(SMALL).isWhole()).toBe(true);
  });

  afterAll(async () => {
    http.close();
    await application.stop();
  });

  const ask = (body: object, tenant?: string): ReportReader =>
    new ReportReader(app.url, body, tenant === undefined ? {} : { 'x-tenant': tenant });

  /** No job runs, and nobody has a processor or a session, or waits for one. */
  async function expectIdle(): Promise<void> {
    await eventually(async () => {
      const { pools, leases, scopes, processors } = await app.resources();
      expect({ leases, scopes, running: processors.report.running }).toEqual({
        leases: [],
        scopes: 0,
        running: 0,
      });
      expect([pools.pg.pending, pools.report.pending]).toEqual([0, 0]);
    });
  }

  const expectWaiting = (count: number): Promise<void> =>
    eventually(async () => expect((await app.resources()).pools.report.pending).toBe(count));

  /** A reader who has the only processor, and takes nothing of the report. */
  async function stalled(): Promise<ReportReader> {
    const reader = ask(LARGE);
    expect(await reader.status()).toBe(201);
    return reader;
  }

  it('is a PDF in parts, between which its reader is told how far it is', async () => {
    const reader = ask(LARGE);
    const events = await reader.all();
    const { headers } = await reader.answer;
    expect(headers['content-type']).toMatch('application/x-ndjson');
    expect(events[0]).toEqual({ event: 'progress', orders: 0, of: ORDERS });
    const pdf = documentOf(events);
    const done = { event: 'done', orders: ORDERS, pages: expect.any(Number), bytes: pdf.length };
    expect(events.at(-1)).toEqual(done);
    expect(pdf.toString('latin1', 0, 8)).toBe('%PDF-1.4');
    const progress = events.flatMap((event) => (event.event === 'progress' ? [event.orders] : []));
    expect(progress.length).toBeGreaterThan(50);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    expect(events.findIndex(({ event }) => event === 'part')).toBeLessThan(events.length / 2);
  });

  it('is about as many orders as were asked for, or as there are', async () => {
    const events = await ask(SMALL).all();
    expect(events.at(-1)).toMatchObject({ event: 'done', orders: 10, pages: expect.any(Number) });
  });

  it.each([
    ['title', { last: 10 }],
    ['title', { title: 7 }],
    ['title', { title: ' ' }],
    ['last', { title: 'All', last: 0 }],
    ['last', { title: 'All', last: ORDERS + 1 }],
    ['last', { title: 'All', last: '10' }],
  ])('is refused with a bad %s: %j', async (field, body) => {
    const answer = await http.json({ method: 'POST', path: '/orders/report', body });
    expect(answer).toMatchObject({ status: 400, body: { message: [expect.stringContaining(field)] } });
  });

  it.each(['[]', '7', '{"title":'])('is refused to %s', async (body) => {
    expect(await http.json({ method: 'POST', path: '/orders/report', body })).toMatchObject({ status: 400 });
  });

  it('is the same as where it is rendered on the event loop', async () => {
    const answer = await fetch(`${app.url}/blocking-report`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SMALL),
    });
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(documentOf(await ask(SMALL).all()));
  });

  it('keeps no other request waiting, and no session', async () => {
    let answered = 0;
    for await (const { event } of ask(LARGE).events()) {
      if (event === 'done') break;
      if (answered > 0) continue;
      const { leases, pools } = await app.resources();
      expect(leases).toEqual([
        expect.objectContaining({
          type: 'report',
          owner: expect.stringContaining('OrderReportController.create'),
        }),
      ]);
      expect(pools.pg.leased).toBe(0);
      expect(await http.json({ path: '/orders/1' })).toMatchObject({ status: 200 });
      answered += 1;
    }
    expect(answered).toBe(1);
  });

  describe('whose reader hangs up', () => {
    const leases = async (): Promise<string[]> => (await app.resources()).leases.map(({ type }) => type);

    it('as soon as it was sent, is given up', () => {
      ask(LARGE).hangUp();
    });

    it('before the first byte, is given up with its session', async () => {
      const reader = ask(LARGE);
      await eventually(async () => expect((await leases()).toSorted()).toEqual(['pg', 'report']));
      reader.hangUp();
    });

    it('in the middle, is not computed any further', async () => {
      const { aborted } = (await app.resources()).processors.report;
      for await (const event of ask(LARGE).events())
        if (event.event === 'progress' && event.orders > 0) break;
      await expectIdle();
      const { processors, pools } = await app.resources();
      expect(processors.report.aborted).toBe(aborted + 1);
      expect(pools.report.leased).toBe(0);
    });

    it('at the last item, is over', async () => {
      let last: string | undefined;
      for await (const { event } of ask(SMALL).events()) {
        last = event;
        if (event === 'done') break;
      }
      expect(last).toBe('done');
    });

    it('while it waits for a processor, is never begun', async () => {
      const first = await stalled();
      const waiting = ask(LARGE);
      await expectWaiting(1);
      waiting.hangUp();
      await expectWaiting(0);
      expect(await first.isWhole()).toBe(true);
    });
  });

  it('is computed no faster than its reader takes it', async () => {
    const from = performance.now();
    await ask(LARGE).all();
    const unhindered = performance.now() - from;
    const reader = await stalled();
    const until = performance.now() + 2 * unhindered;
    while (performance.now() < until) expect((await app.resources()).processors.report.running).toBe(1);
    expect(await reader.isWhole()).toBe(true);
  });

  it('is refused with 503 when too many wait, and costs nothing then', async () => {
    const first = await stalled();
    const others = Array.from({ length: MOST_WAITING }, () => ask(SMALL));
    await expectWaiting(MOST_WAITING);
    const { acquired } = (await app.resources()).pools.pg;
    const { status, headers } = await http.send({ method: 'POST', path: '/orders/report', body: SMALL });
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.resources()).pools.pg.acquired).toBe(acquired);
    first.hangUp();
    expect(await Promise.all(others.map((other) => other.isWhole()))).not.toContain(false);
  });

  it('of one tenant does not wait for all of another that came before', async () => {
    const first = await stalled();
    const order: string[] = [];
    const asked: Promise<unknown>[] = [];
    for (const tenant of ['much', 'much', 'much', 'much', 'much', 'little']) {
      asked.push(
        ask(SMALL, tenant)
          .all()
          .then(() => order.push(tenant)),
      );
      await expectWaiting(asked.length);
    }
    first.hangUp();
    await Promise.all(asked);
    expect(order.indexOf('little')).toBeLessThanOrEqual(1);
  });
});
