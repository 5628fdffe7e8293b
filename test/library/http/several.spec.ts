import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  NotFoundException,
  Param,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import {
  APP_FILTER,
  ContextIdFactory,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { until } from './until.fixture.js';
import { type Account, byTenant, type TenantRequest } from './tenant-key.fixture.js';

const account = (name: string) => ({
  create: ({ key }: { key: string }): Account => ({ tenant: `${key} of ${name}` }),
  pool: { keyed: { max: 10 } },
});

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function ask(url: string, tenant: string): Promise<string> {
  const response = await fetch(url, { headers: { 'x-tenant': tenant } });
  return await response.text();
}

async function start(...args: Parameters<typeof startLendingApp>): Promise<LendingApp> {
  const server = await startLendingApp(...args);
  running.push(server.app);
  return server;
}

@Injectable()
class HandlerGuard implements CanActivate {
  readonly handlers: unknown[] = [];

  canActivate(context: ExecutionContext): boolean {
    this.handlers.push(context.getHandler());
    return true;
  }
}

@Controller()
class PlainController {
  @Get('plain/:name')
  @UseGuards(HandlerGuard)
  plain(@Param('name') name: string): string {
    return `plain ${name}`;
  }
}

@Controller()
class EndlessController {
  asked = false;

  @Get('endless')
  async endless(): Promise<void> {
    this.asked = true;
    await new Promise(() => undefined);
  }
}

@Controller()
class AccountController {
  @PooledResource('account', byTenant) private readonly account!: ScopedLease<Account>;

  @Get('account')
  async own(): Promise<string> {
    return (await this.account.acquire()).tenant;
  }

  @Get('parameter')
  parameter(@PooledResource('account', byTenant) lease: ScopedLease<Account>): string {
    return lease.resource.tenant;
  }
}

describe.each(ADAPTERS)('on %s, of several applications in one process', (adapter) => {
  it('each lends its own resources', async () => {
    const one = await start(
      adapter,
      { resources: { account: account('one') } },
      { controllers: [AccountController] },
    );
    const two = await start(
      adapter,
      { resources: { account: account('two') } },
      { controllers: [AccountController] },
    );
    const answers = [one, two, one].map(({ url }) => ask(`${url}/account`, 'acme'));
    expect(await Promise.all(answers)).toEqual(['acme of one', 'acme of two', 'acme of one']);
    await one.app.close();
    expect(await ask(`${two.url}/account`, 'globex')).toBe('globex of two');
  });

  it('one without the module stays as it is, and its handlers are its own', async () => {
    await start(
      adapter,
      { resources: { account: account('one') } },
      { controllers: [AccountController, PlainController], providers: [HandlerGuard] },
    );
    const module = await Test.createTestingModule({
      controllers: [PlainController],
      providers: [HandlerGuard],
    }).compile();
    const plain = module.createNestApplication(
      adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
      { logger: false },
    );
    running.push(plain);
    await plain.listen(0, '127.0.0.1');
    expect(await ask(`${await plain.getUrl()}/plain/a`, 'acme')).toBe('plain a');
    expect(plain.get(HandlerGuard).handlers).toEqual([PlainController.prototype.plain]);
  });
});

describe('on express, an application mounted in another', () => {
  it('has a scope of its own for the same request, and leaves the other its own', async () => {
    const inner = await start(
      'express',
      { resources: { account: account('inner') } },
      { controllers: [AccountController] },
    );
    const outer = await start(
      'express',
      { resources: { account: account('outer') } },
      { controllers: [AccountController] },
      (app) => {
        app.use('/inner', inner.app.getHttpAdapter().getInstance());
      },
    );
    expect(await ask(`${outer.url}/inner/account`, 'acme')).toBe('acme of inner');
    expect(await ask(`${outer.url}/account`, 'acme')).toBe('acme of outer');
    for (const { coordinator } of [inner, outer]) expect(coordinator.stats()).toMatchObject({ scopes: 0 });
  });
});

/** Passes on what is not found, to whatever is behind the application. */
@Catch(NotFoundException)
class PassingFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getNext<() => void>()();
  }
}

describe('on express, a request that comes through several applications', () => {
  const parameter = async (url: string): Promise<string> => await ask(`${url}/parameter`, 'acme');

  it('lends to a handler from its own application, where both stand on one Express', async () => {
    const shared: unknown = new ExpressAdapter().getInstance();
    const prefixed = async (name: string): Promise<LendingApp> =>
      await start(
        'express',
        { resources: { account: account(name) } },
        { controllers: [AccountController] },
        (app) => app.setGlobalPrefix(name),
        new ExpressAdapter(shared),
      );
    const [a, b] = [await prefixed('a'), await prefixed('b')];
    for (const { url } of [a, b]) {
      expect(await parameter(`${url}/a`)).toBe('acme of a');
      expect(await parameter(`${url}/b`)).toBe('acme of b');
      expect(await ask(`${url}/a/account`, 'acme')).toBe('acme of a');
      expect(await ask(`${url}/b/account`, 'acme')).toBe('acme of b');
    }
    for (const { coordinator } of [a, b])
      await until(() => coordinator.stats().scopes === 0, 'all requests are over');
  });

  it('lends to a handler that is made for the request, and follows its body, from its own application', async () => {
    @Controller({ path: 'own', scope: Scope.REQUEST })
    class OwnController {
      @Get('parameter')
      parameter(@PooledResource('account', byTenant) lease: ScopedLease<Account>): string {
        return lease.resource.tenant;
      }

      @Get('rows')
      async *rows(@PooledResource('account', byTenant) lease: ScopedLease<Account>): AsyncGenerator<string> {
        for (;;) yield lease.resource.tenant.repeat(10_000);
      }
    }
    const shared: unknown = new ExpressAdapter().getInstance();
    const applicationOf = async (name: string, controllers: Type[]): Promise<LendingApp> =>
      await start(
        'express',
        { resources: { account: account(name) } },
        { controllers },
        undefined,
        new ExpressAdapter(shared),
      );
    const a = await applicationOf('a', [OwnController]);
    await applicationOf('b', [AccountController]);
    expect(await ask(`${a.url}/own/parameter`, 'acme')).toBe('acme of a');
    const body = await fetch(`${a.url}/own/rows`, { headers: { 'x-tenant': 'acme' } });
    await body.body?.cancel();
    await until(() => a.coordinator.stats().scopes === 0, 'the request is over');
    expect(a.coordinator.stats().pools['account']).toMatchObject({ retired: { abandoned: 0 } });
  });

  it('lends to a handler from its own application, where another one has passed it on', async () => {
    const inner = await start(
      'express',
      { resources: { account: account('inner') } },
      { providers: [{ provide: APP_FILTER, useClass: PassingFilter }] },
    );
    const outer = await start(
      'express',
      { resources: { account: account('outer') } },
      { controllers: [AccountController] },
      (app) => app.use(inner.app.getHttpAdapter().getInstance()),
    );
    expect(await parameter(outer.url)).toBe('acme of outer');
    for (const { coordinator } of [inner, outer])
      await until(() => coordinator.stats().scopes === 0, 'all requests are over');
  });
});

