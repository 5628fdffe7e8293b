import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server } from 'node:net';
import { promisify } from 'node:util';
import { pgResource, CancelOnHangUp, type CancelOptions } from 'nestjs-resources/pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { Client } from '../../http/client.fixture.js';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from '../../http/lending-app.fixture.js';
import { CONTROLLERS, Seen } from './reports.fixture.js';

describe('a client that hangs up', () => {
  let postgres: Postgres;
  let started: LendingApp | undefined;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  afterEach(async () => {
    await started?.app.close();
    await postgres.terminateSessions();
  });

  afterAll(() => postgres.stop());

  async function start(adapter: Adapter, cancel?: false | CancelOptions): Promise<Client> {
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    const pg = pgResource({ connection, cancel, pool: { max: 2 } });
    const { create, destroy } = pgResource({ connection, cancel });
    started = await startLendingApp(
      adapter,
      { resources: { pg }, cachedResources: { shared: { create, destroy } }, drainTimeout: 0 },
      { controllers: CONTROLLERS, providers: [Seen] },
    );
    return new Client(started.port);
  }

  const seen = (): Seen => started!.app.get(Seen);
  const openConnections = (): Promise<number> =>
    promisify((hear: (error: Error | null, count: number) => void) =>
      (started!.app.getHttpServer() as Server).getConnections(hear),
    )();
  const created = (): number => started!.coordinator.stats().pools['pg'].created;

  const running = async (name: string): Promise<number> =>
    (await postgres.sessions()).filter(
      ({ state, query }) => state === 'active' && query.includes(`'${name}'`),
    ).length;
  const runs = (name: string): Promise<void> => eventually(async () => expect(await running(name)).toBe(1));
  const isGone = (name: string): Promise<void> =>
    eventually(async () => expect(await running(name)).toBe(0), 10_000);

  async function hangUp(client: Client, path: string, name = path): Promise<void> {
    const request = client.send('GET', `/${path}`);
    request.end();
    await runs(name);
    request.destroy();
  }

  describe.each(ADAPTERS)('of %s', (adapter) => {
    it('ends the statement of a handler that asks for it, and costs no session', async () => {
      await hangUp(await start(adapter), 'asked');
      await isGone('asked');
      await eventually(() => expect(seen().codes).toEqual(['57014']));
      await eventually(() => expect(started!.coordinator.leases()).toEqual([]));
      expect(started!.coordinator.stats().pools['pg']).toMatchObject({ created: 1, destroyed: 0 });
    });

    it('does so for all handlers of a controller that asks for it', async () => {
      await hangUp(await start(adapter), 'marked/asked', 'marked');
      await isGone('marked');
      expect(created()).toBe(1);
    });

    it('does so for all of a type that asks for it, but not for a handler that does not want it', async () => {
      const client = await start(adapter, { onHangUp: true });
      await hangUp(client, 'spared');
      await hangUp(client, 'plain');
      await eventually(() => expect(seen().codes).toEqual(['57014', 'done']));
    });

    it('leaves statements alone for which nobody asks', async () => {
      await hangUp(await start(adapter), 'plain');
      await eventually(() => expect(seen().codes).toEqual(['done']));
    });

    it('ends those of all requests on its connection', async () => {
      const client = await start(adapter);
      const pipeline = client.pipeline(['/asked', '/other']);
      await runs('asked');
      await runs('other');
      pipeline.abort();
      await isGone('asked');
      await isGone('other');
      await eventually(() => expect(seen().codes).toEqual(['57014', '57014']));
      await eventually(() => expect(started!.coordinator.leases()).toEqual([]));
      expect(created()).toBe(2);
    });

    it('lets the handler roll back, and work on', async () => {
      await hangUp(await start(adapter), 'cleaned');
      await eventually(() => expect(seen().codes).toEqual(['57014', 'done']));
      await eventually(() => expect(started!.coordinator.leases()).toEqual([]));
      expect(created()).toBe(1);
    });

    it('ends what a time-out has answered for', async () => {
      const client = await start(adapter);
      expect((await client.get('/timed')).status).toBe(500);
      await isGone('timed');
      await eventually(() => expect(seen().codes).toEqual(['57014']));
    });

    it('refuses the first statement of a handler whose client is gone already, and sends the next', async () => {
      const client = await start(adapter);
      const request = client.send('GET', '/late');
      request.end();
      await eventually(() => expect(seen().loads).toBe(1));
      request.destroy();
      await eventually(async () => expect(await openConnections()).toBe(0));
      seen().goOn.emit('late');
      await eventually(() => expect(seen().codes).toEqual(['57014', 'done']));
    });

    it('ends nothing of what goes on after the answer', async () => {
      const client = await start(adapter);
      const request = client.send('GET', '/answered');
      request.end();
      expect((await client.answer(request)).body).toBe('answered');
      await runs('answered');
      request.destroy();
      await eventually(() => expect(seen().codes).toEqual(['done']));
    });

    it('ends what runs in a separate session', async () => {
      await hangUp(await start(adapter), 'separate');
      await isGone('separate');
      await eventually(() => expect(seen().codes).toEqual(['57014']));
    });

    it('ends what an ORM has sent through the pool of the type', async () => {
      await hangUp(await start(adapter), 'pooled');
      await isGone('pooled');
      await eventually(() => expect(seen().codes).toEqual(['57014']));
    });

    it('ends nothing of a job, which has a scope of its own', async () => {
      await hangUp(await start(adapter), 'job');
      await eventually(() => expect(seen().codes).toEqual(['done']));
    });

    it.each(['loaded', 'lent'])(
      'ends no load for which others wait, in a session of its own or not: %s',
      async (path) => {
        const client = await start(adapter);
        const first = client.send('GET', `/${path}`);
        first.end();
        await runs(path);
        const second = client.get(`/${path}`);
        await eventually(() => expect(seen().loads).toBe(2));
        first.destroy();
        expect(await second).toMatchObject({ status: 200, body: 'done' });
        expect(seen().codes).toEqual(['done']);
      },
    );

    it('ends what works unseen, and does not lend its session on', async () => {
      await hangUp(await start(adapter), 'unseen');
      await isGone('unseen');
      await eventually(() => expect(seen().codes).toEqual(['57014']));
      await eventually(() => expect(started!.coordinator.stats().pools['pg'].destroyed).toBe(1));
    });

    it('ends nothing in a session that a cache lends to others at the same time', async () => {
      const client = await start(adapter);
      const first = client.send('GET', '/cached');
      first.end();
      await runs('cached');
      const second = client.get('/cached');
      await eventually(() => expect(seen().loads).toBe(2));
      first.destroy();
      expect(await second).toMatchObject({ status: 200, body: 'done' });
      expect(seen().codes).toEqual(['done', 'done']);
    });

    it('ends what runs at a shutdown, which is over at once', async () => {
      const client = await start(adapter);
      const request = client.send('GET', '/asked');
      request.end();
      await runs('asked');
      const begun = performance.now();
      await started!.app.close();
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(seen().codes).toEqual(['57014']);
      expect(await postgres.sessions()).toEqual([]);
    });
  });

  it('is asked for by true or false', () => {
    expect(() => CancelOnHangUp('yes' as never)).toThrow('@CancelOnHangUp()');
  });
});
