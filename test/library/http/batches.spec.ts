import { Controller, Get, Headers, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import DataLoader from 'dataloader';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Account, byTenant } from './tenant-key.fixture.js';

/** What is loaded, and for whom. */
interface Wanted {
  tenant: string;
  id: number;
}

/** Two tenants' requests are in one batch when both have asked. */
function whenBothAsked(): (send: () => void) => void {
  const waiting: (() => void)[] = [];
  return (send) => {
    waiting.push(send);
    if (waiting.length === 1) setTimeout(() => waiting.splice(0).forEach((each) => each()), 200);
  };
}

@Injectable()
class Loaders {
  readonly batches: number[] = [];
  /** Shared, and so of no request: what it needs for whom stands in what is asked for. */
  readonly shared = new DataLoader<Wanted, string>(
    async (wanted) => {
      this.batches.push(wanted.length);
      return await Promise.all(wanted.map(async ({ tenant, id }) => await this.load(tenant, id)));
    },
    { cache: false, batchScheduleFn: whenBothAsked() },
  );

  constructor(
    private readonly coordinator: ResourceCoordinator,
    @PooledResource('account', byTenant) private readonly account: ScopedLease<Account>,
  ) {}

  /** One for each request, as DataLoader is meant. */
  ofRequest(): DataLoader<number, string> {
    return new DataLoader(async (ids) => {
      const { tenant } = await this.account.acquire();
      return ids.map((id) => `${id} of ${tenant}`);
    });
  }

  private async load(key: string, id: number): Promise<string> {
    return await this.coordinator.use('account', (account) => `${id} of ${(account as Account).tenant}`, {
      key,
    });
  }
}

@Controller()
class LoadingController {
  constructor(private readonly loaders: Loaders) {}

  @Get('own')
  async own(): Promise<string[]> {
    const loader = this.loaders.ofRequest();
    return await Promise.all([loader.load(1), loader.load(2)]);
  }

  @Get('shared')
  async shared(@Headers('x-tenant') tenant: string): Promise<string[]> {
    const { shared } = this.loaders;
    return await Promise.all([1, 2].map((id) => shared.load({ tenant, id })));
  }
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('on %s, a DataLoader over a keyed type', (adapter) => {
  const askBoth = async (path: string) => {
    const account = { create: ({ key }: { key: string }) => ({ tenant: key }), pool: { max: 1, keyed: {} } };
    running = await startLendingApp(
      adapter,
      { resources: { account } },
      { controllers: [LoadingController], providers: [Loaders] },
    );
    const { url, coordinator, app } = running;
    const answers = await Promise.all(
      ['acme', 'globex'].map(async (tenant) => {
        const response = await fetch(`${url}/${path}`, { headers: { 'x-tenant': tenant } });
        return await response.json();
      }),
    );
    expect(coordinator.leases()).toEqual([]);
    return { answers, batches: app.get(Loaders).batches };
  };
  const exact = ['acme', 'globex'].map((tenant) => [1, 2].map((id) => `${id} of ${tenant}`));

  it('gives each request its own tenant, where each has a loader of its own', async () => {
    expect((await askBoth('own')).answers).toEqual(exact);
  });

  it('gives each item its own tenant in a batch of two, where the item says whose it is', async () => {
    const { answers, batches } = await askBoth('shared');
    expect(answers).toEqual(exact);
    expect(batches).toEqual([4]);
  });
});
