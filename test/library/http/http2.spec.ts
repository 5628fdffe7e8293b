import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { Readable } from 'node:stream';
import { Controller, Get, Injectable, Res, StreamableFile } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Injectable()
class Gate {
  open: () => void = () => undefined;
  waiting = 0;

  async wait(): Promise<void> {
    this.waiting++;
    await new Promise<void>((resolve) => (this.open = resolve));
  }
}

@Controller()
class WorkController {
  constructor(private readonly gate: Gate) {}

  @Get('quick')
  quick(@PooledResource('session') session: ScopedLease<Session>): object {
    return { session: session.resource.id };
  }

  @Get('slow')
  async slow(@PooledResource('session') session: ScopedLease<Session>): Promise<object> {
    await this.gate.wait();
    return { session: session.resource.id };
  }

  @Get('throwing')
  async throwing(@PooledResource('session') _session: ScopedLease<Session>): Promise<object> {
    await this.gate.wait();
    throw new Error('not today');
  }

  @Get('sending')
  async sending(
    @PooledResource('session') _session: ScopedLease<Session>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.gate.wait();
    void reply.send('x');
  }

  @Get('by-hand')
  async byHand(
    @PooledResource('session') _session: ScopedLease<Session>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.gate.wait();
    reply.raw.end('x');
  }

  @Get('rows')
  rows(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    const { gate } = this;
    async function* rows(): AsyncGenerator<string> {
      yield 'x';
      await gate.wait();
      yield 'y';
    }
    return new StreamableFile(Readable.from(rows()));
  }
}

let app: INestApplication;
let coordinator: ResourceCoordinator;
let gate: Gate;
let client: ClientHttp2Session;

function ask(path: string): ClientHttp2Stream {
  const stream = client.request({ ':path': path });
  stream.on('error', () => undefined); // a cancellation is the test's own doing
  return stream;
}

const RESETS = [
  ['an error', constants.NGHTTP2_CANCEL],
  ['no error', constants.NGHTTP2_NO_ERROR],
] as const;

const pool = () => coordinator.stats().pools['session'];

async function start(prepare: (adapter: FastifyAdapter) => void = () => undefined): Promise<void> {
  const session = new SessionFactory().definition({ max: 2 });
  const module = await Test.createTestingModule({
    imports: [ResourcesModule.forRoot({ resources: { session }, drainTimeout: 300 })],
    controllers: [WorkController],
    providers: [Gate],
  }).compile();
  const adapter = new FastifyAdapter({ http2: true });
  app = module.createNestApplication(adapter, { logger: false });
  prepare(adapter);
  await app.listen(0, '127.0.0.1');
  coordinator = app.get(ResourceCoordinator);
  gate = app.get(Gate);
  const { port } = app.getHttpServer().address() as AddressInfo;
  client = connect(`http://127.0.0.1:${port}`);
  client.on('error', () => undefined);
}

beforeEach(() => start());

afterEach(async () => {
  gate.open();
  client.destroy();
  await app.close();
});

