import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  type INestApplication,
  Logger,
  UseFilters,
} from '@nestjs/common';
import { type AbstractHttpAdapter, APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { PooledResource, ResourceError, type ResourcesOptions, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Catch(ResourceError)
class TeapotFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}
  catch(error: ResourceError, host: ArgumentsHost): void {
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { mine: error.name }, 418);
  }
}

@Catch()
class CatchAllFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 418;
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { mine: 'all' }, status);
  }
}

/** Knows an HttpException by what it can do, as filters of applications with several copies of Nest do. */
@Catch()
class DuckTypingFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}
  catch(error: Partial<HttpException>, host: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const body = error.getResponse?.() ?? { mine: 'unknown' };
    httpAdapter.reply(host.switchToHttp().getResponse(), body, error.getStatus?.() ?? 418);
  }
}

/** A catch-all filter that leaves the answer to Nest. */
@Catch()
class NestsFilter extends BaseExceptionFilter {}

function adapterOf(app: INestApplication): AbstractHttpAdapter {
  return app.get(HttpAdapterHost).httpAdapter;
}

@Controller()
class LendingController {
  @PooledResource('session') private readonly own!: ScopedLease<Session>;

  @Get('parameter')
  parameter(@PooledResource('session') session: ScopedLease<Session>): object {
    return { session: session.resource.id };
  }

  @Get('property')
  async property(): Promise<object> {
    return { session: (await this.own.acquire()).id };
  }

  @Get('wrong')
  wrong(): object {
    return this.own.resource; // before it was acquired: a mistake of the application
  }

  @Get('foreign')
  foreign(): void {
    throw Object.assign(new Error('of another copy'), {
      [Symbol.for('nestjs-resources:error:1')]: true,
      retryAfter: 7,
      getStatus: () => 503,
      getResponse: () => ({ mine: 'foreign' }),
    });
  }

  @Get('half')
  half(): void {
    throw Object.assign(new Error('of a copy that answers otherwise'), {
      [Symbol.for('nestjs-resources:error:1')]: true,
      retryAfter: 7,
    });
  }

  @Get('mine')
  @UseFilters(TeapotFilter)
  mine(@PooledResource('session') _session: ScopedLease<Session>): void {}
}

