import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  type CallHandler,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Param,
  type NestInterceptor,
  Post,
  Res,
  Sse,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { concatMap, defer, type Observable, of } from 'rxjs';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** Work with a session that goes on until the test lets it. */
@Injectable()
class Work {
  begun = 0;
  private ends: (() => void)[] = [];

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async go(): Promise<void> {
    await this.session.acquire();
    this.begun++;
    await new Promise<void>((resolve) => this.ends.push(resolve));
  }

  end(): void {
    for (const end of this.ends.splice(0)) end();
  }
}

@Injectable()
class WorkingInterceptor implements NestInterceptor {
  constructor(private readonly work: Work) {}

  async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    await this.work.go();
    return next.handle();
  }
}

@Injectable()
class DeferringInterceptor implements NestInterceptor {
  constructor(private readonly work: Work) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return defer(() => this.work.go()).pipe(concatMap(() => next.handle()));
  }
}

type Response = ServerResponse & { raw?: ServerResponse };

/** Node's own of either platform. */
const raw = (response: Response): ServerResponse => response.raw ?? response;

@Controller()
class WorkController {
  constructor(private readonly work: Work) {}

  @Sse('events')
  @UseInterceptors(WorkingInterceptor)
  events(): Observable<unknown> {
    return of({ data: 1 });
  }

  @Sse('events/deferred')
  @UseInterceptors(DeferringInterceptor)
  deferredEvents(): Observable<unknown> {
    return of({ data: 1 });
  }

  /** Events by hand: who hears of the client's end tidies up, while a tick works. */
  @Get('ticks')
  ticks(@Res() response: Response): void {
    const answer = raw(response);
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(': begun\n\n');
    void this.work.go();
    answer.on('close', () => answer.end());
  }

  @Get('aborted')
  aborted(@Res() response: Response): void {
    const answer = raw(response);
    answer.req.on('aborted', () => answer.end());
    void this.work.go().then(() => answer.end('done'));
  }

  @Get('value')
  async value(): Promise<string> {
    return await Promise.resolve('value');
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from(['x']));
  }

  @Get('slow')
  slow(@Res() response: Response): void {
    void this.work.go().then(() => raw(response).end('done'));
  }

  @Get('trailed/:form')
  trailed(@Param('form') form: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    reply.trailer('x-work', (_reply, _payload, done) => {
      const made = this.work.go();
      if (form === 'promise') return made.then(() => 'made') as never; // its type knows one form only
      void made.then(() => done(null, 'made'));
      return undefined;
    });
    return 'answer';
  }

  @Get('untrailed/:form')
  async untrailed(
    @Param('form') form: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.work.go();
    const forms: Record<string, unknown> = { nothing: undefined, null: null, text: 'text' };
    reply.trailer('x-work', () => forms[form] as never); // its type knows better
    return 'answer';
  }

  /** Not marked as asynchronous, which says nothing of a promise that is waited for. */
  @Delete('removed')
  removed(): Promise<void> {
    return this.work.go();
  }

  @Delete('removed/by-hand')
  removedByHand(@Res() response: Response): Promise<void> {
    return this.work.go().then(() => void raw(response).end('removed'));
  }

  @Get('generated')
  async *generated(): AsyncGenerator<string> {
    yield await Promise.resolve('x');
  }

  @Get('rows')
  async *rows(): AsyncGenerator<string> {
    await this.work.go();
    for (;;) {
      yield 'x'.repeat(65_536);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  @Post('upload')
  upload(): string {
    return 'uploaded';
  }
}

let server: LendingApp;
let work: Work;

const pool = () => server.coordinator.stats().pools['session'];

async function start(
  adapter: Adapter,
  prepare: (app: INestApplication, work: () => Work) => void = () => undefined,
): Promise<void> {
  const session = new SessionFactory().definition({ max: 1, abandonment: { wait: '1h' } });
  server = await startLendingApp(
    adapter,
    { resources: { session }, drainTimeout: 0 },
    { controllers: [WorkController], providers: [Work] },
    (app) => prepare(app, () => work),
  );
  work = server.app.get(Work);
}

const connections = (): Promise<number> =>
  promisify((done: (error: Error | null, count: number) => void) =>
    (server.app.getHttpServer() as Server).getConnections(done),
  )();

async function hangUpDuringWork(path: string): Promise<void> {
  const sent = new Client(server.port).send('GET', path);
  sent.end();
  await until(() => work.begun === 1, 'the work has begun');
  sent.destroy();
}

async function leaveWhileReading(path: string): Promise<void> {
  const sent = new Client(server.port).send('GET', path);
  sent.end();
  await until(() => work.begun === 1, 'the work has begun');
  work.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await once(response, 'readable');
  sent.destroy();
}

/** The session goes back when the work has ended, whose client has left. */
async function expectBack(): Promise<void> {
  await until(async () => (await connections()) === 0, 'the server knows');
  work.end();
  await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
  expect(pool()).toMatchObject({ abandoned: 0, idle: 1 });
}

async function expectHeld(): Promise<void> {
  await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
  expect(pool()).toMatchObject({ abandoned: 1, idle: 0 });
}

afterEach(async () => {
  work.end();
  await server.app.close();
});

describe.each(ADAPTERS)('on %s, a session is held when a client has left', (adapter) => {
  it.each(['/events', '/events/deferred'])('while an interceptor of events works: %s', async (path) => {
    await start(adapter);
    await hangUpDuringWork(path);
    await expectHeld();
  });

  it.each(['/ticks', '/aborted'])(
    'whom somebody answers when it has left, while others work: %s',
    async (path) => {
      await start(adapter);
      await hangUpDuringWork(path);
      await expectHeld();
    },
  );

  /** Where such a store stands: at the response itself, or at what the response inherits from. */
  const stores: Record<string, (response: ServerResponse) => ServerResponse> = {
    'at the response': (response) => response,
    'at its class': (response) => {
      const own = Object.create(Object.getPrototypeOf(response) as object) as ServerResponse; // another of its class
      Object.setPrototypeOf(response, own);
      return own;
    },
  };

  it.each(
    Object.keys(stores).flatMap((where) => ['/value', '/file', '/generated'].map((path) => [where, path])),
  )('while a session store %s is saved before the end of the answer: %s', async (where, path) => {
    await start(adapter, (app, current) => {
      app.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
        const { end } = response;
        stores[where](response).end = function (this: ServerResponse, ...args: unknown[]) {
          void current()
            .go()
            .then(() => end.apply(this, args as Parameters<typeof end>));
          return this;
        };
        next();
      });
    });
    await hangUpDuringWork(path);
    await expectHeld();
  });
});

