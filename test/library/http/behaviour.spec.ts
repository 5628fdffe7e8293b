import type { IncomingMessage, Server } from 'node:http';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviourController, GUARDS, Journal } from './behaviour.controller.fixture.js';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

interface Row {
  behaviour: string;
  /** Makes the request, and what goes wrong with it. Returns what the client saw. */
  run(client: Client, journal: Journal): Promise<unknown>;
  sees: unknown;
  /** What happens on the server, in order. `released` says when the lease goes back. Where `closed` is missing, adapters differ in when. */
  order: string[];
  /** Whether the resource is retired: work with it may go on unseen. */
  retires?: true;
}

const answer = ({ status, body }: { status: number; body: string }): string => `${status} ${body}`;

/** Connections that the server has open. */
function connections({ app }: LendingApp): Promise<number> {
  return promisify((done: (error: Error | null, count: number) => void) =>
    (app.getHttpServer() as Server).getConnections(done),
  )();
}

/** Sends a request, waits until the server has come to a place, and hangs up. */
async function hangUpAt(place: string, path: string, client: Client, journal: Journal): Promise<string> {
  const sent = client.send('GET', path);
  sent.end();
  await until(() => journal.entries.includes(place), `the server comes to "${place}"`);
  sent.destroy();
  await until(() => journal.entries.includes('closed'), 'the server sees the client go');
  journal.open();
  return 'hung up';
}

const TABLE: Row[] = [
  {
    behaviour: 'a normal answer: when it has been handed over',
    run: async (client) => answer(await client.get('/normal')),
    sees: '200 {"session":1,"same":true}',
    order: ['acquired', 'handler done', 'released', 'closed'],
  },
  {
    behaviour: 'a handler that throws: when the exception filter has answered',
    run: async (client) => (await client.get('/throw')).status,
    sees: 500,
    order: ['acquired', 'handler done', 'released', 'closed'],
  },
  {
    behaviour: 'a guard that borrows and rejects: when the filter has answered',
    run: async (client) => (await client.get('/guarded')).status,
    sees: 403,
    order: ['acquired', 'released', 'closed'],
  },
  {
    behaviour: 'a pipe that fails beside the acquisition: when the filter has answered',
    run: async (client) => (await client.get('/pipe/abc')).status,
    sees: 400,
    order: ['acquired', 'released', 'closed'],
  },
  {
    behaviour: 'a route that does not exist: nothing is borrowed',
    run: async (client) => (await client.get('/nowhere')).status,
    sees: 404,
    order: ['closed'],
  },
  {
    behaviour: 'an answer by @Res(): when the handler has settled, not before',
    run: async (client, journal) => {
      const seen = answer(await client.get('/res'));
      await until(() => journal.entries.includes('closed'), 'the response is over');
      journal.open();
      return seen;
    },
    sees: '200 1',
    order: ['acquired', 'handler waits', 'closed', 'handler done with session 1', 'released'],
  },
  {
    behaviour: 'a StreamableFile: after its last byte',
    run: async (client, journal) => {
      const file = client.get('/file');
      await until(() => journal.entries.includes('half sent'), 'half is sent');
      journal.open();
      return answer(await file);
    },
    sees: '200 1\n1\n',
    order: ['acquired', 'half sent', 'body done', 'closed', 'released'],
  },
  {
    behaviour: 'an async generator: after its last byte',
    run: async (client, journal) => {
      const body = client.get('/generator');
      await until(() => journal.entries.includes('half sent'), 'half is sent');
      journal.open();
      return answer(await body);
    },
    sees: '200 1\n1\n',
    order: ['acquired', 'half sent', 'body done', 'released'],
  },
  {
    behaviour: 'server-sent events that complete: with the response',
    run: async (client) => ((await client.get('/sse')).body.match(/data: /g) ?? []).length,
    sees: 3,
    order: ['acquired', 'released'],
  },
  {
    behaviour: 'a time-out interceptor: when the handler that was given up has settled',
    run: async (client, journal) => {
      const { status } = await client.get('/late');
      expect(journal.entries).not.toContain('released');
      journal.open();
      return status;
    },
    sees: 408,
    order: ['acquired', 'handler waits', 'closed', 'handler done with session 1', 'released'],
  },
  {
    behaviour: 'a client that hangs up before the handler: when the handler has settled',
    run: (client, journal) => hangUpAt('guard', '/slow-guard', client, journal),
    sees: 'hung up',
    order: ['acquired', 'guard', 'closed', 'guard done', 'handler done', 'released'],
  },
  {
    behaviour: 'a client that hangs up during the handler: when the handler has settled',
    run: (client, journal) => hangUpAt('handler waits', '/slow', client, journal),
    sees: 'hung up',
    order: ['acquired', 'handler waits', 'closed', 'handler done with session 1', 'released'],
  },
  {
    behaviour: 'a client that hangs up during a generator: when the generator has stopped',
    run: (client, journal) => hangUpAt('half sent', '/generator', client, journal),
    sees: 'hung up',
    order: ['acquired', 'half sent', 'closed', 'body done', 'released'],
  },
  {
    behaviour: 'a client that hangs up during a file: when the file has closed',
    run: (client, journal) => hangUpAt('half sent', '/file', client, journal),
    sees: 'hung up',
    order: ['acquired', 'half sent', 'closed', 'released'],
  },
  {
    behaviour: 'HEAD: as GET',
    run: async (client) => answer(await client.get('/normal', 'HEAD')),
    sees: '200 ',
    order: ['acquired', 'handler done', 'released', 'closed'],
  },
  {
    behaviour: 'HEAD of a generator: nothing is started, nothing is borrowed',
    run: async (client) => answer(await client.get('/generator', 'HEAD')),
    sees: '200 ',
    order: ['closed'],
  },
  {
    behaviour: 'a chunked POST body that comes slowly: as any other answer',
    run: async (client) => answer(await client.postInChunks('/echo', '{"text":"in pieces"}')),
    sees: '201 {"text":"in pieces","session":1}',
    order: ['acquired', 'handler done', 'released', 'closed'],
  },
  {
    behaviour: 'use() that outlives the answer: when its work is done',
    run: async (client, journal) => {
      const accepted = await client.get('/background');
      await until(() => journal.entries.includes('closed'), 'the response is over');
      expect(journal.entries).not.toContain('released');
      journal.open();
      return answer(accepted);
    },
    sees: '200 accepted',
    order: ['acquired', 'background waits', 'closed', 'background done with session 1', 'released'],
  },
  {
    behaviour: 'a request that borrows nothing',
    run: async (client) => answer(await client.get('/nothing')),
    sees: '200 nothing borrowed',
    order: ['closed'],
  },
  {
    behaviour: 'a client that hangs up during endless events: never, it is held and then retired',
    run: (client, journal) => hangUpAt('started', '/sse/endless', client, journal),
    sees: 'hung up',
    order: ['acquired', 'started', 'abandoned'],
    retires: true,
  },
];

