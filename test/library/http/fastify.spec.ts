import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { WebSocket } from 'ws';
import { each, KEPT, RETIRED, Tenants } from './tenants.fixture.js';
import { until } from './until.fixture.js';

const websocket = createRequire(import.meta.url)('@fastify/websocket') as never; // a plugin, which is tried as it comes

let tenants: Tenants;
afterEach(() => tenants.close());

const fastifyOf = (app: INestApplication): FastifyInstance =>
  app.getHttpAdapter().getInstance() as FastifyInstance;

/** An instance that is told of things before Nest knows the adapter. */
async function startPrepared(
  before: (fastify: FastifyInstance, tenants: Tenants) => unknown,
  after: (fastify: FastifyInstance, tenants: Tenants) => void = () => undefined,
): Promise<Tenants> {
  const adapter = new FastifyAdapter();
  const early = new Tenants();
  await before(adapter.getInstance(), early);
  return await Tenants.start('fastify', (app) => after(fastifyOf(app), early), adapter, early);
}

/** An instance that is told of things when Nest knows it. */
async function start(prepare: (fastify: FastifyInstance, tenants: Tenants) => void): Promise<Tenants> {
  return await Tenants.start('fastify', (app, all) => prepare(fastifyOf(app), all));
}

describe('on fastify, a plugin that calls what it was given in a way of its own', () => {
  it('answers on web sockets', async () => {
    tenants = await start((fastify) => {
      void fastify.register(websocket);
      void fastify.register(async (plugin) => {
        plugin.get(
          '/socket',
          { websocket: true } as object,
          ((socket: WebSocket) => {
            socket.on('message', (message: Buffer) => socket.send(`heard ${message.toString()}`));
          }) as never,
        );
      });
    });
    const socket = new WebSocket(`${tenants.url.replace('http', 'ws')}/socket`);
    await once(socket, 'open');
    socket.send('hello');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect(answer.toString()).toBe('heard hello');
    expect(await tenants.getAs('acme', '/socket')).toMatch('404');
    socket.close();
    await once(socket, 'close');
  });

  it('closes its web sockets with the application, and nobody waits for them', async () => {
    tenants = await start((fastify) => {
      void fastify.register(websocket);
      void fastify.register(async (plugin) => {
        plugin.get('/socket', { websocket: true } as object, (() => undefined) as never);
      });
    });
    const socket = new WebSocket(`${tenants.url.replace('http', 'ws')}/socket`);
    const closed = once(socket, 'close');
    await once(socket, 'open');
    const before = performance.now();
    await tenants.close();
    await closed;
    expect(performance.now() - before).toBeLessThan(5_000); // half of the drain deadline
  });

  it('borrows on a web socket for the request that opened it, until it closes', async () => {
    tenants = await start((fastify, { see }) => {
      void fastify.register(websocket);
      void fastify.register(async (plugin) => {
        plugin.get(
          '/socket',
          { websocket: true } as object,
          (async (socket: WebSocket) => {
            await see('socket');
            socket.send('borrowed');
          }) as never,
        );
      });
    });
    const sockets = Tenants.all.map(
      (tenant) =>
        new WebSocket(`${tenants.url.replace('http', 'ws')}/socket`, { headers: { 'x-tenant': tenant } }),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'message')));
    expect(tenants.seen).toEqual(each(['socket']));
    for (const socket of sockets) socket.close();
    await until(() => tenants.stats.scopes === 0, 'the scopes are over');
    expect(tenants.stats.pools['account']).toMatchObject({ acquired: 3, released: 3, leased: 0, idle: 0 });
  });

  it('may call a handler with other arguments, and a hook without a callback', async () => {
    const got: unknown[] = [];
    tenants = await start((fastify) => {
      fastify.addHook('onRoute', (route: RouteOptions) => {
        if (route.url !== '/other') return;
        const handler = route.handler as (...args: unknown[]) => unknown;
        route.handler = async () => handler.call(fastify, 'one', undefined, 3);
      });
      fastify.get('/other', ((...args: unknown[]) => {
        got.push(...args);
        return 'done';
      }) as never);
    });
    expect(await tenants.getAs('acme', '/other')).toBe('200 done');
    expect(got).toEqual(['one', undefined, 3]);
  });

  it('sees what a route is made of, and what was written to it', async () => {
    const seen: unknown[] = [];
    const handler = Object.assign(async () => 'done', { config: { cached: true } });
    const preHandler = async () => undefined;
    tenants = await start((fastify) => {
      fastify.addHook('onRoute', (route: RouteOptions) => {
        seen.push(route.handler, route.preHandler);
      });
      fastify.get('/written', { exposeHeadRoute: false, preHandler }, handler);
    });
    expect(await tenants.getAs('acme', '/written')).toBe('200 done');
    const [first, second] = seen as [typeof handler, typeof preHandler];
    expect(first.config).toEqual({ cached: true });
    expect([first, second]).toEqual([handler, preHandler]);
  });

  it('may put a handler of its own around one, which is followed, too', async () => {
    tenants = await start((fastify, { see, ask }) => {
      fastify.addHook('onRoute', (route: RouteOptions) => {
        if (route.url !== '/around') return;
        const inner = route.handler as (...args: unknown[]) => unknown;
        route.handler = async (...args) => {
          await see('outer handler');
          return await inner.call(fastify, ...args);
        };
      });
      fastify.addHook('preHandler', (_request, _reply, done) => ask(done));
      fastify.get('/around', async () => {
        await see('inner handler');
        return 'done';
      });
    });
    await tenants.get('/around');
    expect(tenants.seen).toEqual(each(['outer handler', 'inner handler']));
    expect(await tenants.hangUp('/around')).toEqual(KEPT);
  });
});

