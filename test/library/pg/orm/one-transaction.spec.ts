import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { KINDS } from './clients.fixture.js';
import { type OrmClient, ORM_TABLE } from './clients/orm-client.fixture.js';

const NAMES = KINDS.map(({ name }) => name).toSorted();

describe('one transaction over all clients', () => {
  let postgres: Postgres;
  let coordinator: ResourceCoordinator;
  let clients: OrmClient[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(`${ORM_TABLE};
      CREATE TABLE parents (id int PRIMARY KEY);
      CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)`);
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    const pg = pgResource({ connection, pool: { max: 3, acquireTimeout: '10s' } });
    coordinator = new ResourceCoordinator({ resources: { pg } });
    clients = [];
    for (const { open } of KINDS) clients.push(await open(coordinator.pgPool('pg')));
  });

  beforeEach(() => postgres.query('TRUNCATE written'));

  afterEach(() => expect(coordinator.leases()).toEqual([]));

  afterAll(async () => {
    for (const client of clients) await client.close();
    await coordinator.cleanup();
    await postgres.stop();
    for (const { forget } of KINDS) await forget?.();
  });

  const writers = async (): Promise<string[]> =>
    (await postgres.query<{ client: string }>('SELECT client FROM written ORDER BY client')).map(
      ({ client }) => client,
    );

  it('has a commit keep all of their rows', async () => {
    const seen = await coordinator.run(() =>
      coordinator.transaction('pg', async () => {
        for (const client of clients) await client.insert(1);
        await expect(writers()).resolves.toEqual([]);
        return Promise.all(clients.map((client) => client.run('SELECT count(*)::int AS count FROM written')));
      }),
    );
    expect(seen).toEqual(clients.map(() => [{ count: clients.length }]));
    await expect(writers()).resolves.toEqual(NAMES);
    await expect(postgres.sessions()).resolves.toHaveLength(1);
  });

  it('has a throw leave none of them', async () => {
    const failed = coordinator.run(() =>
      coordinator.transaction('pg', async () => {
        for (const client of clients) await client.insert(1);
        for (const client of clients) await client.transaction((inner) => inner.insert(2));
        throw new Error('changed my mind');
      }),
    );
    await expect(failed).rejects.toThrow('changed my mind');
    await expect(writers()).resolves.toEqual([]);
  });

  it('has a transaction of theirs be a part of it, which can fail alone', async () => {
    await coordinator.transaction('pg', async () => {
      for (const client of clients) {
        await client.transaction((inner) => inner.insert(1));
        const failed = client.transaction(async (inner) => {
          await inner.insert(2);
          throw new Error('not this one');
        });
        await expect(failed).rejects.toThrow('not this one');
      }
      await expect(writers()).resolves.toEqual([]);
    });
    await expect(postgres.query('SELECT DISTINCT value FROM written')).resolves.toEqual([{ value: 1 }]);
    await expect(writers()).resolves.toEqual(NAMES);
  });

  it('has their transactions wait for each other, so that one that fails undoes nothing of another', async () => {
    const outcomes = await coordinator.transaction('pg', () =>
      Promise.allSettled(
        clients.flatMap((client) => [
          client.transaction((inner) => inner.insert(1)),
          client.transaction(async (inner) => {
            await inner.insert(2);
            throw new Error('not this one');
          }),
          client.insert(3),
        ]),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      clients.flatMap(() => ['fulfilled', 'rejected', 'fulfilled']),
    );
    const rows = await postgres.query('SELECT client, value FROM written ORDER BY client, value');
    expect(rows).toEqual(NAMES.flatMap((client) => [1, 3].map((value) => ({ client, value }))));
  });

  it('gives what begins later sessions of their own again', async () => {
    await coordinator.run(async () => {
      await coordinator.transaction('pg', () => clients[0].insert(1));
      await clients[1].insert(1);
      await expect(writers()).resolves.toHaveLength(2);
    });
  });

  describe.each(KINDS.map(({ name }, index): [string, number] => [name, index]))('by %s', (_, index) => {
    const opened = (options: Parameters<ResourceCoordinator['pgPool']>[1]): Promise<OrmClient> =>
      Promise.resolve(KINDS[index].open(coordinator.pgPool('pg', options)));

    it('refuses one inside that asks for another isolation or access', async () => {
      const client = clients[index];
      await coordinator.transaction('pg', async () => {
        for (const terms of [{ isolation: 'serializable' as const }, { readOnly: true }]) {
          const refused = await client
            .transaction((inner) => inner.insert(1), terms)
            .catch((error: unknown) => error);
          expect(messagesOf(refused)).toMatch(/was refused. It asks (for an isolation|to read only)/);
        }
        await client.transaction((inner) => inner.insert(2));
      });
      await expect(postgres.query('SELECT value FROM written')).resolves.toEqual([{ value: 2 }]);
    });

    it('takes one inside for a part of it that asks for what it has', async () => {
      const terms = { isolation: 'serializable', readOnly: false } as const;
      await coordinator.transaction(
        'pg',
        () => clients[index].transaction((inner) => inner.insert(1), terms),
        { isolation: 'SERIALIZABLE', readOnly: false },
      );
      await expect(writers()).resolves.toHaveLength(1);
    });

    it('gives it a session of its own when told so', async () => {
      const client = await opened({ otherTerms: 'separate' });
      const failed = coordinator.transaction('pg', async () => {
        await client.insert(1);
        const rows = await client.transaction(
          async (inner) => {
            await inner.insert(2);
            return inner.run('SHOW transaction_isolation');
          },
          { isolation: 'serializable' },
        );
        expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
        expect(coordinator.leases()).toHaveLength(1);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await client.close();
      await expect(postgres.query('SELECT value FROM written')).resolves.toEqual([{ value: 2 }]);
    });

    it('sends what can not run in a transaction on another session, unless told otherwise', async () => {
      const strict = await opened({ unfit: 'refuse' });
      await coordinator.transaction('pg', async () => {
        await clients[index].insert(1);
        await clients[index].run('VACUUM parents');
        const refused = await strict.run('VACUUM parents').catch((error: unknown) => error);
        expect(messagesOf(refused)).toContain('can not run in a transaction');
        await clients[index].insert(2);
      });
      await strict.close();
      await expect(postgres.query('SELECT value FROM written ORDER BY 1')).resolves.toEqual([
        { value: 1 },
        { value: 2 },
      ]);
    });

    it.each(['40001', '40P01'])('is done again when the server has given it up by %s', async (state) => {
      let tries = 0;
      await coordinator.transaction(
        'pg',
        async () => {
          await clients[index].insert(++tries);
          if (tries < 3) await clients[index].run(`DO $$ BEGIN RAISE SQLSTATE '${state}'; END $$`);
        },
        { retry: { delay: 1 } },
      );
      await expect(postgres.query('SELECT value FROM written')).resolves.toEqual([{ value: 3 }]);
    });

    it('costs no session when it is to read only and refuses to write', async () => {
      const { created } = coordinator.stats().pools.pg;
      const refused = coordinator.transaction('pg', () => clients[index].insert(1), { readOnly: true });
      await expect(refused).rejects.toThrow();
      await coordinator.use('pg', () => 'another loan');
      expect(coordinator.stats().pools.pg).toMatchObject({ created });
    });

    it('tells a deferred constraint that fails to who began the transaction', async () => {
      let inner: unknown;
      const failed = coordinator.transaction('pg', async () => {
        inner = await clients[index].transaction((transaction) =>
          transaction.run('INSERT INTO children VALUES (1)'),
        );
      });
      await expect(failed).rejects.toMatchObject({ code: '23503' });
      expect(inner).toEqual([]);
    });

    it('tells who began a part whose failed statement was swallowed that nothing of it is kept', async () => {
      await coordinator.transaction('pg', async () => {
        await clients[index].insert(1);
        const failed = clients[index].transaction(async (inner) => {
          await inner.insert(2);
          await inner.run('SELECT nothing').catch(() => undefined);
        });
        const told = messagesOf(await failed.catch((error: unknown) => error));
        expect(told).toContain('A statement in it had failed, and its work returned as if it had not');
      });
      await expect(postgres.query('SELECT value FROM written')).resolves.toEqual([{ value: 1 }]);
    });

    it('leaves it out where it is told to', async () => {
      const client = await opened({ inTransaction: 'separate' });
      const failed = coordinator.transaction('pg', async () => {
        await client.insert(1);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await client.close();
      await expect(writers()).resolves.toHaveLength(1);
    });
  });
});

/** Of an error and its causes: libraries wrap what their driver throws. */
function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messagesOf(error.cause)}` : '';
}
