import { Controller, Get, Headers, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type LeaseContext, PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { until } from './until.fixture.js';

/** What Express and Fastify have in common. */
interface Request {
  headers: Record<string, string | undefined>;
}

const terms = {
  tenant: ({ request }: LeaseContext<Request>): string => request.headers['x-tenant'] ?? '',
  priority: ({ request }: LeaseContext<Request>): number => Number(request.headers['x-priority'] ?? 0),
};

@Injectable()
class Printing {
  constructor(@PooledResource('printer', terms) readonly printer: ScopedLease<object>) {}
}

/** The priorities of the requests, as they got their lease. */
let served: (string | undefined)[];

@Controller()
class PrintingController {
  @PooledResource('printer', terms) private readonly property!: ScopedLease<object>;

  constructor(private readonly printing: Printing) {}

  @Get('parameter')
  parameter(
    @PooledResource('printer', terms) _printer: ScopedLease<object>,
    @Headers('x-priority') priority?: string,
  ): object {
    served.push(priority);
    return {};
  }

  @Get('property')
  async ofProperty(@Headers('x-priority') priority?: string): Promise<object> {
    await this.property.acquire();
    served.push(priority);
    return {};
  }

  @Get('service')
  async ofService(@Headers('x-priority') priority?: string): Promise<object> {
    return this.printing.printer.use(() => ({ place: served.push(priority) }));
  }
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('terms of a lease in requests, on %s', (adapter) => {
  const start = async (pool: object): Promise<LendingApp> => {
    const metadata = { controllers: [PrintingController], providers: [Printing] };
    running = await startLendingApp(
      adapter,
      { resources: { printer: { create: () => ({}), pool } } },
      metadata,
    );
    served = [];
    return running;
  };
  const ask = async (url: string, headers: Record<string, string>): Promise<number> => {
    return (await fetch(url, { headers })).status;
  };

  it.each(['parameter', 'property', 'service'])('count for the tenant: a quota holds, %s', async (place) => {
    const { url, coordinator } = await start({ max: 2, quota: { max: 1 } });
    const held = await coordinator.acquire('printer', { tenant: 'acme' });
    const acme = ask(`${url}/${place}`, { 'x-tenant': 'acme' });
    await until(() => coordinator.stats().pools['printer'].pending === 1, 'acme waits');
    expect(await ask(`${url}/${place}`, { 'x-tenant': 'globex' })).toBe(200);
    expect(coordinator.stats().pools['printer']).toMatchObject({ pending: 1, leased: 1 });
    await held.release();
    expect(await acme).toBe(200);
  });

  it.each(['parameter', 'property', 'service'])('say how urgent a request is, %s', async (place) => {
    const { url, coordinator } = await start({ max: 1, queue: { order: 'priority', ageing: Infinity } });
    const held = await coordinator.acquire('printer');
    const asked: Promise<number>[] = [];
    for (const [index, priority] of ['0', '9', '5'].entries()) {
      asked.push(ask(`${url}/${place}`, { 'x-priority': priority }));
      await until(() => coordinator.stats().pools['printer'].pending === index + 1, 'it waits');
    }
    await held.release();
    expect(await Promise.all(asked)).toEqual([200, 200, 200]);
    expect(served).toEqual(['9', '5', '0']);
  });

  it('fail the request when they make no sense', async () => {
    const { url, coordinator } = await start({ max: 1, queue: { order: 'priority' } });
    const held = await coordinator.acquire('printer');
    expect(await ask(`${url}/property`, { 'x-priority': '10' })).toBe(500);
    await held.release();
    expect(coordinator.stats().pools['printer']).toMatchObject({ pending: 0, leased: 0 });
  });
});
