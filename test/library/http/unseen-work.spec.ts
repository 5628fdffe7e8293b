import type { Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Logger,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestMiddleware,
  type NestModule,
  RequestTimeoutException,
  Res,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { defer, type Observable, throwError, timeout } from 'rxjs';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** Work with a session that goes on until the test lets it. */
@Injectable()
class Work {
  readonly sessions: Session[] = [];
  done = 0;
  private finish: () => void = () => undefined;

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async go(): Promise<string> {
    this.sessions.push(await this.session.acquire());
    return await this.goOn();
  }

  /** The same with what it has already. */
  async goOn(): Promise<string> {
    await new Promise<void>((resolve) => (this.finish = resolve));
    this.done++;
    return 'done';
  }

  end(): void {
    this.finish();
  }
}

@Injectable()
class Timeout implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(timeout({ first: 30, with: () => throwError(() => new RequestTimeoutException()) }));
  }
}

/** A thenable that does its work when it is read. */
class Lazy implements PromiseLike<string> {
  constructor(private readonly work: () => Promise<string>) {}

  // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what it is about
  readonly then: Promise<string>['then'] = (done, failed) => this.work().then(done, failed);
}

@Injectable()
class BorrowingMiddleware implements NestMiddleware {
  constructor(private readonly work: Work) {}

  async use(_request: unknown, _response: unknown, next: () => void): Promise<void> {
    await this.work.go();
    next();
  }
}

/** Works in steps, and goes on in a callback after the first. */
@Injectable()
class CallbackMiddleware implements NestMiddleware {
  constructor(private readonly work: Work) {}

  async use(_request: unknown, _response: unknown, next: () => void): Promise<void> {
    await this.work.go();
    void this.work.goOn().then(() => next());
  }
}

@Injectable()
class FailingMiddleware implements NestMiddleware {
  constructor(private readonly work: Work) {}

  async use(): Promise<void> {
    await this.work.go();
    throw new Error('the query failed');
  }
}

/** Node's own response of either platform. */
function raw(response: unknown): ServerResponse {
  return (response as { raw?: ServerResponse }).raw ?? (response as ServerResponse);
}

@Controller()
class WorkController {
  constructor(private readonly work: Work) {}

  @Get('promise')
  promise(): Promise<string> {
    return this.work.go();
  }

  @Get('thenable')
  thenable(): PromiseLike<string> {
    return new Lazy(() => this.work.go());
  }

  @Get('observable')
  observable(): Observable<string> {
    return defer(() => this.work.go());
  }

  @Get('late/promise')
  @UseInterceptors(Timeout)
  latePromise(): Promise<string> {
    return this.work.go();
  }

  @Get('late/observable')
  @UseInterceptors(Timeout)
  lateObservable(): Observable<string> {
    return defer(() => this.work.go());
  }

  @Get('callback')
  callback(@Res() response: never): void {
    void this.work.go().then((text) => raw(response).end(text));
  }

  @Get('callback/of/async')
  async callbackOfAsync(@Res() response: never): Promise<void> {
    void this.work.go().then((text) => raw(response).end(text));
  }

  @Get('callback/of/steps')
  async callbackOfSteps(@Res() response: never): Promise<void> {
    await this.work.go();
    void this.work.goOn().then((text) => raw(response).end(text));
  }

  @Get('callback/of/response')
  callbackOfResponse(@Res() response: never): unknown {
    void this.work.go().then((text) => raw(response).end(text));
    return response;
  }

  @Get(['behind/middleware', 'behind/callback', 'behind/failing'])
  behind(): string {
    return 'done';
  }

  /** A stream that does not tell of its end. */
  @Get('behind/unclosed')
  behindUnclosed(): StreamableFile {
    return new StreamableFile(new Readable({ emitClose: false, read: () => undefined }));
  }
}

@Module({
  controllers: [WorkController],
  providers: [Work, BorrowingMiddleware, CallbackMiddleware, FailingMiddleware],
})
class WorkModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(BorrowingMiddleware).forRoutes('behind/middleware', 'behind/unclosed');
    consumer.apply(CallbackMiddleware).forRoutes('behind/callback');
    consumer.apply(FailingMiddleware).forRoutes('behind/failing');
  }
}

