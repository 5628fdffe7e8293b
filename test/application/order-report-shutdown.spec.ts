import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppProcess } from './app-process.fixture.js';
import { Postgres } from './postgres.fixture.js';
import { insertRandomOrders } from './random-orders.fixture.js';
import { LARGE, ORDERS } from './report-application.fixture.js';
import { ReportReader } from './report-reader.fixture.js';

/** Milliseconds: until the application's drain deadline, and as much again for a machine that has other things to do. */
const BOUND = 20_000;

describe.each(['express', 'fastify'])('SIGTERM during a report, on %s', (adapter) => {
  let postgres: Postgres;
  let app: AppProcess;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  beforeEach(async () => {
    app = await AppProcess.start({ ADAPTER: adapter, DATABASE_URL: postgres.url, PROCESSORS: '1' });
    await postgres.query('TRUNCATE orders');
    await insertRandomOrders(postgres, ORDERS);
  });

  afterAll(async () => {
    await postgres.stop();
  });

  it('lets it be computed and read to the end', async () => {
    let last: string | undefined;
    for await (const { event } of new ReportReader(app.url, LARGE).events()) {
      if (last === undefined) app.kill('SIGTERM');
      last = event;
    }
    expect(last).toBe('done');
    expect(await app.exit).toBe(0);
    await app.stop();
  });

  it('ends in time when its reader takes nothing, and says so', async () => {
    const reader = new ReportReader(app.url, LARGE);
    expect(await reader.status()).toBe(201);
    const from = performance.now();
    app.kill('SIGTERM');
    expect(await app.exit).toBe(0);
    expect(performance.now() - from).toBeLessThan(BOUND);
    expect(app.stdout + app.stderr).toContain('Cut off 1 response(s)');
    await expect(reader.all()).rejects.toThrow();
    await app.stop();
  });
});