describe('over HTTP/2, the lease goes back', () => {
  it('with the answer', async () => {
    const stream = ask('/quick');
    let body = '';
    for await (const chunk of stream.setEncoding('utf8')) body += chunk;
    expect(body).toBe('{"session":1}');
    await until(() => coordinator.stats().scopes === 0, 'the scope is over');
    expect(pool()).toMatchObject({ leased: 0, created: 1 });
  });

  it('when the handler has settled whose stream was cancelled', async () => {
    const stream = ask('/slow');
    await until(() => gate.waiting === 1, 'the handler waits');
    stream.close();
    await once(stream, 'close');
    expect(pool().leased).toBe(1);
    gate.open();
    await until(() => coordinator.stats().scopes === 0, 'the scope is over');
    expect(pool()).toMatchObject({ leased: 0, created: 1 });
  });

  it.each(RESETS)(
    'when the handler has settled whose stream was reset with %s, although a hook looks at the answer',
    async (_what, code) => {
      await app.close();
      let closed = 0;
      await start((adapter) => {
        const instance = adapter.getInstance();
        instance.addHook('onRequest', (_request, { raw }, done) => {
          raw.once('close', () => closed++);
          done();
        });
        instance.addHook('onSend', async (_request, _reply, payload) => await Promise.resolve(payload));
      });
      const stream = ask('/slow');
      await until(() => gate.waiting === 1, 'the handler waits');
      stream.close(code);
      await until(() => closed === 1, 'the server knows');
      gate.open();
      await until(() => coordinator.stats().scopes === 0, 'the scope is over');
      expect(pool()).toMatchObject({ leased: 0, created: 1 });
    },
  );

  it.each(RESETS)(
    'when a hook that looks at the answer has settled, although its stream was reset with %s',
    async (_what, code) => {
      await app.close();
      let looks = 0;
      let closed = 0;
      let look: () => void = () => undefined;
      await start((adapter) => {
        const instance = adapter.getInstance();
        instance.addHook('onRequest', (_request, { raw }, done) => {
          raw.once('close', () => closed++);
          done();
        });
        instance.addHook('onSend', async (_request, _reply, payload) => {
          looks++;
          await new Promise<void>((resolve) => (look = resolve));
          return payload;
        });
      });
      const stream = ask('/quick');
      await until(() => looks === 1, 'the hook looks');
      stream.close(code);
      await until(() => closed === 1, 'the server knows');
      expect(pool()).toMatchObject({ leased: 1 });
      look();
      await until(() => coordinator.stats().scopes === 0, 'the scope is over', 5_000);
      expect(pool()).toMatchObject({ leased: 0, created: 1, idle: 1 });
    },
  );

  describe.each(RESETS)('when what worked has settled whose stream was reset with %s:', (_what, code) => {
    let closed: number;

    const startKnowing = async (
      prepare: (instance: FastifyInstance) => void = () => undefined,
    ): Promise<void> => {
      client.destroy();
      await app.close();
      closed = 0;
      await start((adapter) => {
        const instance = adapter.getInstance();
        instance.addHook('onRequest', (_request, { raw }, done) => {
          raw.once('close', () => closed++);
          done();
        });
        prepare(instance);
      });
    };

    const isBack = async (path: string): Promise<void> => {
      const stream = ask(path);
      await until(() => gate.waiting === 1, 'the work has begun');
      stream.close(code);
      await until(() => closed === 1, 'the server knows');
      expect(pool().leased).toBe(1);
      gate.open();
      await until(() => coordinator.stats().scopes === 0, 'the scope is over');
      expect(pool()).toMatchObject({ leased: 0, created: 1 });
    };

    it.each(['/throwing', '/sending', '/by-hand', '/rows'])('a handler, %s', async (path) => {
      await startKnowing();
      await isBack(path);
    });

    it.each(['/hook/refuses', '/native', '/native/sends'])('what stands beside Nest, %s', async (path) => {
      await startKnowing((instance) => {
        const borrow = async (): Promise<void> => {
          await coordinator.acquire('session');
          await gate.wait();
        };
        instance.addHook('preHandler', async (request, reply) => {
          if (request.url !== '/hook/refuses') return undefined;
          await borrow();
          return reply.code(401).send('no');
        });
        instance.get('/hook/refuses', () => 'not reached');
        instance.get('/native', async () => {
          await borrow();
          return { native: true };
        });
        instance.get('/native/sends', async (_request, reply) => {
          await borrow();
          return reply.send('x');
        });
      });
      await isBack(path);
    });
  });

  it('when the handler has settled whose session was destroyed', async () => {
    ask('/slow');
    await until(() => gate.waiting === 1, 'the handler waits');
    client.destroy();
    gate.open();
    await until(() => coordinator.stats().scopes === 0, 'the scope is over');
    expect(pool()).toMatchObject({ leased: 0, created: 1 });
  });
});

describe('over HTTP/2, a shutdown', () => {
  it('ends by its deadline, although a session stays open', async () => {
    ask('/slow');
    await until(() => gate.waiting === 1, 'the handler waits');
    await app.close();
    expect(coordinator.drainReport).toMatchObject({ clean: false });
  });
});