let server: LendingApp;
let factory: SessionFactory;
let work: Work;

async function start(adapter: Adapter, prepare?: (app: INestApplication) => void): Promise<void> {
  factory = new SessionFactory();
  const session = factory.definition({ max: 1, abandonment: { wait: 0 } });
  server = await startLendingApp(adapter, { resources: { session } }, { imports: [WorkModule] }, prepare);
  work = server.app.get(Work);
}

/** Begins a request, and leaves it when its work has begun. */
async function hangUp(path: string): Promise<void> {
  const sent = new Client(server.port).send('GET', path);
  sent.end();
  await until(() => work.sessions.length === 1, 'the work has begun');
  sent.destroy();
}

const pool = () => server.coordinator.stats().pools['session'];
const connections = (): Promise<number> =>
  promisify((done: (error: Error | null, count: number) => void) =>
    (server.app.getHttpServer() as Server).getConnections(done),
  )();

afterEach(async () => {
  work.end();
  await server.app.close();
});

describe.each(ADAPTERS)('on %s, the session of work that can be seen goes back, after', (adapter) => {
  beforeEach(() => start(adapter));

  const isKeptUntilSettled = async (path: string): Promise<void> => {
    await hangUp(path);
    const next = server.coordinator.acquire<Session>('session', { timeout: 50 });
    await expect(next).rejects.toThrow('within 50 ms');
    await isBackWhenSettled();
  };

  const isBackWhenSettled = async (): Promise<void> => {
    work.end();
    await until(() => pool().leased === 0, 'the session is back');
    expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
  };

  it('a promise whose client hangs up: when it has settled', async () => {
    await isKeptUntilSettled('/promise');
  });

  it('a thenable whose client hangs up: when it has settled', async () => {
    await isKeptUntilSettled('/thenable');
  });

  it('asynchronous middleware whose client hangs up: when it has settled', async () => {
    await isKeptUntilSettled('/behind/middleware');
  });

  it('asynchronous middleware that fails when its client has hung up: when it has settled', async () => {
    await isKeptUntilSettled('/behind/failing');
  });

  it('a promise that a time-out gave up: when it has settled', async () => {
    expect((await new Client(server.port).get('/late/promise')).status).toBe(408);
    expect(pool()).toMatchObject({ leased: 1 });
    await isBackWhenSettled();
  });
});

describe.each(ADAPTERS)('on %s, a body that comes when the client is gone', (adapter) => {
  it('keeps no session, although it does not tell of its end', async () => {
    await start(adapter);
    await hangUp('/behind/unclosed');
    await until(async () => (await connections()) === 0, 'the server knows');
    work.end();
    await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
    expect(pool()).toMatchObject({ leased: 0 });
  });
});

describe('on fastify, the session of work that can be seen goes back, after', () => {
  it.each(['GET', 'POST'])(
    'what was mounted beside Nest and has no route, when it has settled: %s',
    async (method) => {
      await start('fastify', (app) => {
        const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
        fastify.addContentTypeParser('text/work', async () => await app.get(Work).go());
        void fastify.register(
          (plugin, _options, done) => {
            plugin.setNotFoundHandler(async () => await app.get(Work).go());
            plugin.post('/known', async () => 'done');
            done();
          },
          { prefix: '/plugin' },
        );
      });
      const sent = new Client(server.port).send(
        method,
        method === 'GET' ? '/plugin/unknown' : '/plugin/known',
      );
      if (method === 'POST') sent.setHeader('content-type', 'text/work');
      sent.end(method === 'POST' ? 'x' : undefined);
      await until(() => work.sessions.length === 1, 'the work has begun');
      sent.destroy();
      const next = server.coordinator.acquire<Session>('session', { timeout: 50 });
      await expect(next).rejects.toThrow('within 50 ms');
      work.end();
      await until(() => pool().leased === 0, 'the session is back');
      expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
    },
  );
});