describe('on fastify, what was registered before Nest knew the adapter', () => {
  it('hooks borrow for their own request, whatever calls the callback of one', async () => {
    tenants = await startPrepared(
      (fastify, { see, ask }) => {
        fastify.addHook('onRequest', async () => await see('onRequest'));
        fastify.addHook('preHandler', (_request, _reply, done) => ask(done));
        fastify.addHook('preHandler', async () => await see('preHandler'));
        fastify.addHook('onSend', (_request, _reply, payload, done) => ask(() => done(null, payload)));
        fastify.addHook('onSend', async () => await see('onSend'));
      },
      (fastify) => fastify.get('/late', async () => 'done'),
    );
    expect(await tenants.get('/late')).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(['onRequest', 'preHandler', 'onSend']));
    expect(await tenants.hangUp('/late')).toEqual(RETIRED);
  });

  it('routes borrow for their own request, in plugins and with hooks of their own', async () => {
    tenants = await startPrepared((fastify, { see, ask }) => {
      void fastify.register(
        async (plugin) => {
          plugin.addHook('onRequest', (_request, _reply, done) => ask(done));
          plugin.get(
            '/early',
            {
              preValidation: async () => await see('preValidation'),
              preHandler: [
                (_request, _reply, done) => ask(done),
                async () => await see('preHandler'),
                (_request, _reply, done) => ask(done),
              ],
            },
            async () => {
              await see('route');
              return 'done';
            },
          );
        },
        { prefix: '/plugin' },
      );
      fastify.get('/early', async (_request, reply) => {
        await see('route');
        return await reply.send('done');
      });
    });
    expect(await tenants.get('/plugin/early')).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(['preValidation', 'preHandler', 'route']));
    expect(await tenants.hangUp('/early')).toEqual(KEPT);
    expect(await tenants.hangUp('/plugin/early')).toEqual(RETIRED);
  });

  it('plugins that were awaited, their hooks, parsers and handlers, too', async () => {
    tenants = await startPrepared(async (fastify, { see, ask }) => {
      await fastify.register(async (plugin) => {
        plugin.addHook('onRequest', async () => await see('onRequest'));
        plugin.addHook('preParsing', (_request, _reply, payload, done) => ask(() => done(null, payload)));
        plugin.addContentTypeParser(
          'text/tenant',
          { parseAs: 'string' },
          async (_request: unknown, body: string) => {
            await see('parser');
            return body;
          },
        );
        plugin.setErrorHandler(async (_error, _request, reply) => {
          await see('error handler');
          return await reply.code(418).send('done');
        });
        plugin.post('/loaded', (_request, _reply) => {
          throw new Error('refused');
        });
      });
      await fastify.after();
    });
    const post = async (tenant: string) =>
      await fetch(`${tenants.url}/loaded`, {
        method: 'POST',
        body: 'x',
        headers: { 'x-tenant': tenant, 'content-type': 'text/tenant' },
      });
    expect((await Promise.all(Tenants.all.map(post))).map(({ status }) => status)).toEqual([418, 418, 418]);
    expect(tenants.seen).toEqual(each(['onRequest', 'parser', 'error handler']));
  });
});

