import { Agent, request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, type MessageEvent, Sse } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { interval, map, type Observable } from 'rxjs';
import { Journal } from './behaviour.controller.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Controller()
class WorkController {
  constructor(
    private readonly journal: Journal,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('borrowing')
  async borrowing(@PooledResource('session') session: ScopedLease<Session>): Promise<object> {
    await this.journal.gate('borrowing');
    return { destroyed: session.resource.destroyed };
  }

  @Get('borrowing-late')
  async borrowingLate(): Promise<object> {
    await this.journal.gate('not yet borrowing');
    return await this.coordinator.use('session', (session) => ({
      destroyed: (session as Session).destroyed,
    }));
  }

  @Get('quick')
  quick(@PooledResource('session') session: ScopedLease<Session>): object {
    return { session: session.resource.id };
  }

  @Get('nothing')
  nothing(): string {
    return 'nothing borrowed';
  }

  @Sse('endless')
  endless(@PooledResource('session') session: ScopedLease<Session>): Observable<MessageEvent> {
    return interval(5).pipe(
      map(() => {
        this.journal.note('endless');
        return { data: String(session.resource.id) };
      }),
    );
  }
}

interface Answer {
  status: number | undefined;
  connection: string | undefined;
  body: string;
}

describe.each(ADAPTERS)('on %s, a shutdown', (adapter) => {
  let server: LendingApp;
  let journal: Journal;
  let factory: SessionFactory;
  let agent: Agent;

  const start = async (drainTimeout: string): Promise<void> => {
    journal = new Journal();
    factory = new SessionFactory();
    agent = new Agent({ keepAlive: true, maxSockets: 20 });
    server = await startLendingApp(
      adapter,
      { resources: { session: factory.definition({ max: 4 }) }, drainTimeout },
      { controllers: [WorkController], providers: [{ provide: Journal, useValue: journal }] },
    );
  };

  /** Over a kept-alive connection, as a proxy would. */
  const get = async (path: string): Promise<Answer> => {
    const sent = request({ port: server.port, host: '127.0.0.1', path, agent });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode, connection: response.headers.connection, body };
  };

  const came = (place: string): Promise<void> =>
    until(() => journal.entries.includes(place), `the server comes to "${place}"`);

  afterEach(() => agent.destroy());

  it('answers what has started, asks the client to hang up, and then closes at once', async () => {
    await start('10s');
    await get('/nothing'); // leaves an idle connection that is kept alive
    const borrowing = get('/borrowing');
    const borrowingLate = get('/borrowing-late');
    await came('borrowing');
    await came('not yet borrowing');
    const closed = server.app.close();
    await until(() => server.coordinator.draining, 'draining has started');
    expect(factory.alive).toBeGreaterThan(0);
    journal.open();
    expect(await borrowing).toEqual({ status: 200, connection: 'close', body: '{"destroyed":false}' });
    expect(await borrowingLate).toEqual({ status: 200, connection: 'close', body: '{"destroyed":false}' });
    await closed;
    expect(factory.alive).toBe(0);
    expect(server.coordinator.drainReport).toMatchObject({ clean: true });
  });

  it('refuses to lend to what comes later: 503, and the connection closes', async () => {
    await start('10s');
    const borrowing = get('/borrowing');
    await came('borrowing');
    const closed = server.app.close();
    await until(() => server.coordinator.draining, 'draining has started');
    const late = await get('/quick');
    expect(late).toMatchObject({ status: 503, connection: 'close' });
    expect(JSON.parse(late.body)).toMatchObject({ error: 'PoolClosedError', pool: 'session' });
    expect(await get('/nothing')).toEqual({ status: 200, connection: 'close', body: 'nothing borrowed' });
    journal.open();
    await borrowing;
    await closed;
  });

  it('cuts off at the deadline what does not end, and reports who held what', async () => {
    await start('100ms');
    const stuck = get('/borrowing').catch((error: unknown) => error);
    const endless = get('/endless').catch((error: unknown) => error);
    await came('borrowing');
    await came('endless');
    await server.app.close();
    expect(await stuck).toMatchObject({ code: 'ECONNRESET' });
    expect(await endless).toMatchObject({ code: 'ECONNRESET' });
    expect(server.coordinator.drainReport).toMatchObject({
      clean: false,
      held: [{ type: 'session', owner: 'WorkController.borrowing (http)' }],
    });
    expect(factory.alive).toBe(0);
    journal.open(); // the handler wakes up, finds its lease ended, and disturbs nobody
  });

  it('is not held up by a client that keeps its connection', async () => {
    await start('10s');
    await get('/quick');
    await server.app.close();
    expect(factory.alive).toBe(0);
  });
});

describe('on fastify, a shutdown', () => {
  it('waits for nothing where Fastify itself is told to force connections closed', async () => {
    const { app } = await startLendingApp(
      'fastify',
      { resources: { session: new SessionFactory().definition() }, drainTimeout: '20s' },
      { controllers: [WorkController], providers: [Journal] },
      undefined,
      new FastifyAdapter({ forceCloseConnections: true }),
    );
    const { port } = app.getHttpServer().address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', path: '/endless', agent: false }).end();
    sent.on('error', () => undefined);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined).resume();
    const start = performance.now();
    await app.close();
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
