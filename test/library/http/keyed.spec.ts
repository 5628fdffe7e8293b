import { Controller, Get, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type LeaseContext, PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';

interface Account {
  tenant: string;
}

/** What Express and Fastify have in common. */
interface Request {
  headers: Record<string, string | undefined>;
  params: Record<string, string>;
}

const byHeader = {
  key: ({ request }: LeaseContext<Request>): string => request.headers['x-tenant'] ?? '',
};
/** Only the framework's own request has them. */
const byParams = { key: ({ request }: LeaseContext<Request>): string => request.params['tenant'] };

@Injectable()
class Accounts {
  constructor(@PooledResource('account', byHeader) private readonly account: ScopedLease<Account>) {}

  async tenant(): Promise<string> {
    return (await this.account.acquire()).tenant;
  }
}

@Controller()
class AccountsController {
  @PooledResource('account', byHeader) private readonly property!: ScopedLease<Account>;
  @PooledResource('account', byParams) private readonly ofParams!: ScopedLease<Account>;

  constructor(private readonly accounts: Accounts) {}

  @Get('all')
  async all(@PooledResource('account', byHeader) parameter: ScopedLease<Account>): Promise<object> {
    return {
      parameter: parameter.resource.tenant,
      property: await this.property.use(({ tenant }) => tenant),
      service: await this.accounts.tenant(),
    };
  }

  @Get('of/:tenant')
  async of(@PooledResource('account', byParams) parameter: ScopedLease<Account>): Promise<object> {
    const property = await this.ofParams.acquire();
    return { same: property === parameter.resource, tenant: property.tenant };
  }
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('a keyed type in requests, on %s', (adapter) => {
  const start = async (): Promise<LendingApp> => {
    const account = { create: ({ key }: { key: string }) => ({ tenant: key }), pool: { max: 1, keyed: {} } };
    const metadata = { controllers: [AccountsController], providers: [Accounts] };
    running = await startLendingApp(adapter, { resources: { account } }, metadata);
    return running;
  };
  const get = async (url: string, tenant?: string) => {
    const response = await fetch(url, { headers: tenant === undefined ? {} : { 'x-tenant': tenant } });
    return { status: response.status, body: (await response.json()) as object };
  };

  it("has the request's own key in all three positions, and one resource of it", async () => {
    const { url, coordinator } = await start();
    const answers = await Promise.all(['acme', 'globex'].map((tenant) => get(`${url}/all`, tenant)));
    for (const [index, tenant] of ['acme', 'globex'].entries()) {
      expect(answers[index].body).toEqual({ parameter: tenant, property: tenant, service: tenant });
    }
    expect(coordinator.stats().pools['account']).toMatchObject({ acquired: 2, released: 2, leased: 0 });
  });

  it("finds the key in the framework's request", async () => {
    const { url } = await start();
    expect((await get(`${url}/of/initech`)).body).toEqual({ same: true, tenant: 'initech' });
  });

  it('fails for a request that has no key, before the handler', async () => {
    const { url, coordinator } = await start();
    expect((await get(`${url}/all`)).status).toBe(500);
    expect(coordinator.stats()).toMatchObject({ scopes: 0, pools: { account: { acquired: 0 } } });
  });
});