describe.each(ADAPTERS)('on %s, the lease goes back', (adapter) => {
  const factory = new SessionFactory();
  let server: LendingApp;
  let client: Client;
  let journal: Journal;

  beforeAll(async () => {
    journal = new Journal();
    server = await startLendingApp(
      adapter,
      { resources: { session: factory.definition({ max: 2, abandonment: { wait: 0 } }) } },
      { controllers: [BehaviourController], providers: [{ provide: Journal, useValue: journal }, ...GUARDS] },
      (app) => {
        app.use((_request: IncomingMessage, response: IncomingMessage, next: () => void) => {
          response.once('close', () => journal.note('closed'));
          next();
        });
      },
    );
    server.coordinator.events$.subscribe(({ kind }) => {
      if (kind === 'acquired' || kind === 'released' || kind === 'abandoned') journal.note(kind);
    });
    client = new Client(server.port);
  });

  beforeEach(() => {
    journal.entries = [];
  });

  afterAll(async () => {
    await server.app.close();
    expect(factory.alive).toBe(0);
  });

  it.each(TABLE)('after $behaviour', async ({ run, sees, order, retires }) => {
    expect(await run(client, journal)).toEqual(sees);
    const entries = (): string[] =>
      order.includes('closed') ? journal.entries : journal.entries.filter((entry) => entry !== 'closed');
    await until(
      () => entries().length >= order.length && journal.entries.includes('closed'),
      `all of ${order.join(', ')}; so far ${journal.entries.join(', ')}`,
    );
    expect(entries()).toEqual(order);
    if (retires) await until(() => server.coordinator.stats().pools['session'].size === 0, 'it is retired');
    expect(server.coordinator.leases()).toEqual([]);
    expect(server.coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: {
        session: {
          leased: 0,
          pending: 0,
          size: retires || !order.includes('acquired') ? expect.any(Number) : 1,
        },
      },
    });
  });

  it('after a pipelined request whose client hung up before its turn: with the connection', async () => {
    const pipeline = client.pipeline(['/slow', '/generator', '/normal']);
    await until(
      () => server.coordinator.leases().length === 2,
      'two requests of the pipeline borrow, one waits',
    );
    await until(() => journal.entries.includes('handler waits'), 'the first is in its handler');
    pipeline.abort();
    await until(async () => (await connections(server)) === 0, 'the connection is gone');
    journal.open();
    await until(() => server.coordinator.stats().scopes === 0, 'all scopes are over');
    expect(server.coordinator.leases()).toEqual([]);
    expect(answer(await client.get('/nothing'))).toBe('200 nothing borrowed');
  });

  it('names the holder by controller and method', async () => {
    const sent = client.send('GET', '/slow');
    sent.end();
    await until(() => journal.entries.includes('handler waits'), 'the handler waits');
    expect(server.coordinator.leases()).toMatchObject([
      { type: 'session', owner: 'BehaviourController.slow (http)' },
    ]);
    journal.open();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
  });
});
