import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect as connectHttp2, type Http2Server } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { Duplex, type DuplexOptions } from 'node:stream';
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Journal } from './behaviour.controller.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Controller()
class WorkController {
  constructor(private readonly journal: Journal) {}

  @Get('working')
  async working(@PooledResource('session') session: ScopedLease<Session>): Promise<string> {
    await this.journal.gate('working');
    return `worked with ${session.resource.id}`;
  }

  @Get('unlent')
  async unlent(): Promise<string> {
    await this.journal.gate('unlent');
    return 'worked';
  }
}

/** A connection that somebody else made, such as a tunnel's. */
class HandedConnection extends Duplex {
  heard = '';

  constructor(options: DuplexOptions = {}) {
    super({ read: () => undefined, ...options });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.heard += chunk.toString('latin1');
    done();
  }
}

const KINDS: readonly [string, () => HandedConnection][] = [
  ['never says that it has closed', () => new HandedConnection({ destroy: () => undefined })],
  ['closes without saying so', () => new HandedConnection({ emitClose: false })],
  ['closes as any other', () => new HandedConnection()],
];

let journal: Journal;
const running: { close(): unknown }[] = [];

async function start(
  adapter: (typeof ADAPTERS)[number],
  platform?: FastifyAdapter,
  drainTimeout = 100,
): Promise<LendingApp> {
  journal = new Journal();
  return await startLendingApp(
    adapter,
    { resources: { session: new SessionFactory().definition() }, drainTimeout },
    { controllers: [WorkController], providers: [{ provide: Journal, useValue: journal }] },
    undefined,
    platform,
  );
}

/** Fails where it would wait for ever. */
async function closes(app: LendingApp['app']): Promise<void> {
  let closed = false;
  void app.close().then(() => (closed = true));
  await until(() => closed, 'the application has closed', 8_000);
}

afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

describe.each(ADAPTERS)('on %s, a shutdown with a connection that was handed to the server', (adapter) => {
  describe.each(KINDS)('and %s', (_kind, make) => {
    it('ends in time while a request is in progress on it', async () => {
      const { app } = await start(adapter);
      const connection = make();
      (app.getHttpServer() as Server).emit('connection', connection);
      connection.push('GET /working HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await until(() => journal.entries.includes('working'), 'the request has come');
      await closes(app);
      expect(connection.destroyed).toBe(true);
      journal.open();
    });

    it('ends without a deadline when its client has left', async () => {
      const { app, coordinator } = await start(adapter, undefined, Infinity);
      const connection = make();
      (app.getHttpServer() as Server).emit('connection', connection);
      connection.push('GET /working HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await until(() => journal.entries.includes('working'), 'the request has come');
      const closed = closes(app);
      await until(() => coordinator.draining, 'draining has started');
      connection.destroy();
      journal.open();
      await closed;
    });

    it('ends in time when nobody uses it', async () => {
      const { app } = await start(adapter);
      const connection = make();
      (app.getHttpServer() as Server).emit('connection', connection);
      await closes(app);
    });
  });
});

const PREFACE = 'PRI * HTTP/2.0';

/** Hands a connection to the server that its first bytes are for, and echoes what is for none. */
async function listenForAll(server: Http2Server): Promise<{ port: number; others: Socket[] }> {
  const others: Socket[] = [];
  const listener: NetServer = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      socket.pause();
      socket.unshift(bytes);
      if (bytes.toString('latin1').startsWith(PREFACE)) return server.emit('connection', socket);
      others.push(socket);
      socket.on('data', (data) => socket.write(data)).resume();
      return undefined;
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  running.push(listener);
  return { port: (listener.address() as AddressInfo).port, others };
}

describe('on fastify, a shutdown behind a listener that hands on what speaks HTTP/2', () => {
  it("leaves what speaks something else to it, and closes what is the server's", async () => {
    const { app } = await start('fastify', new FastifyAdapter({ http2: true }));
    const { port, others } = await listenForAll(app.getHttpServer() as Http2Server);
    const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => undefined);
    const gone = once(session, 'close');
    const stream = session.request({ ':path': '/unlent' }).on('error', () => undefined);
    await until(() => journal.entries.includes('unlent'), 'the request has come');
    const other = connect(port, '127.0.0.1').on('error', () => undefined);
    running.push({ close: () => other.destroy() });
    other.write('hello');
    await once(other, 'data');
    await closes(app);
    await gone;
    expect(stream.destroyed).toBe(true);
    expect(others.map(({ destroyed }) => destroyed)).toEqual([false]);
    other.write('again');
    expect(String((await once(other, 'data'))[0])).toBe('again');
    journal.open();
  });
});
