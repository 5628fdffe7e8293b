import { request, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type INestApplication, Injectable, type Provider } from '@nestjs/common';
import {
  Cached,
  CachedResource,
  CachedResourceFactory,
  InvalidOptionsError,
  NoLeaseScopeError,
  PooledResource,
  type ScopedLease,
} from 'nestjs-resources';
import { ADAPTERS, type Adapter, startLendingApp } from '../http/lending-app.fixture.js';
import { until } from '../http/until.fixture.js';
import { Gate } from './gate.fixture.js';
import {
  asked,
  Ledger,
  OneKind,
  options,
  Reports,
  ReportsController,
  type TenantDb,
  tenantOf,
} from './request-keys.fixture.js';

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(adapter: Adapter, providers: Provider[] = [Ledger, Reports, OneKind]) {
  const controllers = providers.includes(Reports) ? [ReportsController] : [];
  const started = await startLendingApp(adapter, options(), { controllers, providers });
  running.push(started.app);
  asked.length = 0;
  const ask = async (path: string, tenant?: string): Promise<string> => {
    const headers: Record<string, string> = tenant === undefined ? {} : { 'x-tenant': tenant };
    const answer = await fetch(`${started.url}/${path}`, { headers });
    return answer.status === 200 ? await answer.text() : `${answer.status}`;
  };
  return { ...started, ask };
}

const connectionsOf = (app: INestApplication): Promise<number> =>
  new Promise((resolve) => {
    (app.getHttpServer() as Server).getConnections((_, count) => resolve(count));
  });

describe.each(ADAPTERS)('what depends on the request, on %s', (adapter) => {
  it.each([
    ['method/total', (tenant: string) => `${tenant} ${tenant} ${tenant.length}`],
    ['method/named', (tenant: string) => `sum of ${tenant} ${tenant} ${tenant.length}`],
    ['method/nested', (tenant: string) => `nested ${tenant} ${tenant} ${tenant.length}`],
    ['method/kinds', (tenant: string) => `${tenant} ${tenant}`],
  ])('is kept for each of what it depends on, when that is declared: %s', async (path, answer) => {
    const { ask, coordinator } = await start(adapter);
    const tenants = ['acme', 'globex', 'acme","globex', 'acme,globex', '["acme"]', 'acme'];
    for (const tenant of tenants) expect(await ask(path, tenant)).toBe(answer(tenant));
    const together = await Promise.all(tenants.map((tenant) => ask(path, tenant)));
    expect(together).toEqual(tenants.map(answer));
    await until(() => coordinator.leases().length === 0, 'all leases have ended');
  });

  it('is asked of the request once in each call, and loaded once for all of one tenant', async () => {
    const { app, ask } = await start(adapter);
    for (const tenant of ['acme', 'acme', 'globex', 'acme']) await ask('method/total', tenant);
    expect(asked).toEqual(['acme', 'acme', 'globex', 'acme']);
    expect(app.get(Reports).loads).toBe(2);
  });

  it.each([
    'method/undeclared',
    'method/keyed',
    'method/outer',
    'method/inner',
    'wrap',
    'manager',
    'lease',
    'parameter/pooled',
    'parameter/cached',
  ])('is refused to all when it is not declared: %s', async (path) => {
    const { ask, coordinator } = await start(adapter);
    for (const tenant of ['acme', 'globex', 'acme']) expect(await ask(path, tenant)).toBe('500');
    expect(coordinator.cache.stats.size).toBe(0);
    await until(() => coordinator.leases().length === 0, 'all leases have ended');
  });

  it('is refused to who has none', async () => {
    const { ask, coordinator } = await start(adapter);
    for (const tenant of [undefined, '', 'banned']) expect(await ask('method/total', tenant)).toBe('500');
    expect(coordinator.cache.stats).toMatchObject({ loads: 0, size: 0 });
  });

  it('is loaded on when the client that asked first hangs up', async () => {
    const { app, ask, port, coordinator } = await start(adapter);
    const reports = app.get(Reports);
    reports.gate = new Gate();
    const first = request({ port, host: '127.0.0.1', path: '/method/slow' });
    first.on('error', () => undefined).end();
    await until(() => coordinator.leases().length === 1, 'the load has its session');
    const second = ask('method/slow');
    await until(() => app.get(ReportsController).calls === 2, 'the second waits');
    first.destroy();
    await until(async () => (await connectionsOf(app)) === 1, 'the first has gone');
    expect(coordinator.leases()).toMatchObject([{ owner: 'Reports.slow (load)' }]);
    reports.gate.open();
    expect(await second).toBe('slow true');
    expect(coordinator.leases()).toEqual([]);
  });
});

describe('a @Cached method that depends on the request', () => {
  it('needs one', async () => {
    const { app, coordinator } = await start('express');
    const reports = app.get(Reports);
    await expect(reports.total()).rejects.toThrow(NoLeaseScopeError);
    await expect(coordinator.run(() => reports.total(), { owner: 'nightly' })).rejects.toThrow(
      'Reports.total needs a request (its option "by" asks one), and nightly (run) belongs to none',
    );
    const within = coordinator.cache.wrap('a', () => reports.total());
    await expect(within).rejects.toThrow(
      'The load of cache["a"] serves every caller, and asks for Reports.total',
    );
  });
});

describe('the start is refused for a class', () => {
  const otherKey = (): string => 'acme';

  @Injectable()
  class Base {
    @PooledResource('db', { key: tenantOf }) readonly db!: ScopedLease<TenantDb>;
  }

  @Injectable()
  class Pooled extends Base {
    @Cached()
    async total(): Promise<number> {
      return 1;
    }
  }

  @Injectable()
  class WithKey {
    constructor(@CachedResource('client', tenantOf) readonly client: ScopedLease<TenantDb>) {}

    @Cached({ key: (id: string) => id })
    async total(_id: string): Promise<number> {
      return 1;
    }
  }

  @Injectable()
  class OtherFunction {
    @CachedResource('client', tenantOf) readonly client!: ScopedLease<TenantDb>;

    @Cached({ by: otherKey })
    async total(): Promise<number> {
      return 1;
    }
  }

  @Injectable()
  class Undecorated extends Pooled {}

  @CachedResourceFactory('other')
  class Factory {
    @CachedResource('client', tenantOf) readonly client!: ScopedLease<TenantDb>;
    create = (): object => ({});
  }

  it.each([
    ['whose ancestor borrows by the request', Pooled, '"db" by a key of the request: Base.db (property)'],
    ['that has a key of arguments alone', WithKey, '"client" by a key of the request: WithKey (constructor'],
    ['that declares another function', OtherFunction, 'OtherFunction has a "client" by a key of the request'],
    ['that inherits both', Undecorated, '"@Cached() of Undecorated.total" depends on the request'],
    ['that makes cached resources', Factory, `"@CachedResourceFactory('other')" depends on the request`],
  ])('%s', async (_, provider, problem) => {
    const starting = start('express', [provider]);
    await expect(starting).rejects.toThrow(InvalidOptionsError);
    await expect(starting).rejects.toThrow(problem);
  });
});
