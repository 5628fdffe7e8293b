import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Injectable, type ModuleMetadata } from '@nestjs/common';
import {
  CachedResource,
  CachedResourceFactory,
  type CreateCachedContext,
  getCachedLeaseToken,
  type ResourceCoordinator,
  type ResourcesOptions,
  type ScopedLease,
  UnknownResourceError,
} from 'nestjs-resources';
import { ADAPTERS, type Adapter, startLendingApp } from '../http/lending-app.fixture.js';
import { until } from '../http/until.fixture.js';
import { type TenantClient, TenantClients, tenantOf } from './tenants.fixture.js';

type Lease = ScopedLease<TenantClient>;

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

@Injectable()
class TenantService {
  constructor(@CachedResource('tenantDb', tenantOf) readonly db: Lease) {}

  async ask(): Promise<string> {
    return (await this.db.acquire()).ask();
  }
}

@Controller()
class TenantController {
  @CachedResource('tenantDb', tenantOf) readonly db!: Lease;
  @CachedResource('tenantDb', 'shared') readonly shared!: Lease;

  constructor(readonly tenants: TenantService) {}

  @Get('parameter')
  parameter(@CachedResource('tenantDb', tenantOf) db: Lease): string {
    return db.resource.ask();
  }

  @Get('property')
  async property(): Promise<string> {
    return (await this.db.acquire()).ask();
  }

  @Get('service')
  service(): Promise<string> {
    return this.tenants.ask();
  }

  @Get('shared')
  async other(): Promise<string> {
    return `${await this.shared.use((client) => client.ask())} ${await this.tenants.ask()}`;
  }

  @Get('same')
  async same(@CachedResource('tenantDb', tenantOf) db: Lease): Promise<boolean> {
    return db.resource === (await this.db.acquire()) && db.resource === (await this.tenants.db.acquire());
  }

  @Get('early')
  async early(): Promise<string> {
    await this.db.acquire();
    await this.db.release();
    return this.db.resource.ask();
  }

  @Get('fail')
  async fail(@CachedResource('tenantDb', tenantOf) db: Lease): Promise<never> {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error(`nothing from ${db.resource.ask()}`);
  }

  @Get('slow')
  async slow(@CachedResource('tenantDb', tenantOf) db: Lease): Promise<string> {
    for (let turn = 0; turn < 5; turn++) {
      db.resource.ask();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return db.resource.ask();
  }
}

interface App {
  app: INestApplication;
  coordinator: ResourceCoordinator;
  port: number;
  clients: TenantClients;
}

async function start(
  adapter: Adapter,
  cache: object = {},
  metadata: ModuleMetadata = { controllers: [TenantController], providers: [TenantService] },
): Promise<App> {
  const clients = new TenantClients();
  const tenantDb = {
    create: (context: CreateCachedContext) => clients.create(context),
    destroy: (client: TenantClient) => clients.destroy(client),
    cache,
  };
  const options: ResourcesOptions = { cachedResources: { tenantDb } };
  const started = await startLendingApp(adapter, options, metadata);
  running.push(started.app);
  return { ...started, clients };
}

/** @returns the status and the body; undefined when the client hung up */
function ask(
  port: number,
  path: string,
  tenant: string | undefined,
  { agent, abortAfter }: { agent?: Agent; abortAfter?: number } = {},
): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const headers = tenant === undefined ? {} : { 'x-tenant': tenant };
    const sent = request({ port, host: '127.0.0.1', path, headers, agent: agent ?? false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(undefined));
    });
    sent.on('error', () => resolve(undefined));
    sent.end();
    if (abortAfter !== undefined) setTimeout(() => sent.destroy(), abortAfter);
  });
}