describe('on fastify, the session of hooks goes back, after', () => {
  it('an asynchronous one whose client hangs up: when what comes next has settled', async () => {
    const steps: string[] = [];
    await start('fastify', (app) => {
      const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('preHandler', async () => void steps.push(await app.get(Work).go()));
      fastify.get('/hooked', async () => {
        const { resource } = await app.get(ResourceCoordinator).acquire<Session>('session');
        steps.push(`session ${resource.id}`);
        return await app.get(Work).goOn();
      });
    });
    await hangUp('/hooked');
    await until(async () => (await connections()) === 0, 'the server knows');
    work.end();
    await until(() => steps.length === 2, 'the handler was reached');
    expect(steps).toEqual(['done', 'session 1']);
    expect(pool()).toMatchObject({ leased: 1 });
    work.end();
    await until(() => pool().leased === 0, 'the session is back');
    expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
  });
});

describe.each(ADAPTERS)('on %s, the session of work that goes on unseen goes back, after', (adapter) => {
  beforeEach(() => start(adapter));

  const isNotLentOn = async (): Promise<void> => {
    const lease = await server.coordinator.acquire<Session>('session');
    expect(work.done).toBe(0);
    expect(lease.resource).not.toBe(work.sessions[0]);
    expect(pool()).toMatchObject({ created: 2, retired: { abandoned: 1 } });
    await lease.release();
  };

  it('an Observable that a time-out gave up: never, it is held and then retired', async () => {
    expect((await new Client(server.port).get('/late/observable')).status).toBe(408);
    await isNotLentOn();
  });

  it('an Observable whose client hangs up: never, it is held and then retired', async () => {
    await hangUp('/observable');
    await isNotLentOn();
  });

  it('a handler that answers in a callback, whose client hangs up: never, it is held and then retired', async () => {
    await hangUp('/callback');
    await isNotLentOn();
  });

  it.each(['/callback/of/async', '/callback/of/response'])(
    'such a handler, whatever it returns: never, it is held and then retired: %s',
    async (path) => {
      await hangUp(path);
      await isNotLentOn();
    },
  );

  const isNotLentOnByACallback = async (path: string): Promise<void> => {
    await hangUp(path);
    await until(async () => (await connections()) === 0, 'the server knows');
    work.end();
    await until(() => pool().leased === 0, 'the request is over');
    const lease = await server.coordinator.acquire<Session>('session');
    expect(work.done).toBe(1);
    expect(lease.resource).not.toBe(work.sessions[0]);
    await lease.release();
  };

  it('a callback that began when the client was gone: never, it is held and then retired', async () => {
    await isNotLentOnByACallback('/callback/of/steps');
  });

  it('such a callback of middleware: never, it is held and then retired', async () => {
    await isNotLentOnByACallback('/behind/callback');
  });
});

describe.each(ADAPTERS)('on %s, the log', (adapter) => {
  it('says once for a type that a resource was abandoned, by whom, and what to do', async () => {
    const warnings: string[] = [];
    const warn = jest
      .spyOn(Logger.prototype, 'warn')
      .mockImplementation((text: string) => void warnings.push(text));
    try {
      await start(adapter);
      for (let i = 1; i <= 2; i++) {
        expect((await new Client(server.port).get('/late/observable')).status).toBe(408);
        await until(() => pool().retired.abandoned === i, 'it is retired');
      }
    } finally {
      warn.mockRestore();
    }
    expect(warnings).toEqual([expect.stringContaining('WorkController.lateObservable (http) was given up')]);
    expect(warnings[0]).toContain('its "session"');
  });
});

describe.each(ADAPTERS)('on %s, an answer that comes', (adapter) => {
  beforeEach(() => start(adapter));

  it.each(['promise', 'thenable', 'observable', 'callback', 'behind/middleware'])(
    'of %s gives its session back',
    async (path) => {
      const answer = new Client(server.port).get(`/${path}`);
      await until(() => work.sessions.length === 1, 'the work has begun');
      work.end();
      expect((await answer).body).toBe('done');
      await until(() => pool().leased === 0, 'the session is back');
      expect(pool()).toMatchObject({ created: 1, idle: 1 });
    },
  );
});