describe('on express, an application mounted in a server that is not its own', () => {
  it('leaves the server as it was when it is closed, after its drain deadline, too', async () => {
    const inner = await start(
      'express',
      { resources: {}, drainTimeout: 50 },
      { controllers: [EndlessController] },
    );
    const handle = inner.app.getHttpAdapter().getInstance() as RequestListener;
    const outer = createServer((request, response) => {
      if (request.url === '/outer') response.end('outer');
      else handle(request, response);
    });
    await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve));
    const listeners = outer.listenerCount('connection');
    const { port } = outer.address() as AddressInfo;
    const endless = ask(`http://127.0.0.1:${port}/endless`, 'acme').catch(() => 'cut off');
    await until(() => inner.app.get(EndlessController).asked, 'the request has come');
    await inner.app.close();
    expect(await endless).toBe('cut off');
    expect(await ask(`http://127.0.0.1:${port}/outer`, 'acme')).toBe('outer');
    expect(outer.listenerCount('connection')).toBe(listeners);
    outer.close();
    outer.closeAllConnections();
  });
});

/** One tree of providers per tenant, which outlives the request that it was made for. */
class TenantStrategy implements ContextIdStrategy {
  private readonly ids = new Map<string, ContextId>();

  attach(contextId: ContextId, request: TenantRequest): (info: HostComponentInfo) => ContextId {
    const tenant = request.headers['x-tenant'] ?? '';
    const id = this.ids.get(tenant) ?? ContextIdFactory.create();
    this.ids.set(tenant, id);
    return ({ isTreeDurable }) => (isTreeDurable ? id : contextId);
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class DurableAccounts {
  static made = 0;

  constructor(@PooledResource('account', byTenant) private readonly account: ScopedLease<Account>) {
    DurableAccounts.made++;
  }

  async tenant(): Promise<string> {
    return (await this.account.acquire()).tenant;
  }
}

@Controller()
class DurableController {
  constructor(private readonly accounts: DurableAccounts) {}

  @Get('durable')
  async durable(): Promise<string> {
    return await this.accounts.tenant();
  }
}

/** Collects what is asked for in one turn, whoever asks, and answers it together, in the context of the first. */
@Injectable()
class Batches {
  private waiting: ((tenant: string) => void)[] = [];

  constructor(@PooledResource('shared') private readonly shared: ScopedLease<Account>) {}

  load(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting.push(resolve);
      if (this.waiting.length > 1) return;
      setImmediate(() => {
        const all = this.waiting.splice(0);
        this.shared.use(async ({ tenant }) => all.forEach((each) => each(tenant))).catch(reject);
      });
    });
  }
}

@Controller()
class BatchController {
  constructor(private readonly batches: Batches) {}

  @Get('batch')
  async batch(): Promise<string> {
    return await this.batches.load();
  }
}

describe.each(ADAPTERS)('on %s, what outlives a request', (adapter) => {
  it('a durable provider lends to the request that asks now', async () => {
    ContextIdFactory.apply(new TenantStrategy());
    DurableAccounts.made = 0;
    const server = await start(
      adapter,
      { resources: { account: account('one') } },
      { controllers: [DurableController], providers: [DurableAccounts] },
    );
    const tenants = ['acme', 'globex', 'acme', 'globex'];
    const answers: string[] = [];
    for (const tenant of tenants) answers.push(await ask(`${server.url}/durable`, tenant));
    expect(answers).toEqual(tenants.map((tenant) => `${tenant} of one`));
    expect(DurableAccounts.made).toBeLessThanOrEqual(2);
    expect(server.coordinator.leases()).toEqual([]);
  });

  it('a batch of several requests uses one lease and gives it back', async () => {
    const shared = { create: (): Account => ({ tenant: 'all' }), pool: { max: 2 } };
    const server = await start(
      adapter,
      { resources: { shared } },
      { controllers: [BatchController], providers: [Batches] },
    );
    const answers = Array.from({ length: 8 }, () => ask(`${server.url}/batch`, 'acme'));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['all']));
    expect(server.coordinator.stats()).toMatchObject({ scopes: 0, pools: { shared: { leased: 0 } } });
  });
});
