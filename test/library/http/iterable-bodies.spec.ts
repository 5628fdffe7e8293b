import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Controller, Get, Injectable, Param, type INestApplication, StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** As a driver's cursor: rows for ever, until it is told to stop. */
@Injectable()
class Cursor implements AsyncIterable<string> {
  returned = 0;
  read = 0;

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: async () => {
        this.read++;
        await new Promise((resolve) => setImmediate(resolve));
        return { done: false, value: 'x'.repeat(1_000) };
      },
      return: async () => {
        this.returned++;
        await new Promise((resolve) => setImmediate(resolve));
        return { done: true, value: undefined };
      },
    };
  }
}

@Controller()
class CursorController {
  constructor(private readonly cursor: Cursor) {}

  @Get('cursor')
  rows(@PooledResource('session') _session: ScopedLease<Session>): AsyncIterable<string> {
    return this.cursor;
  }
}

function refuse(): never {
  throw new Error('not to be looked at');
}

/** Bodies whose steps throw when somebody looks at them. */
const HOSTILE: Record<string, () => unknown> = {
  'a result': () => Promise.resolve(Object.defineProperty({}, 'done', { get: refuse })),
  'a promise': () => Object.defineProperty(Promise.resolve(1), 'constructor', { get: refuse }),
  // oxlint-disable-next-line unicorn/no-thenable -- it only throws
  'a thenable': () => Object.defineProperty({}, 'then', { get: refuse }),
  'no step': refuse,
  'an end of its own kind': () => Promise.resolve({ done: 1, value: undefined }),
};

@Controller()
class HostileController {
  @Get(':kind')
  body(@Param('kind') kind: string, @PooledResource('session') _session: ScopedLease<Session>): unknown {
    return { [Symbol.asyncIterator]: () => ({ next: HOSTILE[kind] }) };
  }
}

@Controller()
class BodiesController {
  @Get('generator')
  async *generator(): AsyncGenerator<string> {
    yield 'one;';
    yield 'two';
  }

  @Get('iterable')
  iterable(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => Readable.from(['x', 'y'])[Symbol.asyncIterator]() };
  }

  @Get('stream')
  stream(): Readable {
    return Readable.from(['a', 'b']);
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from(['fi', 'le']), { type: 'text/plain', disposition: 'inline' });
  }

  @Get('array')
  array(): unknown[] {
    return [1, { two: 2 }, null];
  }

  @Get('failing')
  async *failing(): AsyncGenerator<string> {
    yield await Promise.reject(new Error('no first row'));
  }

  @Get('null')
  nothing(): null {
    return null;
  }

  @Get('buffer')
  buffer(): Buffer {
    return Buffer.from('bytes');
  }
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('on %s, a body that is a cursor', (adapter) => {
  it('is returned when its client leaves in the middle, and the lease goes back', async () => {
    running = await startLendingApp(
      adapter,
      { resources: { session: new SessionFactory().definition({ max: 1 }) } },
      { controllers: [CursorController], providers: [Cursor] },
    );
    const { app, coordinator, port } = running;
    const cursor = app.get(Cursor);
    const sent = new Client(port).send('GET', '/cursor');
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    await once(response, 'data');
    sent.destroy();
    await until(() => cursor.returned > 0, 'the cursor was told to stop');
    await until(() => coordinator.stats().scopes === 0, 'the request is over');
    const { read } = cursor;
    expect(coordinator.stats().pools['session']).toMatchObject({ leased: 0, idle: 1, created: 1 });
    expect([cursor.returned, cursor.read]).toEqual([1, read]);
  });
});

describe.each(ADAPTERS)('on %s, with nothing to lend', (adapter) => {
  const start = async (withModule: boolean): Promise<INestApplication> => {
    const module = await Test.createTestingModule({
      imports: withModule ? [ResourcesModule.forRoot({})] : [],
      controllers: [BodiesController],
    }).compile();
    const platform = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const app = module.createNestApplication(platform, { logger: false });
    await app.listen(0, '127.0.0.1');
    return app;
  };

  it.each(['generator', 'iterable', 'stream', 'file', 'array', 'failing', 'null', 'buffer', 'missing'])(
    'a body is as with Nest alone: %s',
    async (path) => {
      const answers: unknown[] = [];
      for (const withModule of [false, true]) {
        const app = await start(withModule);
        const response = await fetch(`${await app.getUrl()}/${path}`, { headers: { connection: 'close' } });
        const body = await response.text().catch(({ name }: Error) => name);
        const headers = [...response.headers].filter(([name]) => name !== 'date');
        answers.push({ status: response.status, headers, body });
        await app.close();
      }
      expect(answers[1]).toEqual(answers[0]);
    },
  );
});

describe.each(ADAPTERS)('on %s, an iterable of which can not be looked at', (adapter) => {
  it.each(Object.keys(HOSTILE))('%s holds no session', async (kind) => {
    const session = new SessionFactory().definition({ max: 1 });
    running = await startLendingApp(
      adapter,
      { resources: { session }, drainTimeout: 0 },
      { controllers: [HostileController] },
    );
    const { coordinator, port } = running;
    await new Client(port).get(`/${encodeURIComponent(kind)}`).catch(() => undefined);
    await until(() => coordinator.stats().scopes === 0, 'the request is over');
    expect(coordinator.stats().pools['session']).toMatchObject({ leased: 0 });
  });
});