describe.each(ADAPTERS)('@CachedResource on %s', (adapter) => {
  it.each(['parameter', 'property', 'service'])('injects the resource of the request by %s', async (path) => {
    const { port, coordinator, clients } = await start(adapter);
    for (const tenant of ['acme', 'beta', 'acme'])
      expect(await ask(port, `/${path}`, tenant)).toEqual({ status: 200, body: tenant });
    expect(clients.made.map(({ tenant }) => tenant)).toEqual(['acme', 'beta']);
    await until(() => coordinator.leases().length === 0, 'all leases have ended');
    expect(coordinator.stats().cachedResources['tenantDb']).toMatchObject({ hits: 1, misses: 2, size: 2 });
  });

  it('means one lease by all positions of a request', async () => {
    const { port, coordinator } = await start(adapter);
    expect((await ask(port, '/same', 'acme'))?.body).toBe('true');
    expect(coordinator.stats().cachedResources['tenantDb']).toMatchObject({ hits: 0, misses: 1 });
  });

  it('may have one key for all requests, beside another', async () => {
    const { port } = await start(adapter);
    expect((await ask(port, '/shared', 'acme'))?.body).toBe('shared acme');
  });

  it('gives a lease back early', async () => {
    const { port, coordinator } = await start(adapter);
    expect((await ask(port, '/early', 'acme'))?.status).toBe(500);
    expect(coordinator.leases()).toEqual([]);
  });

  it('gives nobody a resource who has no key', async () => {
    const { port, clients } = await start(adapter);
    for (const path of ['/parameter', '/property'])
      expect((await ask(port, path, undefined))?.status).toBe(500);
    expect(clients.made).toEqual([]);
  });

  it('answers 503 when a resource cannot be created', async () => {
    const { port } = await start(adapter);
    const answer = await ask(port, '/parameter', 'unreachable');
    expect(answer?.status).toBe(503);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({
      error: 'ResourceCreationError',
      pool: 'tenantDb',
    });
  });

  it('serves 2,000 tenants with room for 50, aborts and errors among them, and leaves none alive', async () => {
    const { app, port, coordinator, clients } = await start(adapter, { max: 50, ttl: '1s' });
    const agent = new Agent({ keepAlive: true, maxSockets: 120 });
    const answers = new Map<number, number>();
    let next = 0;
    let wrong = 0;
    const user = async (): Promise<void> => {
      while (next < 3_000) {
        const turn = next++;
        // All come once, and some again and again.
        const tenant = turn >= 2_000 ? `tenant ${turn % 60}` : `tenant ${turn}`;
        const unreachable = turn % 50 === 7;
        const path = ['/parameter', '/service', '/slow', '/fail', '/property'][turn % 5];
        const asked = unreachable ? `${turn} unreachable` : tenant;
        const answer = await ask(port, path, asked, {
          agent,
          abortAfter: turn % 11 === 0 ? turn % 4 : undefined,
        });
        if (answer === undefined) continue;
        answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
        if (answer.status === 200 && answer.body !== tenant) wrong++;
        if (turn % 97 === 0) await coordinator.cachedResources.get('tenantDb')?.delete(tenant);
      }
    };
    await Promise.all(Array.from({ length: 100 }, user));
    agent.destroy();
    expect(wrong).toBe(0);
    expect([...answers.keys()].toSorted((a, b) => a - b)).toEqual([200, 500, 503]);
    expect(answers.get(200)).toBeGreaterThan(1_500);
    expect(clients.most).toBeLessThanOrEqual(50);
    await until(() => coordinator.leases().length === 0, 'all leases have ended');
    const { inUse, size, pending } = coordinator.stats().cachedResources['tenantDb'];
    expect([inUse, pending]).toEqual([0, 0]);
    expect(size).toBeLessThanOrEqual(50);
    await app.close();
    expect([clients.alive, coordinator.drainReport?.clean]).toEqual([0, true]);
    expect(new Set(clients.made.map(({ destroyed }) => destroyed))).toEqual(new Set([1]));
  });
});

describe('the decorators of cached resources', () => {
  it.each([
    [() => CachedResource('', 'a'), '"@CachedResource()" needs the name of a cached resource type'],
    [() => CachedResource(5 as never, 'a'), 'got 5'],
    [() => CachedResource('tenantDb', ''), `"@CachedResource('tenantDb')" needs a key, or a function`],
    [() => CachedResource('tenantDb', undefined as never), 'got undefined'],
    [() => CachedResourceFactory(''), '"@CachedResourceFactory()" needs the name of a resource type'],
  ])('refuse what cannot work (%#)', (decorate, problem) => {
    expect(decorate).toThrow(problem);
  });
});

describe('a factory of cached resources', () => {
  it('may be a provider with dependencies', async () => {
    @Injectable()
    class Settings {
      readonly prefix = 'db of';
    }

    @CachedResourceFactory('tenantDb', { max: 3, ttl: '1m' })
    class TenantDbFactory implements CachedResourceFactory<{ ask(): string }> {
      constructor(private readonly settings: Settings) {}

      create({ key }: CreateCachedContext): { ask(): string } {
        return { ask: () => `${this.settings.prefix} ${key}` };
      }
    }

    const { app, port } = await startLendingApp(
      'express',
      {},
      { controllers: [TenantController], providers: [TenantService, Settings, TenantDbFactory] },
    );
    running.push(app);
    expect((await ask(port, '/service', 'acme'))?.body).toBe('db of acme');
  });

  it('is refused twice', async () => {
    @CachedResourceFactory('tenantDb')
    class TenantDbFactory {
      create = (): object => ({});
    }
    const starting = start('express', {}, { providers: [TenantDbFactory] });
    await expect(starting).rejects.toThrow('"cachedResources.tenantDb" is registered already');
  });

  it('that nobody registered fails the start with the places that ask for it', async () => {
    const starting = startLendingApp(
      'express',
      {},
      { controllers: [TenantController], providers: [TenantService] },
    );
    await expect(starting).rejects.toThrow(UnknownResourceError);
    await expect(starting).rejects.toThrow('TenantService (constructor parameter 0)');
  });
});

describe('a class with a cached resource', () => {
  it('gets in a unit test whatever stands under the token', async () => {
    const client = { ask: () => 'by hand' } as TenantClient;
    const lease = { acquire: async () => client } as unknown as Lease;
    const { Test } = await import('@nestjs/testing');
    const module = await Test.createTestingModule({
      providers: [TenantService, { provide: getCachedLeaseToken('tenantDb', tenantOf), useValue: lease }],
    }).compile();
    expect(await module.get(TenantService).ask()).toBe('by hand');
  });

  it('needs a request to find its key, and says so', async () => {
    const { app, coordinator } = await start('express');
    const service = app.get(TenantService);
    await expect(service.ask()).rejects.toThrow('coordinator.acquireCached("tenantDb", key)');
    await expect(coordinator.run(() => service.ask(), { owner: 'nightly' })).rejects.toThrow('nightly (run)');
    await coordinator.run(async () => {
      const lease = await coordinator.acquireCached<TenantClient>('tenantDb', 'acme');
      expect(coordinator.leases()).toMatchObject([{ key: 'acme', owner: 'anonymous (run)' }]);
      expect(lease.resource.ask()).toBe('acme');
    });
    expect(coordinator.leases()).toEqual([]);
    await using lease = await coordinator.acquireCached<TenantClient>('tenantDb', 'acme', { owner: 'probe' });
    await coordinator.release(lease);
    expect(lease.ended).toBe(true);
  });
});