describe('on fastify, who answers an error borrows for the request that failed', () => {
  it.each<[string, (fastify: FastifyInstance, tenants: Tenants) => void]>([
    [
      'of a plugin',
      (fastify, { see, ask }) => {
        void fastify.register(async (plugin) => {
          plugin.setErrorHandler(async (_error, _request, reply) => {
            await see('error handler');
            return await reply.code(418).send('done');
          });
          plugin.get('/failing', (_request, reply) => ask(() => reply.send(new Error('refused'))));
        });
      },
    ],
    [
      'of a route',
      (fastify, { see, ask }) => {
        const errorHandler = async (_error: unknown, _request: unknown, reply: never): Promise<void> => {
          await see('error handler');
          await (reply as { code(code: number): { send(body: string): PromiseLike<void> } })
            .code(418)
            .send('done');
        };
        fastify.get('/failing', { errorHandler: errorHandler as never }, (_request, reply) =>
          ask(() => reply.send(new Error('refused'))),
        );
      },
    ],
    [
      'of a plugin, when that of a route has failed',
      (fastify, { see, ask }) => {
        void fastify.register(async (plugin) => {
          plugin.setErrorHandler(async (_error, _request, reply) => {
            await see('error handler');
            return await reply.code(418).send('done');
          });
          const errorHandler = (
            error: unknown,
            _request: unknown,
            reply: { send(body: unknown): void },
          ): void => ask(() => reply.send(error));
          plugin.get('/failing', { errorHandler }, () => {
            throw new Error('refused');
          });
        });
      },
    ],
  ])('by a handler %s', async (_whose, prepare) => {
    tenants = await start(prepare);
    expect(await tenants.get('/failing')).toEqual(Tenants.all.map(() => '418 done'));
    expect(tenants.seen).toEqual(each(['error handler']));
    expect(await tenants.hangUp('/failing')).toEqual(KEPT);
  });
});

describe('on fastify, whoever else is called for a request', () => {
  it('of what is not found, with a prefix of its own', async () => {
    tenants = await start((fastify, { see, ask }) => {
      void fastify.register(
        async (plugin) => {
          plugin.setNotFoundHandler(
            { preHandler: [(_request, _reply, done) => ask(done)] },
            async (_request, reply) => {
              await see('nowhere');
              return await reply.code(404).send('done');
            },
          );
          plugin.get('/called', (_request, reply) => ask(() => reply.callNotFound()));
        },
        { prefix: '/plugin' },
      );
    });
    expect(await tenants.get('/plugin/nowhere')).toEqual(Tenants.all.map(() => '404 done'));
    expect(tenants.seen).toEqual(each(['nowhere']));
    tenants.accounts.seen.length = 0;
    expect(await tenants.get('/plugin/called')).toEqual(Tenants.all.map(() => '404 done'));
    expect(tenants.seen).toEqual(each(['nowhere']));
    expect(await tenants.hangUp('/plugin/called')).toEqual(KEPT);
  });

  it('by CORS, which asks for the origin, and by hooks around the body', async () => {
    tenants = await Tenants.start('fastify', (app, { see, ask }) => {
      app.enableCors({
        origin: (_origin: unknown, answer: (error: Error | null, allowed?: boolean) => void) => {
          void see('origin').then(() => ask(() => answer(null, true)), answer);
        },
      });
      const fastify = fastifyOf(app);
      fastify.addHook('preSerialization', (_request, _reply, payload, done) =>
        ask(() => done(null, payload)),
      );
      fastify.addHook('preSerialization', async () => await see('preSerialization'));
      fastify.addHook('onResponse', async () => undefined);
      fastify.get('/cors', async () => ({ done: true }));
    });
    expect(await tenants.get('/cors')).toEqual(Tenants.all.map(() => '200 {"done":true}'));
    expect(tenants.seen).toEqual(each(['origin', 'preSerialization']));
  });

  it("by the adapter's own hooks, one after the other", async () => {
    tenants = await Tenants.start('fastify', (app, { see, ask }) => {
      const adapter = app.getHttpAdapter() as FastifyAdapter;
      adapter.setOnRequestHook((_request, _reply, done) => ask(done));
      app.enableCors({
        origin: (_origin: unknown, answer: (error: Error | null, allowed?: boolean) => void) => {
          void see('origin').then(() => answer(null, true), answer);
        },
      });
      fastifyOf(app).get('/hooked', async () => 'done');
    });
    expect(await tenants.get('/hooked')).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(['origin']));
  });

  it('by what validates it, after a hook that goes on from a shared callback', async () => {
    tenants = await start((fastify, { see, ask }) => {
      fastify.addHook('onRequest', (_request, _reply, done) => ask(done));
      const validatorCompiler = () => async (value: unknown) => {
        await see('validator');
        return { value };
      };
      const schema = { querystring: {} };
      fastify.get(
        '/validated',
        { schema, validatorCompiler: validatorCompiler as never },
        async () => 'done',
      );
    });
    expect(await tenants.get('/validated')).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(['validator']));
  });

  it('by the hook of an aborted request, while its handler works', async () => {
    tenants = await start((fastify, { see }) => {
      fastify.addHook('onRequestAbort', async (_request) => await see('abort'));
      fastify.addHook('onRequestAbort', (_request, done) => done());
      fastify.get('/aborted', async () => {
        await see('handler');
        return 'done';
      });
    });
    expect(await tenants.hangUp('/aborted')).toEqual(KEPT);
    expect(tenants.seen).toMatchObject({ acme: ['handler', 'abort'] });
  });
});

