import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.fixture.js';
import { LARGE, ReportApplication, SMALL } from './report-application.fixture.js';
import { ReportReader } from './report-reader.fixture.js';

describe.each(['express', 'fastify'])('REPORT_TIMEOUT on %s', (adapter) => {
  let application: ReportApplication;

  beforeAll(async () => {
    application = await ReportApplication.start({ ADAPTER: adapter, REPORT_TIMEOUT: '5000' });
  });

  afterAll(async () => {
    await application.stop();
  });

  it('takes the processor from a reader who takes nothing of the report, and lends another', async () => {
    const { app } = application;
    const reader = new ReportReader(app.url, LARGE);
    await eventually(async () => {
      const { leases, pools, processors } = await app.resources();
      expect([leases, pools.report.acquired, processors.report.running]).toEqual([[], 1, 0]);
    });
    expect(await new ReportReader(app.url, SMALL).isWhole()).toBe(true);
    expect(await reader.isWhole().catch(() => false)).toBe(false);
  });
});