describe.each(ADAPTERS)('on %s, a session goes back when a client has left', (adapter) => {
  it.each(['/removed', '/removed/by-hand'])('and a promise of nothing has settled: %s', async (path) => {
    await start(adapter);
    const sent = new Client(server.port).send('DELETE', path);
    sent.end();
    await until(() => work.begun === 1, 'the work has begun');
    sent.destroy();
    await expectBack();
  });

  it('and a generator has stopped, although somebody stands before the end of the answer', async () => {
    await start(adapter, (app) => {
      app.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
        const { end } = response;
        response.end = function (...args: unknown[]) {
          return end.apply(this, args as Parameters<typeof end>);
        };
        next();
      });
    });
    await leaveWhileReading('/rows');
    await expectBack();
  });
});

// Fastify's middleware can do that only once.
describe('on express, a session is held when middleware', () => {
  it('takes a request back from a handler that works in a callback', async () => {
    await start('express', (app, current) => {
      app.use((_request: IncomingMessage, _response: ServerResponse, next: (error?: Error) => void) => {
        void until(() => current().begun === 1, 'the work has begun').then(() => next(new Error('too late')));
        next();
      });
    });
    expect(await new Client(server.port).get('/slow')).toMatchObject({ status: 500 });
    await expectHeld();
  });
});

describe.each(ADAPTERS)('on %s, a hook of the adapter', (adapter) => {
  it('is followed until its promise has settled', async () => {
    await start(adapter, (app, current) => {
      const platform = app.getHttpAdapter() as AbstractHttpAdapter;
      platform.setOnRequestHook?.(async (_request: unknown, _response: unknown, done: () => void) => {
        await current().go();
        done();
      });
    });
    await hangUpDuringWork('/value');
    await expect(server.coordinator.acquire('session', { timeout: 50 })).rejects.toThrow('within 50 ms');
    work.end();
    await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
    expect(pool()).toMatchObject({ abandoned: 0, idle: 1 });
  });
});

