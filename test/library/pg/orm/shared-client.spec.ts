import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { type Client, type Pool, type PoolClient, Query, type QueryConfig, type QueryResult } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { Deferred } from '../../../../libs/resources/src/pool/deferred.fixture.js';
import { Postgres } from '../../../application/postgres.fixture.js';

describe('a client in a transaction of the coordinator', () => {
  let postgres: Postgres;
  let coordinator: ResourceCoordinator;
  let pool: Pool;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE written (value int)');
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    const pg = pgResource({ connection, pool: { max: 4, acquireTimeout: '10s' } });
    coordinator = new ResourceCoordinator({ resources: { pg } });
    pool = coordinator.pgPool('pg');
  });

  beforeEach(() => postgres.query('TRUNCATE written'));

  afterEach(() => expect(coordinator.leases()).toEqual([]));

  afterAll(async () => {
    await coordinator.cleanup();
    await postgres.stop();
  });

  const written = async (): Promise<number[]> =>
    (await postgres.query<{ value: number }>('SELECT value FROM written ORDER BY value')).map(
      ({ value }) => value,
    );

  const insert = (client: Pool | PoolClient, value: number): Promise<unknown> =>
    client.query('INSERT INTO written VALUES ($1)', [value]);

  const outcome = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  const within = <R>(work: (client: PoolClient) => Promise<R>): Promise<R> =>
    coordinator.transaction('pg', async () => {
      const client = await pool.connect();
      try {
        return await work(client);
      } finally {
        client.release();
      }
    });

  const commands = async (client: PoolClient, texts: string[]): Promise<string[]> => {
    const seen: string[] = [];
    for (const text of texts) seen.push((await client.query(text)).command);
    return seen;
  };

  it('is answered as by the server when it begins and ends what is only a part', async () => {
    const seen = await within((client) =>
      commands(client, [
        'BEGIN',
        'INSERT INTO written VALUES (1)',
        'COMMIT',
        'START TRANSACTION',
        'ROLLBACK',
      ]),
    );
    expect(seen).toEqual(['BEGIN', 'INSERT', 'COMMIT', 'BEGIN', 'ROLLBACK']);
    await expect(written()).resolves.toEqual([1]);
  });

  it('is answered by callback where it asks by callback', async () => {
    const ask = (client: PoolClient, text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        client.query(text, (error, result) => (error ? reject(error) : resolve(result.command)));
      });
    await within(async (client) => {
      await expect(ask(client, 'BEGIN')).resolves.toBe('BEGIN');
      await expect(ask(client, 'INSERT INTO written VALUES (1)')).resolves.toBe('INSERT');
      await expect(ask(client, 'SELECT nothing')).rejects.toMatchObject({ code: '42703' });
      await expect(ask(client, 'ROLLBACK')).resolves.toBe('ROLLBACK');
      await expect(ask(client, 'COMMIT')).rejects.toMatchObject({ problem: 'end' });
    });
    await expect(written()).resolves.toEqual([]);
  });

  it('is answered by callback where the callback is in what it asks', async () => {
    const ask = (client: PoolClient, text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const callback = (error: unknown, result: QueryResult): void =>
          error instanceof Error ? reject(error) : resolve(result.command);
        void client.query({ text, callback } as QueryConfig);
      });
    await within(async (client) => {
      await expect(ask(client, 'BEGIN')).resolves.toBe('BEGIN');
      await expect(ask(client, 'INSERT INTO written VALUES (1)')).resolves.toBe('INSERT');
      await expect(ask(client, 'COMMIT')).resolves.toBe('COMMIT');
      await expect(ask(client, 'COMMIT')).rejects.toMatchObject({ problem: 'end' });
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('keeps the order of statements that nobody awaits', async () => {
    await within(async (client) => {
      const all = ['BEGIN', 'INSERT INTO written VALUES (1)', 'ROLLBACK', 'INSERT INTO written VALUES (2)'];
      await Promise.all(all.map((text) => client.query(text)));
    });
    await expect(written()).resolves.toEqual([2]);
  });

  it.each(['COMMIT', 'END', 'ROLLBACK', 'ABORT'])(
    'is refused %s without a BEGIN, which would end what is not its own',
    async (text) => {
      await within(async (client) => {
        await insert(client, 1);
        await expect(client.query(text)).rejects.toMatchObject({
          name: 'ForeignTransactionError',
          problem: 'end',
        });
        await expect(pool.query(text)).rejects.toMatchObject({ problem: 'end' });
      });
      await expect(written()).resolves.toEqual([1]);
    },
  );

  it.each(['BEGIN; COMMIT', 'COMMIT AND CHAIN', `PREPARE TRANSACTION 'a'`, `SELECT 'C:\\a'; COMMIT`])(
    'is refused %j',
    async (text) => {
      await within(async (client) => {
        await insert(client, 1);
        await expect(client.query(text)).rejects.toMatchObject({ problem: 'form' });
      });
      await expect(written()).resolves.toEqual([1]);
    },
  );

  it.each<[string, string]>([
    ['BEGIN DEFERRABLE', 'isolation'],
    [`SET transaction_isolation TO 'serializable'`, 'isolation'],
    ['SET LOCAL transaction_read_only = on', 'access'],
  ])('is refused %j, which would be lost or be for all', async (text, reason) => {
    await within(async (client) => {
      await expect(client.query(text)).rejects.toMatchObject({ name: 'TransactionRefusedError', reason });
      await insert(client, 1);
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it.each([
    ['BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE'],
    ['BEGIN', 'SET transaction_deferrable = on'],
  ])('has a session of its own for %j where it is told to', async (...texts) => {
    const apart = coordinator.pgPool('pg', { otherTerms: 'separate' });
    const SHOW = 'SELECT pg_backend_pid() AS pid, current_setting($1) AS deferrable';
    await coordinator.transaction('pg', async () => {
      const client = await apart.connect();
      const ask = async (): Promise<unknown> =>
        (await client.query(SHOW, ['transaction_deferrable'])).rows[0];
      const before = await ask();
      expect(before).toMatchObject({ deferrable: 'off' });
      await commands(
        client,
        texts.filter((text) => text !== undefined),
      );
      await expect(ask()).resolves.toMatchObject({ deferrable: 'on' });
      await client.query('COMMIT');
      await expect(ask()).resolves.toEqual(before);
      client.release();
    });
  });

  it('may say ROLLBACK once after a BEGIN that was refused', async () => {
    await within(async (client) => {
      await insert(client, 1);
      await expect(client.query('BEGIN READ ONLY')).rejects.toMatchObject({ reason: 'access' });
      await expect(commands(client, ['ROLLBACK'])).resolves.toEqual(['ROLLBACK']);
      await expect(client.query('ROLLBACK')).rejects.toMatchObject({ problem: 'end' });
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('may say ROLLBACK once after a COMMIT that kept nothing', async () => {
    await within(async (client) => {
      await insert(client, 1);
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (2)']);
      await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
      await expect(client.query('COMMIT')).rejects.toMatchObject({ name: 'TransactionRolledBackError' });
      await expect(commands(client, ['ROLLBACK'])).resolves.toEqual(['ROLLBACK']);
      await expect(client.query('ROLLBACK')).rejects.toMatchObject({ problem: 'end' });
      await expect(
        commands(client, ['BEGIN', 'INSERT INTO written VALUES (3)', 'COMMIT']),
      ).resolves.toHaveLength(3);
      await expect(client.query('ROLLBACK')).rejects.toMatchObject({ problem: 'end' });
    });
    await expect(written()).resolves.toEqual([1, 3]);
  });

  it('takes a second BEGIN for none, as the server does', async () => {
    await within(async (client) => {
      await commands(client, ['BEGIN', 'BEGIN', 'INSERT INTO written VALUES (1)', 'BEGIN', 'ROLLBACK']);
      await insert(client, 2);
    });
    await expect(written()).resolves.toEqual([2]);
  });

  it('undoes what it has begun and not ended when it is released, and nothing else', async () => {
    await coordinator.transaction('pg', async () => {
      await insert(pool, 1);
      const client = await pool.connect();
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (2)']);
      client.release(true);
      await expect(client.query('SELECT 1')).rejects.toMatchObject({ name: 'LeaseReleasedError' });
      await insert(pool, 3);
    });
    await expect(written()).resolves.toEqual([1, 3]);
  });

  it('that never ends what it has begun costs the transaction around, which says so', async () => {
    const failed = coordinator.transaction('pg', async () => {
      await insert(pool, 1);
      const client = await pool.connect();
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (2)']);
    });
    await expect(failed).rejects.toMatchObject({ name: 'TransactionRolledBackError', reason: 'unfinished' });
    await expect(written()).resolves.toEqual([]);
  });

  it('that outlives the transaction is refused, and touches nothing', async () => {
    const client = await coordinator.run(async () => {
      const kept = await coordinator.transaction('pg', () => pool.connect());
      await expect(insert(kept, 1)).rejects.toMatchObject({ name: 'LeaseReleasedError' });
      return kept;
    });
    client.release();
    await expect(written()).resolves.toEqual([]);
  });

  it('sends nothing after the transaction of what was given and not awaited in it', async () => {
    let late: Promise<unknown> | undefined;
    const failed = coordinator.transaction('pg', async () => {
      const client = await pool.connect();
      await commands(client, ['BEGIN', 'SELECT 1']);
      void client.query('SELECT pg_sleep(0.05)').catch(() => undefined);
      late = outcome(insert(client, 1));
    });
    await expect(failed).rejects.toMatchObject({ reason: 'unfinished' });
    await expect(late).resolves.toMatchObject({ name: 'LeaseReleasedError' });
    await expect(written()).resolves.toEqual([]);
  });

  it('reads by cursors and streams there, which see what is not committed yet', async () => {
    await within(async (client) => {
      await insert(client, 1);
      const cursor = client.query(new Cursor('SELECT value FROM written'));
      await expect(cursor.read(10)).resolves.toEqual([{ value: 1 }]);
      await cursor.close();
      await client.query('BEGIN');
      const seen: unknown[] = [];
      for await (const row of client.query(new QueryStream('SELECT value FROM written'))) seen.push(row);
      expect(seen).toEqual([{ value: 1 }]);
      await client.query('COMMIT');
      const another = pool.query(new Cursor('SELECT value FROM written'));
      await expect(another.read(1)).resolves.toEqual([{ value: 1 }]);
      await another.close();
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('that does not read a cursor to its end holds up the end of the transaction no longer than a session', async () => {
    const hasty = coordinator.pgPool('pg', { timeout: '50ms' });
    const leave = async (): Promise<void> => {
      await insert(pool, 1);
      const client = await hasty.connect();
      const cursor = client.query(new Cursor('SELECT generate_series(1, 100)'));
      await cursor.read(1);
      client.release();
    };
    const waited = { name: 'ForeignTransactionError', problem: 'waited' };
    const unfinished = coordinator.transaction('pg', async (session: Client) => {
      await leave();
      await expect(session.query('SELECT 1')).rejects.toMatchObject(waited);
      await expect(coordinator.transaction('pg', () => 1)).rejects.toMatchObject(waited);
    });
    const failed = coordinator.transaction('pg', async () => {
      await leave();
      throw new Error('changed my mind');
    });
    await expect(unfinished).rejects.toMatchObject({ reason: 'unfinished' });
    await expect(failed).rejects.toThrow('changed my mind');
    await expect(written()).resolves.toEqual([]);
  });

  it('may read a cursor to its end beside the work that returns', async () => {
    let rows: Promise<unknown[]> | undefined;
    await coordinator.transaction('pg', async () => {
      const cursor = pool.query(new Cursor('SELECT generate_series(1, 3) AS n'));
      await cursor.read(1);
      rows = cursor.read(10);
    });
    await expect(rows).resolves.toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('is refused a statement that submits itself to end a transaction', async () => {
    await within(async (client) => {
      await insert(client, 1);
      const refused = new Promise((resolve) => {
        client.query(new Query('COMMIT', (error) => resolve(error)));
      });
      await expect(refused).resolves.toMatchObject({ problem: 'form' });
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('waits for what another one has begun, no longer than for a session', async () => {
    const hasty = coordinator.pgPool('pg', { timeout: '50ms' });
    await within(async (client) => {
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (1)']);
      const waited = { name: 'ForeignTransactionError', problem: 'waited' };
      await expect(insert(hasty, 2)).rejects.toMatchObject(waited);
      const other = await hasty.connect();
      await other.query('BEGIN');
      await expect(insert(other, 3)).rejects.toMatchObject(waited);
      other.release();
      const later = insert(pool, 4);
      await client.query('ROLLBACK');
      await later;
    });
    await expect(written()).resolves.toEqual([4]);
  });

  it.each<[string, (session: Client) => Promise<unknown>]>([
    ['a statement on the session', (session) => session.query('SELECT 1')],
    [
      'a statement by callback',
      (session) =>
        new Promise((resolve, reject) => {
          session.query('SELECT 1', (error) => (error ? reject(error) : resolve(undefined)));
        }),
    ],
    ['what joins the transaction', () => coordinator.transaction('pg', () => 1)],
    ['what is nested in it', () => coordinator.transaction('pg', () => 1, { propagation: 'NESTED' })],
  ])('lets %s wait for what it has begun no longer than for a session', async (_, work) => {
    const hasty = coordinator.pgPool('pg', { timeout: '50ms' });
    await coordinator.transaction('pg', async (session: Client) => {
      const client = await hasty.connect();
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (1)']);
      await expect(work(session)).rejects.toMatchObject({
        name: 'ForeignTransactionError',
        problem: 'waited',
      });
      await commands(client, ['COMMIT']);
      client.release();
      await work(session);
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('is in the innermost transaction that its code is in', async () => {
    await coordinator.transaction('pg', async () => {
      await insert(pool, 1);
      const nested = coordinator.transaction(
        'pg',
        async () => {
          await insert(pool, 2);
          throw new Error('not this one');
        },
        { propagation: 'NESTED' },
      );
      await expect(nested).rejects.toThrow('not this one');
      const apart = coordinator.transaction('pg', () => insert(pool, 3), { propagation: 'REQUIRES_NEW' });
      await apart;
      await coordinator.transaction('pg', () => insert(pool, 4), { propagation: 'NOT_SUPPORTED' });
      await expect(written()).resolves.toEqual([3, 4]);
    });
    await expect(written()).resolves.toEqual([1, 3, 4]);
  });

  it('is refused to what goes on after its transaction, while one around that is open', async () => {
    const late = new Deferred();
    let outcome: Promise<unknown> | undefined;
    await coordinator.transaction('pg', async () => {
      const begin = (): void => {
        outcome = late.promise.then(() => insert(pool, 1)).catch((error: unknown) => error);
      };
      await coordinator.transaction('pg', begin, { propagation: 'NESTED' });
      late.resolve();
      await expect(outcome).resolves.toMatchObject({ name: 'TransactionRefusedError', reason: 'ended' });
      await insert(pool, 2);
    });
    await expect(written()).resolves.toEqual([2]);
  });

  it('fails with the transaction when its session dies, and leaves nothing', async () => {
    const failed = within(async (client) => {
      await commands(client, ['BEGIN', 'INSERT INTO written VALUES (1)']);
      await postgres.terminateSessions();
      await client.query('COMMIT');
    });
    await expect(failed).rejects.toThrow();
    await expect(written()).resolves.toEqual([]);
  });
});
