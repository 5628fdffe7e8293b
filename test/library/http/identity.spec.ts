import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  Param,
  type PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { firstValueFrom, from, map, type Observable, switchMap } from 'rxjs';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { SharedClient } from './shared-client.fixture.js';
import { type Account, byTenant } from './tenant-key.fixture.js';

type Route = (request: IncomingMessage, response: ServerResponse, next: (where?: string) => void) => unknown;

/** Express comes with the adapter, without types. */
const { Router } = createRequire(import.meta.url)('express') as {
  Router(): ((...args: Parameters<Route>) => void) & { get(path: string, route: Route): void };
};

/** What an application of Express is asked for. */
interface Lookups {
  param(name: string, look: (request: unknown, response: unknown, next: () => void) => void): void;
  get(path: string, route: (request: unknown, response: ServerResponse) => void): void;
}

/** Notes which tenant's account the code at a place gets. */
@Injectable()
class Sightings {
  readonly all: string[] = [];

  constructor(@PooledResource('account', byTenant) private readonly account: ScopedLease<Account>) {}

  async see(place: string): Promise<void> {
    const { tenant } = await this.account.acquire();
    this.all.push(`${tenant} at the ${place}`);
  }
}

@Injectable()
class LosingMiddleware implements NestMiddleware {
  constructor(private readonly client: SharedClient) {}

  use(_request: unknown, _response: unknown, next: () => void): void {
    this.client.ask(() => next());
  }
}

@Injectable()
class SeeingMiddleware implements NestMiddleware {
  constructor(private readonly sightings: Sightings) {}

  async use(_request: unknown, _response: unknown, next: () => void): Promise<void> {
    await this.sightings.see('middleware');
    next();
  }
}

@Injectable()
class Guard implements CanActivate {
  constructor(
    private readonly client: SharedClient,
    private readonly sightings: Sightings,
  ) {}

  async canActivate(): Promise<boolean> {
    await this.sightings.see('guard');
    await firstValueFrom(this.client.answers());
    return true;
  }
}

@Injectable()
class LosingInterceptor implements NestInterceptor {
  constructor(
    private readonly client: SharedClient,
    private readonly sightings: Sightings,
  ) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return this.client.answers().pipe(
      switchMap(() => next.handle()),
      switchMap((value) => this.sightings.see('outer interceptor').then(() => value)),
    );
  }
}

@Injectable()
class SeeingInterceptor implements NestInterceptor {
  constructor(private readonly sightings: Sightings) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.sightings.see('inner interceptor')).pipe(
      switchMap(() => next.handle()),
      switchMap((value) => this.sightings.see('answered interceptor').then(() => value)),
    );
  }
}

/** Answers from a callback. */
@Injectable()
class LateInterceptor implements NestInterceptor {
  constructor(private readonly client: SharedClient) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(switchMap((value) => this.client.answers().pipe(map(() => value))));
  }
}

@Injectable()
class Pipe implements PipeTransform {
  constructor(private readonly sightings: Sightings) {}

  async transform(value: string): Promise<string> {
    await this.sightings.see('pipe');
    return value;
  }
}

@Catch(HttpException)
@Injectable()
class Filter implements ExceptionFilter {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly sightings: Sightings,
  ) {}

  async catch(error: HttpException, host: ArgumentsHost): Promise<void> {
    await this.sightings.see('filter');
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), error.message, error.getStatus());
  }
}

@Controller()
@UseGuards(Guard)
@UseInterceptors(LosingInterceptor, SeeingInterceptor, LateInterceptor)
@UseFilters(Filter)
class TenantController {
  constructor(private readonly sightings: Sightings) {}

  @Get('tenant/:name')
  async tenant(
    @Param('name', Pipe) name: string,
    @PooledResource('account', byTenant) account: ScopedLease<Account>,
  ): Promise<string> {
    await this.sightings.see('handler');
    if (name === 'nobody') throw new HttpException(account.resource.tenant, 418);
    return account.resource.tenant;
  }
}

@Module({
  providers: [SharedClient, Sightings],
  exports: [SharedClient, Sightings],
})
class SharedModule {}

@Module({ imports: [SharedModule], controllers: [TenantController] })
class TenantModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(LosingMiddleware, SeeingMiddleware).forRoutes('*path');
  }
}

const PLACES = ['middleware', 'guard', 'inner interceptor', 'pipe', 'handler'];
const ANSWERED = ['answered interceptor', 'outer interceptor'];

let server: LendingApp;
let sightings: Sightings;

function start(adapter: Adapter, prepare?: (app: LendingApp['app']) => void): Promise<LendingApp> {
  const account = {
    create: ({ key }: { key: string }): Account => ({ tenant: key }),
    pool: { keyed: { max: 10 } },
  };
  return startLendingApp(adapter, { resources: { account } }, { imports: [TenantModule] }, prepare);
}

async function ask(path: string, tenant: string): Promise<string> {
  const response = await fetch(`${server.url}${path}`, { headers: { 'x-tenant': tenant } });
  return `${response.status} ${await response.text()}`;
}

function seenBy(tenant: string): string[] {
  const suffix = `${tenant} at the `;
  return sightings.all.filter((each) => each.startsWith(suffix)).map((each) => each.slice(suffix.length));
}

afterEach(() => server.app.close());

