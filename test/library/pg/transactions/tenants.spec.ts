import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { pgResource, type PgResourceOptions, SessionBeginError } from 'nestjs-resources/pg';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from 'pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { tenantsSchema } from '../tenants.fixture.js';

describe('transactions of tenants', () => {
  let postgres: Postgres;
  let url: string;
  let coordinator: ResourceCoordinator;
  let begun: string[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    url = await tenantsSchema(postgres);
  });

  afterEach(() => coordinator?.cleanup());

  afterAll(() => postgres.stop());

  function open(session?: PgResourceOptions['session']): void {
    begun = [];
    const begin: NonNullable<typeof session>['begin'] = (client, { tenant }) => {
      begun.push(tenant);
      client.set('app.tenant', tenant);
    };
    const pg = pgResource({ connection: url, session: session ?? { begin }, pool: { max: 2 } });
    coordinator = new ResourceCoordinator({ resources: { pg } });
  }

  async function seen(client: Client): Promise<string[]> {
    const { rows } = await client.query<{ tenant: string }>('SELECT DISTINCT tenant FROM orders ORDER BY 1');
    return rows.map(({ tenant }) => tenant);
  }

  it('see their own rows, with all that is in them, one after the other or at once', async () => {
    open();
    for (const tenant of ['acme', 'beta']) {
      const rows = await coordinator.transaction<Client>(
        'pg',
        async (client) => [
          await seen(client),
          ...(await Promise.all(
            ['NESTED', 'NESTED', 'REQUIRED'].map((propagation) =>
              coordinator.transaction<Client>('pg', seen, { propagation: propagation as 'NESTED' }),
            ),
          )),
          await coordinator.transaction<Client>('pg', seen, { propagation: 'REQUIRES_NEW', tenant }),
          await coordinator
            .transaction<Client>('pg', (inner) => inner.query('SELECT 1 / 0'), { propagation: 'NESTED' })
            .catch(() => seen(client)),
        ],
        { tenant, isolation: 'SERIALIZABLE', readOnly: true },
      );
      expect(rows).toEqual(Array.from({ length: 6 }, () => [tenant]));
    }
    expect(begun).toEqual(['acme', 'acme', 'beta', 'beta']);
  });

  it('are not begun when begin fails, with its error, and cost no session', async () => {
    let tries = 0;
    open({
      begin: () => {
        tries++;
        throw new Error('no tenant');
      },
    });
    const work = jest.fn();
    const failure = await coordinator
      .transaction('pg', work, { retry: true })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SessionBeginError);
    expect([work.mock.calls.length, tries]).toEqual([0, 1]);
    expect(coordinator.stats().pools['pg']).toMatchObject({ size: 1, destroyed: 0 });
  });

  it('warn once of statements in parallel, and not of transactions, which wait for each other', async () => {
    open();
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const inner = (): Promise<unknown> =>
      coordinator.transaction<Client>('pg', seen, { propagation: 'NESTED' });
    await coordinator.transaction('pg', () => Promise.all([inner(), inner(), inner()]));
    expect(warn).not.toHaveBeenCalled();
    await coordinator.transaction<Client>('pg', (client) => Promise.all([seen(client), seen(client)]));
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('are of the request that has the session, whoever made it free', async () => {
    const contexts = new AsyncLocalStorage<string>();

    @Injectable()
    class Orders {
      constructor(private readonly pg: ResourceCoordinator) {}

      seen(): Promise<string[]> {
        return this.pg.transaction<Client, string[]>('pg', seen);
      }
    }

    @Controller()
    class OrdersController {
      constructor(private readonly orders: Orders) {}

      @Get()
      find(): Promise<string[]> {
        return this.orders.seen();
      }
    }

    const inContext = new Set<unknown>();
    const pg = pgResource({
      connection: url,
      session: {
        begin(client, { request, kind, owner }) {
          const { headers } = request as { headers: Record<string, string> };
          inContext.add(contexts.getStore()).add(kind).add(owner);
          client.set('app.tenant', headers['x-tenant']);
        },
      },
      pool: { max: 2 },
    });

    @Module({
      imports: [ResourcesModule.forRoot({ resources: { pg } })],
      controllers: [OrdersController],
      providers: [Orders],
    })
    class AppModule {}

    const application = await NestFactory.create(AppModule, { logger: false });
    application.use((request: { headers: Record<string, string> }, _: unknown, next: () => void) =>
      contexts.run(request.headers['x-tenant'], next),
    );
    await application.listen(0, '127.0.0.1');
    const address = await application.getUrl();
    try {
      const tenants = Array.from({ length: 60 }, (_, index) => ['acme', 'beta', 'gamma'][index % 3]);
      const answers = await Promise.all(
        tenants.map(async (tenant) => (await fetch(address, { headers: { 'x-tenant': tenant } })).json()),
      );
      expect(answers).toEqual(tenants.map((tenant) => [tenant]));
      expect([...inContext]).toEqual([undefined, 'http', 'OrdersController.find (http)']);
    } finally {
      await application.close();
    }
  });
});