describe.each(ADAPTERS)('on %s, a pool that cannot lend', (adapter) => {
  let server: LendingApp;
  const factory = new SessionFactory();

  const start = async (
    pool: NonNullable<ResourcesOptions['resources']>[string]['pool'],
    providers: Parameters<typeof startLendingApp>[2]['providers'] = [],
    prepare?: Parameters<typeof startLendingApp>[3],
  ): Promise<Client> => {
    factory.failing = undefined;
    server = await startLendingApp(
      adapter,
      { resources: { session: factory.definition(pool) } },
      { controllers: [LendingController], providers },
      prepare,
    );
    return new Client(server.port);
  };

  /** Leaves the pool without a free resource. */
  const exhaust = async (): Promise<void> => {
    await server.coordinator.acquire('session', { owner: 'the test' });
  };

  const pool = () => server.coordinator.pools.get('session');

  afterEach(async () => {
    pool()?.resume();
    for (const { id } of server.coordinator.leases()) expect(id).toMatch(/^session#/);
    server.coordinator.pools.get('session')?.reconfigure({ acquireTimeout: 50 });
    await server.app.close();
  });

  it.each(['parameter', 'property'])(
    'answers 503 with Retry-After and names the pool, for a %s',
    async (position) => {
      const client = await start({ max: 1, acquireTimeout: 20 });
      const lease = await server.coordinator.acquire('session');
      const { status, headers, body } = await client.get(`/${position}`);
      expect(status).toBe(503);
      expect(headers['retry-after']).toBe('1');
      expect(JSON.parse(body)).toEqual({
        statusCode: 503,
        error: 'AcquireTimeoutError',
        pool: 'session',
        message: 'No resource of pool "session" is available now. Try again later.',
      });
      await lease.release();
      expect((await client.get(`/${position}`)).status).toBe(200);
    },
  );

  it('answers 503 at once when the queue is full', async () => {
    const client = await start({ max: 1, maxWaiting: 0 });
    const lease = await server.coordinator.acquire('session');
    const { status, body } = await client.get('/parameter');
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ error: 'PoolExhaustedError' }),
    ]);
    await lease.release();
  });

  it('asks the client to come back when creation is tried again', async () => {
    const client = await start({
      max: 1,
      creation: { breaker: { failures: 1, cooldown: '25s', maxCooldown: '25s' } },
    });
    factory.failing = new Error('connection refused');
    await client.get('/parameter');
    const { status, headers } = await client.get('/parameter');
    expect(status).toBe(503);
    // What is left of the time, whereas it is a second elsewhere.
    expect(headers['retry-after']).toMatch(/^(?:1\d|2[0-5])$/);
  });

  it('answers 503 when create fails, and tells the client nothing of the cause', async () => {
    const client = await start({ max: 1 });
    factory.failing = new Error('password "hunter2" refused');
    const { status, body } = await client.get('/parameter');
    expect([status, JSON.parse(body)]).toEqual([
      503,
      expect.objectContaining({ error: 'ResourceCreationError' }),
    ]);
    expect(body).not.toContain('hunter2');
  });

  it('answers 503 while it is paused', async () => {
    const client = await start({ max: 1, acquireTimeout: 20 });
    pool()?.pause();
    const { status, body } = await client.get('/parameter');
    expect([status, JSON.parse(body)]).toEqual([503, expect.objectContaining({ error: 'PoolPausedError' })]);
  });

  it('answers 500 for a mistake of the application', async () => {
    const client = await start({ max: 1 });
    expect((await client.get('/wrong')).status).toBe(500);
  });

  it('lets the filter of a handler win', async () => {
    const client = await start({ max: 1, acquireTimeout: 20 });
    await exhaust();
    const { status, body } = await client.get('/mine');
    expect([status, body]).toEqual([418, '{"mine":"AcquireTimeoutError"}']);
    await server.coordinator.pools.get('session')?.close({ deadline: 0 });
  });

  it.each([TeapotFilter, CatchAllFilter])("lets the application's APP_FILTER %p win", async (filter) => {
    const client = await start({ max: 1, acquireTimeout: 20 }, [{ provide: APP_FILTER, useClass: filter }]);
    await exhaust();
    expect((await client.get('/parameter')).status).toBe(418);
    await server.coordinator.pools.get('session')?.close({ deadline: 0 });
  });

  it.each(['/parameter', '/wrong'])(
    'is answered the same by a catch-all filter that asks for getStatus() and getResponse(): %s',
    async (path) => {
      const answers: unknown[] = [];
      for (const providers of [[], [{ provide: APP_FILTER, useClass: DuckTypingFilter }]]) {
        const client = await start({ max: 1, acquireTimeout: 20 }, providers);
        await exhaust();
        const { status, body } = await client.get(path);
        answers.push([status, JSON.parse(body)]);
        await pool()?.close({ deadline: 0 });
        if (answers.length === 1) await server.app.close();
      }
      expect(answers[1]).toEqual(answers[0]);
    },
  );

  it.each([
    ['of a module', [{ provide: APP_FILTER, useClass: NestsFilter }], undefined],
    ['of main.ts', [], (app: INestApplication) => app.useGlobalFilters(new NestsFilter(adapterOf(app)))],
  ])('answers as ever where a filter %s leaves the answer to Nest', async (_whose, providers, prepare) => {
    const client = await start({ max: 1, acquireTimeout: 20 }, providers, prepare);
    await exhaust();
    const { status, headers, body } = await client.get('/parameter');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(body)).toMatchObject({ error: 'AcquireTimeoutError', pool: 'session' });
    await pool()?.close({ deadline: 0 });
    expect((await client.get('/wrong')).status).toBe(500);
  });

  it('answers so with the error of another copy of this package', async () => {
    const client = await start({ max: 1 });
    const { status, headers, body } = await client.get('/foreign');
    expect([status, headers['retry-after'], JSON.parse(body)]).toEqual([503, '7', { mine: 'foreign' }]);
  });

  it('leaves to Nest the error of a copy that has no such answer', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const client = await start({ max: 1 });
    expect((await client.get('/half')).status).toBe(500);
    const [[error]] = logged.mock.calls;
    logged.mockRestore();
    expect(error).toMatchObject({ message: 'of a copy that answers otherwise' });
  });

  it('lets a global filter of main.ts win', async () => {
    const client = await start({ max: 1, acquireTimeout: 20 }, [], (app) => {
      app.useGlobalFilters(new CatchAllFilter(app.get(HttpAdapterHost)));
    });
    await exhaust();
    expect((await client.get('/parameter')).status).toBe(418);
    await server.coordinator.pools.get('session')?.close({ deadline: 0 });
  });

  it('leaves other errors to Nest', async () => {
    const client = await start({ max: 1 }, [{ provide: APP_FILTER, useClass: BaseExceptionFilter }]);
    expect((await client.get('/nowhere')).status).toBe(404);
  });

  it('frees a place in the queue when the waiting client hangs up and its signal is aborted', async () => {
    const client = await start({ max: 1, acquireTimeout: '10s' });
    const lease = await server.coordinator.acquire('session');
    const sent = client.send('GET', '/parameter');
    sent.end();
    await until(() => server.coordinator.stats().pools['session']?.pending === 1, 'the request waits');
    sent.destroy();
    await until(() => server.coordinator.stats().pools['session']?.pending === 0, 'nobody waits any more');
    await lease.release();
    expect(server.coordinator.leases()).toEqual([]);
  });
});