describe.each(ADAPTERS)(
  'on %s, where requests share a client that calls back in the context of the first',
  (adapter) => {
    beforeEach(async () => {
      server = await start(adapter);
      sightings = server.app.get(Sightings);
    });

    it('each hand-over of a request gets the account of its own tenant', async () => {
      expect(await ask('/tenant/a', 'acme')).toBe('200 acme');
      sightings.all.length = 0;
      const tenants = ['acme', 'globex', 'initech', 'hooli'];
      expect(await Promise.all(tenants.map((tenant) => ask('/tenant/a', tenant)))).toEqual(
        tenants.map((tenant) => `200 ${tenant}`),
      );
      for (const tenant of tenants) expect(seenBy(tenant)).toEqual([...PLACES, ...ANSWERED]);
    });

    it('a filter gets it, too, and the lease goes back when it has answered', async () => {
      await ask('/tenant/a', 'acme');
      sightings.all.length = 0;
      expect(await ask('/tenant/nobody', 'globex')).toBe('418 globex');
      expect(seenBy('globex')).toEqual([...PLACES, 'filter']);
      expect(server.coordinator.leases()).toEqual([]);
    });
  },
);

describe('on express, a request keeps its scope', () => {
  it('when middleware goes on from an event of its body', async () => {
    server = await start('express', (app) => {
      app.use((request: IncomingMessage, _response: ServerResponse, next: () => void) => {
        request.on('data', () => undefined);
        request.on('end', () => next());
      });
    });
    const response = await fetch(`${server.url}/tenant/a`, { headers: { 'x-tenant': 'acme' } });
    expect(await response.text()).toBe('acme');
  });

  it('when a route of a router of its own passes it on to the next', async () => {
    server = await start('express', (app) => {
      const router = Router();
      const { ask } = app.get(SharedClient);
      router.get('/twice', (_request, _response, next) => ask(() => next('route')));
      router.get('/twice', async (_request, response) => {
        await app.get(Sightings).see('second route');
        response.end('done');
      });
      app.use('/mounted', router);
    });
    sightings = server.app.get(Sightings);
    expect(await Promise.all(['acme', 'globex'].map((tenant) => ask('/mounted/twice', tenant)))).toEqual([
      '200 done',
      '200 done',
    ]);
    expect(seenBy('globex')).toEqual(['second route']);
    expect(server.coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: { account: { acquired: 2, released: 2 } },
    });
  });
});

describe('on express, a request keeps its scope where a parameter of its path is looked up', () => {
  it('after middleware that goes on from a shared callback', async () => {
    server = await start('express', (app) => {
      const { ask } = app.get(SharedClient);
      const express = app.getHttpAdapter().getInstance() as Lookups;
      app.use((_request: unknown, _response: unknown, next: () => void) => ask(next));
      express.param('name', (_request, _response, next) => {
        app.get(Sightings).see('parameter').then(next, next);
      });
      express.get('/named/:name', (_request, response) => response.end('done'));
    });
    sightings = server.app.get(Sightings);
    const tenants = ['acme', 'globex', 'initech'];
    await Promise.all(tenants.map((tenant) => ask('/named/a', tenant)));
    for (const tenant of tenants) expect(seenBy(tenant)).toEqual(['parameter']);
  });
});

describe('on fastify, a request keeps its scope', () => {
  it('in a parser of bodies, whatever calls the callback of a hook', async () => {
    server = await start('fastify', (app) => {
      const { ask } = app.get(SharedClient);
      const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('onRequest', (_request, _reply, done) => ask(() => done()));
      fastify.addContentTypeParser('text/tenant', { parseAs: 'string' }, async () => {
        await app.get(Sightings).see('parser');
      });
      fastify.post('/parsed', async () => 'done');
    });
    sightings = server.app.get(Sightings);
    const tenants = ['acme', 'globex', 'initech'];
    const post = (tenant: string) =>
      fetch(`${server.url}/parsed`, {
        method: 'POST',
        body: 'x',
        headers: { 'x-tenant': tenant, 'content-type': 'text/tenant' },
      });
    await Promise.all(tenants.map(post));
    for (const tenant of tenants) expect(seenBy(tenant)).toEqual(['middleware', 'parser']);
  });

  it("in the hooks and routes of a plugin, whatever calls a hook's callback", async () => {
    server = await start('fastify', (app) => {
      const { ask } = app.get(SharedClient);
      const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('onRequest', (_request, _reply, done) => ask(() => done()));
      fastify.addHook('preHandler', async () => await app.get(Sightings).see('hook'));
      void fastify.register((plugin, _options, done) => {
        const preHandler = (_request: unknown, _reply: unknown, next: () => void): void => ask(() => next());
        plugin.get('/plugin', { preHandler }, async () => {
          await app.get(Sightings).see('route');
          return 'done';
        });
        done();
      });
    });
    sightings = server.app.get(Sightings);
    const tenants = ['acme', 'globex', 'initech'];
    expect(await Promise.all(tenants.map((tenant) => ask('/plugin', tenant)))).toEqual(
      tenants.map(() => '200 done'),
    );
    for (const tenant of tenants) expect(seenBy(tenant)).toEqual(['middleware', 'hook', 'route']);
    expect(server.coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: { account: { acquired: 3, released: 3 } },
    });
  });
});
