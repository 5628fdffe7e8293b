import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pgResource } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { Client, Query } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { Postgres } from '../../application/postgres.fixture.js';
import { Relay } from './relay.fixture.js';

/** The type of the server's message that it is ready: the last, and 6 bytes long. */
const READY = 'Z'.charCodeAt(0);

/** What pg works on, which it does not declare. */
interface Busy {
  _activeQuery?: unknown;
  _queryQueue: unknown[];
}

describe('a session that is given several statements at once', () => {
  let postgres: Postgres;
  let pool: ResourcePool<Client>;
  let warn: jest.SpiedFunction<typeof process.emitWarning>;
  /** For each statement that pg was given, whether it was busy with another one. */
  let overlaps: boolean[];
  const context = new AsyncLocalStorage<number>();
  let stores: unknown[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE rows (a int)');
  });

  beforeEach(() => {
    const { pool: options, ...factory } = pgResource({ connection: postgres.url });
    pool = new ResourcePool<Client>(factory, { ...options, max: 1 });
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    overlaps = [];
    stores = [];
    const { query } = Client.prototype as { query: (...args: unknown[]) => unknown };
    const noting = function (this: Client, ...args: unknown[]): unknown {
      const { _activeQuery, _queryQueue } = this as unknown as Busy;
      stores.push(context.getStore());
      overlaps.push(Boolean(_activeQuery) || _queryQueue.length > 0);
      return query.apply(this, args);
    };
    jest.spyOn(Client.prototype as { query: typeof noting }, 'query').mockImplementation(noting);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await pool.close();
  });

  afterAll(() => postgres.stop());

  const numberOf = async (client: Client, number: number): Promise<number> =>
    (await client.query<{ n: number }>('SELECT $1::int AS n', [number])).rows[0].n;

  it('gives them to pg one after the other, in order, whatever form they have', async () => {
    const told: unknown[] = [];
    await pool.use(async (client) => {
      const query = new Query<{ n: number }>('SELECT 3 AS n');
      query.on('row', ({ n }) => told.push(n));
      const cursor = new Cursor<{ n: number }>('SELECT 4 AS n');
      const promises = [
        client.query('SELECT 1 AS n').then(({ rows }) => told.push(rows[0].n)),
        new Promise((resolve) =>
          client.query('SELECT $1::int AS n', [2], (_, { rows }) => resolve(told.push(rows[0].n))),
        ),
      ];
      expect(client.query(query)).toBe(query);
      expect(client.query(cursor)).toBe(cursor);
      promises.push(cursor.read(1).then(([row]) => told.push(row.n)).then(() => cursor.close())); // prettier-ignore
      promises.push(client.query({ text: 'SELECT 5 AS n', rowMode: 'array' }).then(({ rows }) => told.push(...rows[0]))); // prettier-ignore
      await Promise.all(promises);
    });
    expect(told).toEqual([1, 2, 3, 4, 5]);
    expect(overlaps).not.toContain(true);
  });

  it('goes on after one that fails, on the server or before it is sent', async () => {
    await pool.use(async (client) => {
      const outcomes = await Promise.allSettled([
        client.query('SELECT 1 / 0'),
        client.query({ text: 'SELECT $1', values: 'no array' as never }),
        client.query({} as { text: string }),
        (client.query as (...args: unknown[]) => Promise<unknown>)('SELECT 1', [], 5),
        numberOf(client, 7),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        ...Array<string>(4).fill('rejected'),
        'fulfilled',
      ]);
      expect(() => client.query(undefined as never)).toThrow(TypeError);
      expect(await numberOf(client, 8)).toBe(8);
    });
    expect(overlaps).not.toContain(true);
  });

  it('fails what waits when the session ends, also for a borrower that took all listeners off', async () => {
    const lease = await pool.acquire();
    const client = lease.resource;
    client.removeAllListeners();
    client.on('error', () => undefined);
    expect(await Promise.all([numberOf(client, 1), numberOf(client, 2)])).toEqual([1, 2]);
    const waiting = [1, 2, 3].map((number) =>
      numberOf(client, number).catch((error: Error) => error.message),
    );
    const called = new Promise((resolve) =>
      client.query('SELECT 4', (error: Error) => resolve(error.message)),
    );
    client.connection.stream.destroy();
    for (const failure of await Promise.all([...waiting, called]))
      expect(String(failure)).toMatch(/terminated|not queryable/);
    await expect(client.query('SELECT 5')).rejects.toThrow('not queryable');
    await lease.invalidate();
  });

  it('passes over a stream that was destroyed before its turn', async () => {
    await pool.use(async (client) => {
      const first = numberOf(client, 1);
      const stream = client.query(new QueryStream('SELECT 2 AS n'));
      const third = numberOf(client, 3);
      stream.destroy();
      expect(await Promise.all([first, third])).toEqual([1, 3]);
      client.query(stream);
      expect(await numberOf(client, 4)).toBe(4);
    });
    expect(overlaps).not.toContain(true);
    expect(pool.stats.destroyed).toBe(0);
  });

  const DEATHS: [string, (client: Client) => Promise<unknown>][] = [
    [
      'was terminated',
      async (client) => {
        const pid = (client as Client & { processID: number }).processID; // not declared
        await postgres.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
      },
    ],
    ['lost its connection', async (client) => void (await once(client.connection.stream.destroy(), 'close'))],
  ];

  it.each(DEATHS)('fails a stream that is read on when the session %s', async (_, die) => {
    await pool.use(async (client) => {
      client.on('error', () => undefined);
      const stream = client.query(
        new QueryStream('SELECT generate_series(1, 1000) AS n', [], { batchSize: 10 }),
      );
      const read = async (): Promise<void> => {
        let count = 0;
        for await (const row of stream) if (++count === 15 && row !== undefined) await die(client);
      };
      await expect(read()).rejects.toThrow();
    });
  });

  it.each(DEATHS)('closes a cursor of a session that %s, before and after', async (_, die) => {
    await pool.use(async (client) => {
      client.on('error', () => undefined);
      const cursor = client.query(new Cursor('SELECT generate_series(1, 1000) AS n'));
      await cursor.read(10);
      await die(client);
      await cursor.close();
    });
    await pool.use(async (client) => {
      client.on('error', () => undefined);
      const cursor = client.query(new Cursor('SELECT generate_series(1, 1000) AS n'));
      await cursor.read(10);
      const closed = cursor.close();
      await Promise.all([die(client), closed]);
    });
  });

  it('tells of a failure at the line that gave the statement, in its own asynchronous context', async () => {
    await pool.use(async (client) => {
      async function givesWhatFails(): Promise<void> {
        await client.query('SELECT 1 / 0');
      }
      stores = [];
      const first = context.run(1, () => numberOf(client, 1));
      const failure = await context.run(2, () => givesWhatFails().catch((error: Error) => error));
      expect((failure as Error).stack).toContain('givesWhatFails');
      await Promise.all([first, context.run(3, () => numberOf(client, 3))]);
      expect(stores).toEqual([1, 2, 3]);
    });
  });

  it('is not lent on before all are done', async () => {
    const lease = await pool.acquire();
    const told: number[] = [];
    for (const number of [1, 2, 3]) void numberOf(lease.resource, number).then((n) => told.push(n));
    await lease.release();
    expect(await pool.use((client) => numberOf(client, 4))).toBe(4);
    expect(told).toEqual([1, 2, 3]);
  });

  describe('in a transaction', () => {
    it('warns once when it is used in parallel from two places, and tells where', async () => {
      for (let loan = 0; loan < 2; loan++) {
        await pool.use(
          async (client) => {
            async function insertsInParallel(): Promise<void> {
              await client.query('INSERT INTO rows VALUES (1)');
            }
            await client.query('BEGIN');
            await Promise.all([insertsInParallel(), insertsInParallel(), insertsInParallel()]);
            await client.query('ROLLBACK');
          },
          { owner: 'OrdersController.import' },
        );
      }
      expect(warn).toHaveBeenCalledTimes(1);
      const [message, about] = warn.mock.calls[0] as unknown as [string, { type: string; detail: string }];
      expect(message).toContain('The transaction of OrdersController.import was used in parallel');
      expect(about).toEqual({
        type: 'ParallelTransactionWarning',
        detail: expect.stringContaining('insertsInParallel') as unknown,
      });
    });

    it('does not warn of what follows a failure that the server has told before it is ready', async () => {
      const slow = await Relay.before(postgres.url, (client, upstream) => {
        client.on('data', (chunk) => upstream.write(chunk));
        upstream.on('data', (chunk) => {
          const ready = chunk.at(-6) === READY ? chunk.length - 6 : chunk.length;
          client.write(chunk.subarray(0, ready));
          setTimeout(() => client.write(chunk.subarray(ready)), 20);
        });
      });
      const { pool: options, ...factory } = pgResource({ connection: slow.url });
      const far = new ResourcePool<Client>(factory, { ...options, max: 1 });
      await far.use(async (client) => {
        await client.query('BEGIN');
        await expect(client.query('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
        await client.query('ROLLBACK');
      });
      expect(warn).not.toHaveBeenCalled();
      await far.close();
      await slow.close();
    });

    it('does not warn of statements that await each other, or that callbacks follow, nor outside of one', async () => {
      await pool.use(async (client) => {
        await Promise.all([numberOf(client, 1), numberOf(client, 2)]);
        await client.query('BEGIN');
        await numberOf(client, 1);
        const over = new Promise((resolve) => {
          client.query('INSERT INTO rows VALUES (1)', () => undefined);
          client.query('INSERT INTO rows VALUES (2)', () => undefined);
          client.query('ROLLBACK', resolve);
        });
        await over;
      });
      expect(warn).not.toHaveBeenCalled();
    });
  });
});
