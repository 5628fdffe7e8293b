import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Injectable, Param } from '@nestjs/common';
import { Cached, PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type Adapter, startLendingApp } from '../http/lending-app.fixture.js';
import { Gate } from './gate.fixture.js';

interface Session {
  readonly id: number;
}

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

@Injectable()
class Totals {
  constructor(@PooledResource('session') readonly session: ScopedLease<Session>) {}

  @Cached()
  async total(of: string): Promise<string> {
    return await this.session.use(() => `total of ${of}`);
  }
}

@Controller()
class TotalsController {
  readonly gate = new Gate();
  callers = 0;

  constructor(readonly totals: Totals) {}

  @Get('total/:of/:callers')
  async total(
    @PooledResource('session') session: ScopedLease<Session>,
    @Param('of') of: string,
    @Param('callers') callers: string,
  ): Promise<string> {
    if (++this.callers === Number(callers)) this.gate.open();
    await this.gate.opened; // now they hold all there is
    return `${session.resource.id > 0 ? '' : 'no '}${await this.totals.total(of)}`;
  }
}

async function start(adapter: Adapter, max: number) {
  let made = 0;
  const session = { create: () => ({ id: ++made }), pool: { max, acquireTimeout: '20s' } };
  const started = await startLendingApp(
    adapter,
    { resources: { session }, deadlockTimeout: '200ms' },
    { controllers: [TotalsController], providers: [Totals] },
  );
  running.push(started.app);
  return started;
}

describe.each(ADAPTERS)(
  'requests that hold all sessions and wait for a load that needs one, on %s',
  (adapter) => {
    it.each([
      [1, () => 'tea'],
      [3, () => 'tea'],
      [3, (caller: number) => `tea ${caller}`],
    ])('lose one of %i, and the others are served (%#)', async (callers, of) => {
      const { url, coordinator } = await start(adapter, callers);
      const answers = await Promise.all(
        Array.from({ length: callers }, (_, caller) => fetch(`${url}/total/${of(caller)}/${callers}`)),
      );
      const failed = answers.filter(({ status }) => status !== 200);
      expect(failed.map(({ status }) => status)).toEqual([503]);
      expect(await failed[0].json()).toMatchObject({ error: 'DeadlockError' });
      expect(coordinator.stats().pools['session']).toMatchObject({ timeouts: 0, pending: 0 });
    });
  },
);