describe('on fastify', () => {
  const fastifyOf = (app: INestApplication): FastifyInstance =>
    app.getHttpAdapter().getInstance() as FastifyInstance;

  it('a session is held when a client has left, while a hook of its leaving works in a callback', async () => {
    let reached = false;
    await start('fastify', (app, current) => {
      fastifyOf(app).addHook('onRequestAbort', (_request: FastifyRequest, done: () => void) => {
        void current().go().then(done);
      });
      fastifyOf(app).get('/open', async () => {
        reached = true;
        await until(() => current().begun === 1, 'the hook works');
        return 'done';
      });
    });
    const sent = new Client(server.port).send('GET', '/open');
    sent.end();
    await until(() => reached, 'the handler is reached');
    sent.destroy();
    await until(() => work.begun === 1, 'the hook works');
    await expectHeld();
  });

  it('a trailer that is a promise is part of the work of its request', async () => {
    await start('fastify');
    await hangUpDuringWork('/trailed/promise');
    await until(async () => (await connections()) === 0, 'the server knows');
    expect(pool()).toMatchObject({ leased: 1, abandoned: 0 });
    await expectBack();
  });

  it('a session is held when a client has left, while a trailer works in a callback', async () => {
    await start('fastify');
    await hangUpDuringWork('/trailed/done');
    await expectHeld();
  });

  it.each(['nothing', 'null', 'text'])('a trailer that never comes holds no request: %s', async (form) => {
    await start('fastify');
    const sent = new Client(server.port).send('GET', `/untrailed/${form}`);
    sent.end();
    await until(() => work.begun === 1, 'the handler was reached');
    work.end();
    await until(() => server.coordinator.leases().length === 1, 'it has borrowed');
    await new Promise((resolve) => setTimeout(resolve, 50));
    sent.destroy();
    await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
  });

  it('a session is held when a client has left, while a hook that returned the reply works in a callback', async () => {
    await start('fastify', (app, current) => {
      fastifyOf(app).addHook('preHandler', async (_request, reply) => {
        void current()
          .go()
          .then(() => reply.send('done'));
        return reply;
      });
    });
    await hangUpDuringWork('/value');
    await expectHeld();
  });

  it.each(['returned', 'sent'])('a stream of a route beside Nest is followed: %s', async (way) => {
    await start('fastify', (app, current) => {
      async function* rows(): AsyncGenerator<string> {
        yield 'x'.repeat(100_000);
        await current().go();
        yield 'y';
      }
      fastifyOf(app).get('/native', async (_request, reply) => {
        const rowsStream = Readable.from(rows());
        return way === 'sent' ? await reply.send(rowsStream) : rowsStream;
      });
    });
    const sent = new Client(server.port).send('GET', '/native');
    sent.end();
    sent.on('response', (response: IncomingMessage) => response.resume());
    await until(() => work.begun === 1, 'the stream works');
    sent.destroy();
    await until(async () => (await connections()) === 0, 'the server knows');
    expect(pool()).toMatchObject({ leased: 1, abandoned: 0 });
    await expectBack();
  });

  it('an upload costs no session, although its client has left before a hook has settled', async () => {
    await start('fastify', (app, current) => {
      fastifyOf(app).addHook('onRequest', async () => await current().go());
    });
    const sent = new Client(server.port).send('POST', '/upload');
    sent.setHeader('content-type', 'application/json');
    sent.write('{"half":');
    await until(() => work.begun === 1, 'the hook has borrowed');
    sent.destroy();
    await expectBack();
  });

  it('a session is held when a client has left, while a hook that took the reply over works in a callback', async () => {
    await start('fastify', (app, current) => {
      fastifyOf(app).addHook('onRequest', async (_request, reply) => {
        await Promise.resolve();
        reply.hijack();
        void current()
          .go()
          .then(() => reply.raw.end('done'));
      });
    });
    await hangUpDuringWork('/value');
    await expectHeld();
  });

  it.each(['middleware', 'onRequest', 'preParsing'])(
    'an upload that is given up costs no session that a hook has borrowed and settled with: %s',
    async (name) => {
      await start('fastify', (app, current) => {
        const borrow = async (): Promise<void> => {
          setImmediate(() => current().end());
          await current().go();
        };
        if (name === 'middleware')
          app.use(async (_request: unknown, _response: unknown, next: () => void) => {
            await borrow();
            next();
          });
        else if (name === 'onRequest') fastifyOf(app).addHook('onRequest', borrow);
        else
          fastifyOf(app).addHook('preParsing', async (_request, _reply, payload) => {
            await borrow();
            return payload;
          });
      });
      const sent = new Client(server.port).send('POST', '/upload');
      sent.setHeader('content-type', 'application/json');
      const body = new PassThrough();
      body.pipe(sent);
      body.write('{"half":');
      await until(
        () => work.begun === 1 && server.coordinator.leases().length === 1,
        'the hook has borrowed',
      );
      sent.destroy();
      await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
      expect(pool()).toMatchObject({ abandoned: 0, idle: 1 });
    },
  );

  it('a stream costs no session, although a hook in callbacks looks at it', async () => {
    await start('fastify', (app) => {
      fastifyOf(app).addHook('onSend', (_request, _reply, payload, done) => done(null, payload));
    });
    await leaveWhileReading('/rows');
    await expectBack();
  });

  it('hooks that settle, however many, add one listener to a response', async () => {
    await start('fastify', (app) => {
      for (let hooks = 0; hooks < 15; hooks++)
        fastifyOf(app).addHook('onRequest', async () => {
          await Promise.resolve();
        });
      fastifyOf(app).get('/listeners', (_request, reply) => {
        void reply.send({ listeners: reply.raw.listenerCount('prefinish') });
      });
    });
    expect(await new Client(server.port).get('/listeners')).toMatchObject({ body: '{"listeners":1}' });
  });
});
