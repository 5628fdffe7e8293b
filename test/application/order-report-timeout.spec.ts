import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { Postgres } from './postgres.fixture.js';
import { insertRandomOrders } from './random-orders.fixture.js';
import { ReportReader } from './report-reader.fixture.js';

const ORDERS = 100_000;

describe.each(['express', 'fastify'])('REPORT_TIMEOUT on %s', (adapter) => {
  let postgres: Postgres;
  let app: AppProcess;

  beforeAll(async () => {
    postgres = await Postgres.start();
    app = await AppProcess.start({
      ADAPTER: adapter,
      DATABASE_URL: postgres.url,
      PROCESSORS: '1',
      REPORT_TIMEOUT: '5000',
    });
    await insertRandomOrders(postgres, ORDERS);
  });

  afterAll(async () => {
    await app.stop();
    await postgres.stop();
  });

  it('takes the processor from a reader who takes nothing of the report, and lends another', async () => {
    const reader = new ReportReader(app.url, { title: 'All orders', last: ORDERS });
    await eventually(async () => {
      const { leases, pools, processors } = await app.resources();
      expect([leases, pools.report.acquired, processors.report.running]).toEqual([[], 1, 0]);
    });
    expect(await new ReportReader(app.url, { title: 'The latest', last: 10 }).isWhole()).toBe(true);
    expect(await reader.isWhole().catch(() => false)).toBe(false);
  });
});
