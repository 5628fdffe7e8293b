import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pgResource } from 'nestjs-resources/pg';
import { seeded } from '../../../../libs/resources/src/pool/seeded.fixture.js';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from '../../http/lending-app.fixture.js';
import { CancelProxy } from './cancel-proxy.fixture.js';
import { Fates, hangUp, LOADED } from './hang-up-load.fixture.js';

const HANG_UPS = Number(process.env['CANCEL_HANG_UPS'] ?? 200);
const SEED = Number(process.env['CANCEL_SEED'] ?? 1);
const SESSIONS = 6;

describe('clients that hang up under load', () => {
  let postgres: Postgres;
  let proxy: CancelProxy;
  let started: LendingApp | undefined;

  beforeAll(async () => {
    postgres = await Postgres.start();
    proxy = await CancelProxy.before(postgres.url);
  });

  afterEach(() => started?.app.close());

  afterAll(async () => {
    await proxy.close();
    await postgres.stop();
  });

  it.each(ADAPTERS)(
    `never have a statement of somebody else cancelled (%s, ${HANG_UPS} of them, CANCEL_SEED=${SEED})`,
    async (adapter) => {
      const pg = pgResource({
        connection: { connectionString: proxy.url(), application_name: 'orders' },
        cancel: { timeout: '20s' },
        pool: { max: SESSIONS, acquireTimeout: '1m', validation: { timeout: '30s' } },
      });
      started = await startLendingApp(adapter, { resources: { pg } }, LOADED);
      const { app, coordinator, port } = started;
      const fates = app.get(Fates);
      const random = seeded(SEED);
      proxy.cancels = 0;
      proxy.delay = () => random(2) * random(15); // half of them come late
      const { honest, wrong } = await hangUp({ port, fates }, HANG_UPS, random);
      await eventually(() => expect(coordinator.leases()).toEqual([]));
      process.stdout.write(
        `${adapter}: ${HANG_UPS} hang-ups, ${proxy.cancels} cancels, ${fates.cancelled} statements cancelled, ${fates.done} done; ${honest} honest requests, ${wrong.length} wrong\n`,
      );
      expect(wrong).toEqual([]);
      expect(fates.wrong).toEqual([]);
      expect(fates.cancelled).toBeGreaterThan(0);
      expect(honest).toBeGreaterThan(0);
      const { created, idle } = await eventually(() => {
        const stats = coordinator.stats().pools['pg'];
        expect(stats.idle).toBe(stats.size);
        return stats;
      });
      expect({ created, idle }).toEqual({ created: SESSIONS, idle: SESSIONS });
    },
    Math.max(60_000, HANG_UPS * 200),
  );
});