describe('on fastify, what is asked before there is a request', () => {
  it('is told that it can borrow for none', async () => {
    const told: string[] = [];
    const early = new Tenants();
    const borrow = (): void => {
      void early.see('nowhere').catch((error: Error) => told.push(error.name));
    };
    const adapter = new FastifyAdapter({
      rewriteUrl: ({ url = '' }) => {
        borrow();
        return url;
      },
      frameworkErrors: (_error: unknown, _request: unknown, reply: { send(body: string): void }) => {
        borrow();
        reply.send('done');
      },
    } as never);
    tenants = await Tenants.start('fastify', () => undefined, adapter, early);
    expect(await tenants.getAs('acme', '/%zz')).toMatch('done');
    expect(told).toEqual(['NoLeaseScopeError', 'NoLeaseScopeError']);
  });
});

describe('on fastify, middleware borrows for its own request', () => {
  type Mount = (
    middleware: (request: unknown, response: unknown, next: (error?: unknown) => void) => unknown,
  ) => void;

  const mountTwo = (use: Mount, { see, ask }: Tenants): void => {
    use((_request, _response, next) => ask(next));
    use((_request, _response, next) => {
      void see('middleware').then(() => next(), next);
    });
  };

  it('which is mounted on an instance, and on one of a plugin', async () => {
    tenants = await start((fastify, all) => {
      const used = (instance: unknown) => instance as { use: Mount };
      mountTwo((middleware) => used(fastify).use(middleware), all);
      void fastify.register(async (plugin) => {
        mountTwo((middleware) => used(plugin).use(middleware), all);
        plugin.get('/behind', async () => 'done');
      });
    });
    expect(await tenants.get('/behind')).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(['middleware', 'middleware']));
  });
});

describe('on fastify, the same functions in two applications', () => {
  it('borrow of their own', async () => {
    const preHandler = async (request: unknown): Promise<void> => {
      await (request as { server: { tenants: Tenants } }).server.tenants.see('preHandler');
    };
    const handler = async () => 'done';
    const prepare = (fastify: FastifyInstance, all: Tenants): void => {
      fastify.decorate('tenants', all);
      fastify.addHook('preHandler', (_request, _reply, done) => all.ask(done));
      fastify.get('/shared', { preHandler }, handler);
    };
    const other = await start(prepare);
    tenants = await start(prepare);
    try {
      await Promise.all([other.get('/shared'), tenants.get('/shared')]);
      for (const { seen } of [other, tenants]) expect(seen).toEqual(each(['preHandler']));
      expect(await other.hangUp('/shared')).toEqual(KEPT);
    } finally {
      await other.close();
    }
  });
});
