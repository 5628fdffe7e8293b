import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  LeaseReleasedError,
  type PoolOptions,
  ResourceCoordinator,
  type ResourceDefinition,
  ResourcesModule,
} from 'nestjs-resources';
import {
  cancelOn,
  getPgPoolToken,
  pgPoolProvider,
  type PgPoolOptions,
  pgResource,
} from 'nestjs-resources/pg';
import { Client, Pool, type PoolClient, type QueryConfig, types } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';

describe('the pool of a type, as a pg.Pool', () => {
  let postgres: Postgres;
  let coordinator: ResourceCoordinator;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  afterEach(() => coordinator?.cleanup());

  afterAll(() => postgres.stop());

  function definition(pool: PoolOptions = {}): ResourceDefinition<Client> {
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    return pgResource({ connection, pool: { max: 2, ...pool } });
  }

  function open(pool: PoolOptions = {}, options?: PgPoolOptions): Pool {
    coordinator = new ResourceCoordinator({ resources: { pg: definition(pool) } });
    return coordinator.pgPool('pg', options);
  }

  const pidOf = async (queries: Pool | PoolClient): Promise<number> =>
    (await queries.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

  it('is one to those who look: by its class, and by the name of its class', () => {
    const pool = open();
    expect(pool).toBeInstanceOf(Pool);
    expect(Object.getPrototypeOf(pool).constructor.name).toContain('Pool');
    expect(pool.options).toBeDefined();
  });

  it('lends clients that are clients, and not named as pools are', async () => {
    const client = await open().connect();
    expect(client).toBeInstanceOf(Client);
    expect(Object.getPrototypeOf(client).constructor.name).not.toContain('Pool');
    expect(client.database).toBe('postgres');
    expect(client.getTransactionStatus()).toBe('I');
    expect(client.escapeLiteral(`a'b`)).toBe(`'a''b'`);
    expect((client as PoolClient & { processID: number }).processID).toBe(await pidOf(client));
    client.release();
  });

  it('answers queries by promise', async () => {
    const pool = open();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await pool.query('SELECT $1::int AS one', [1])).rows).toEqual([{ one: 1 }]);
    expect((await pool.query({ text: 'SELECT $1::int', values: [1], rowMode: 'array' })).rows).toEqual([[1]]);
    await expect(pool.query('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
    await expect(pool.query(undefined as never)).rejects.toThrow(TypeError);
    expect(coordinator.leases()).toEqual([]);
  });

  it('answers queries by callback, wherever it stands', async () => {
    const pool = open();
    const answer = (ask: (callback: (error: Error, result: { rows: unknown[] }) => void) => void) =>
      new Promise((resolve, reject) =>
        ask((error, result) => (error ? reject(error) : resolve(result.rows))),
      );
    await expect(answer((callback) => pool.query('SELECT 1 AS one', callback))).resolves.toEqual([
      { one: 1 },
    ]);
    await expect(answer((callback) => pool.query('SELECT $1::int AS one', [1], callback))).resolves.toEqual([
      { one: 1 },
    ]);
    await expect(answer((callback) => pool.query('SELECT nothing', callback))).rejects.toMatchObject({
      code: '42703',
    });
    const query = (callback: unknown, text = 'SELECT 1 AS one') => ({ text, callback }) as QueryConfig;
    await expect(answer((callback) => void pool.query(query(callback)))).resolves.toEqual([{ one: 1 }]);
    const fails = answer((callback) => void pool.query(query(callback, 'SELECT nothing')));
    await expect(fails).rejects.toMatchObject({ code: '42703' });
    const both = query(() => undefined, 'SELECT $1::int AS one');
    await expect(answer((callback) => pool.query(both as never, [1], callback))).resolves.toEqual([
      { one: 1 },
    ]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('keeps the session of a query that fails, unless its error says that the session has ended', async () => {
    const pool = open();
    const pid = await pidOf(pool);
    await expect(pool.query('SELECT nothing')).rejects.toThrow();
    await expect(pidOf(pool)).resolves.toBe(pid);
    await expect(pool.query(`DO $$ BEGIN RAISE SQLSTATE '25006'; END $$`)).rejects.toThrow();
    await expect(pidOf(pool)).resolves.not.toBe(pid);
  });

  it('hears of a fatal error by whichever way a client is asked', async () => {
    const pool = open();
    const FATAL = `DO $$ BEGIN RAISE SQLSTATE '25006'; END $$`;
    for (const fail of [
      (client: PoolClient) => client.query(FATAL).catch(() => undefined),
      (client: PoolClient) => new Promise((resolve) => client.query(FATAL, resolve)),
      (client: PoolClient) =>
        new Promise((callback) => void client.query({ text: FATAL, callback } as QueryConfig)),
    ]) {
      const client = await pool.connect();
      const pid = await pidOf(client);
      await fail(client);
      client.release();
      await expect(pidOf(pool)).resolves.not.toBe(pid);
    }
  });

  it('answers what comes after a fatal error by that error, until it is released', async () => {
    const pool = open();
    const client = await pool.connect();
    await client.query('BEGIN');
    const fatal: unknown = await client
      .query(`DO $$ BEGIN RAISE SQLSTATE '26000'; END $$`)
      .catch((error: unknown) => error);
    await expect(client.query('ROLLBACK')).rejects.toBe(fatal);
    await expect(new Promise((resolve) => client.query('ROLLBACK', resolve))).resolves.toBe(fatal);
    client.release();
    await expect(client.query('ROLLBACK')).rejects.toBeInstanceOf(LeaseReleasedError);
    await expect(pool.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    expect(coordinator.leases()).toEqual([]);
  });

  it('gives a client to a callback, with what gives it back', async () => {
    const pool = open();
    await new Promise<void>((resolve, reject) => {
      pool.connect((error, client, release) => {
        if (error || client === undefined) return reject(error);
        expect(coordinator.leases()).toHaveLength(1);
        release();
        resolve();
      });
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('tells a callback what it could not lend, and that there is nothing to give back', async () => {
    const pool = open();
    await coordinator.cleanup();
    await new Promise<void>((resolve) => {
      pool.connect((error, client, release) => {
        expect([error?.name, client]).toEqual(['PoolClosedError', undefined]);
        release();
        resolve();
      });
    });
  });

  it('returns what submits itself, and gives the session back when that was read to its end or closed', async () => {
    const pool = open({ max: 1 });
    const cursor = pool.query(new Cursor<{ n: number }>('SELECT generate_series(1, 5) AS n'));
    expect(await cursor.read(3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(coordinator.leases()).toHaveLength(1);
    await cursor.close();
    const seen: unknown[] = [];
    for await (const { n } of pool.query(new QueryStream('SELECT generate_series(1, 3) AS n'))) seen.push(n);
    expect(seen).toEqual([1, 2, 3]);
    await eventually(() => expect(coordinator.leases()).toEqual([]));
    await expect(pool.query(new Cursor('SELECT nothing')).read(1)).rejects.toMatchObject({ code: '42703' });
    await eventually(() => expect(coordinator.leases()).toEqual([]));
    await coordinator.cleanup();
    await expect(pool.query(new Cursor('SELECT 1')).read(1)).rejects.toThrow('shutting down');
  });

  it('destroys a session that is released with an error, and says so', async () => {
    const pool = open();
    const removed = jest.fn();
    pool.on('remove', removed);
    const client = await pool.connect();
    const pid = await pidOf(client);
    client.release(new Error('broken'));
    await expect(pidOf(pool)).resolves.not.toBe(pid);
    await eventually(() => expect(removed).toHaveBeenCalledWith(client));
    expect(coordinator.stats().pools.pg.retired.invalid).toBe(1);
  });

  it('destroys a session whose client is ended', async () => {
    const pool = open();
    const client = await pool.connect();
    const pid = await pidOf(client);
    await client.end();
    await new Promise<void>((resolve) => client.end(() => resolve()));
    client.release();
    await expect(pidOf(pool)).resolves.not.toBe(pid);
    await expect(client.connect()).rejects.toThrow('connected already');
  });

  it('takes a second release for none, and refuses what comes after the first', async () => {
    const pool = open({ max: 1 });
    const client = await pool.connect();
    client.release();
    const next = await pool.connect();
    client.release(true);
    const refused = { name: 'LeaseReleasedError' };
    await expect(client.query('SET work_mem TO 64')).rejects.toMatchObject(refused);
    await new Promise<void>((resolve) => {
      client.query('SET work_mem TO 64', (error) => {
        expect(error).toMatchObject(refused);
        resolve();
      });
    });
    expect(() => client.connection).toThrow(expect.objectContaining(refused));
    expect(() => client.setTypeParser(types.builtins.INT4, String)).toThrow(expect.objectContaining(refused));
    expect(client.getTransactionStatus()).toBeNull();
    await expect(pidOf(next)).resolves.toBeGreaterThan(0);
    next.release();
  });

  it('refuses a client that has outlived its scope', async () => {
    const pool = open();
    const client = await coordinator.run(() => pool.connect());
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ name: 'LeaseReleasedError' });
    client.release();
  });

  it('keeps what is put on a client from the next borrower of its session', async () => {
    const pool = open({ max: 1 });
    const client = await pool.connect();
    const heard: string[] = [];
    client.on('notification', ({ payload }) => heard.push(payload ?? ''));
    client.on('notice', ({ message }) => heard.push(message ?? ''));
    client.setTypeParser(types.builtins.INT4, (text: string) => `number ${text}`);
    await client.query(`LISTEN news; NOTIFY news, 'mine'`);
    await client.query(`DO $$ BEGIN RAISE NOTICE 'a word'; END $$`);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 'number 1' }]);
    await eventually(() => expect(heard).toEqual(['mine', 'a word']));
    client.release();
    const next = await pool.connect();
    await next.query(`LISTEN news; NOTIFY news, 'theirs'`);
    expect((await next.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    next.release();
    expect(heard).toEqual(['mine', 'a word']);
  });

  it('lets a client hear that its session has died, and needs nobody to listen', async () => {
    const pool = open();
    const [listening, deaf] = [await pool.connect(), await pool.connect()];
    const heard = jest.fn();
    listening.on('error', heard);
    await postgres.terminateSessions();
    await eventually(() => expect(heard).toHaveBeenCalled());
    await eventually(() => expect(coordinator.leases()).toEqual([])); // although nobody has released them
    await expect(deaf.query('SELECT 1')).rejects.toThrow(/not queryable|terminat/);
    for (const client of [listening, deaf]) client.release();
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
  });

  it('tells of each checkout, which is as a new session, and of each return', async () => {
    const pool = open({ max: 1 });
    const heard: unknown[] = [];
    pool.on('connect', (client) => {
      heard.push('connect');
      void client.query(`SET work_mem TO '5MB'`);
    });
    pool.on('acquire', () => heard.push('acquire'));
    pool.on('release', (error) => heard.push(['release', error]));
    for (let round = 0; round < 2; round++)
      expect((await pool.query('SHOW work_mem')).rows).toEqual([{ work_mem: '5MB' }]);
    const round = ['connect', 'acquire', ['release', undefined]];
    expect(heard).toEqual([...round, ...round]);
  });

  it('keeps no session of a checkout whose listener has thrown', async () => {
    const pool = open({ max: 1 });
    const refuse = (): never => {
      throw new Error('not this one');
    };
    for (const event of ['connect', 'acquire'] as const) {
      pool.once(event, refuse);
      await expect(pool.connect()).rejects.toThrow('not this one');
      pool.once(event, refuse);
      await expect(pool.query('SELECT 1')).rejects.toThrow('not this one');
    }
    expect(coordinator.leases()).toEqual([]);
    await expect(pidOf(pool)).resolves.toBeGreaterThan(0);
  });

  it('counts sessions, idle ones and callers that wait', async () => {
    const pool = open({ max: 1 });
    expect([pool.totalCount, pool.idleCount, pool.waitingCount, pool.expiredCount]).toEqual([0, 0, 0, 0]);
    const client = await pool.connect();
    const waiting = pool.connect();
    await eventually(() => expect(pool.waitingCount).toBe(1));
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 0]);
    client.release();
    (await waiting).release();
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
    await coordinator.cleanup();
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([0, 0, 0]);
  });

  it('ends nothing when it is ended, once or again', async () => {
    const pool = open();
    await pool.query('SELECT 1');
    await pool.end();
    await new Promise<void>((resolve) => pool.end(resolve));
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
    await expect(coordinator.pgPool('pg').query('SELECT 1')).resolves.toBeDefined();
  });

  it('waits for a session no longer than it is told', async () => {
    const pool = open({ max: 1 }, { timeout: '20ms' });
    const client = await coordinator.pgPool('pg').connect();
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ name: 'AcquireTimeoutError' });
    client.release();
  });

  it('asks for the key of a keyed type at each checkout, in the work that asks', async () => {
    let key = 'one';
    const pool = open({ max: 4, keyed: { max: 4 } }, { key: () => key });
    const first = await pidOf(pool);
    key = 'two';
    const second = await pidOf(pool);
    expect(second).not.toBe(first);
    key = 'one';
    await expect(pidOf(pool)).resolves.toBe(first);
    expect(pool.totalCount).toBe(2);
    key = 5 as never;
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ name: 'InvalidOptionsError' });
  });

  it.each<[string, unknown]>([
    ['options', 5],
    ['size', { size: 5 }],
    ['key', { key: 5 }],
    ['timeout', { timeout: 'soon' }],
    ['outsideTransaction', { outsideTransaction: 'shared' }],
  ])('refuses %s that can not work: %j', (_, options) => {
    open();
    expect(() => coordinator.pgPool('pg', options as PgPoolOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError' }),
    );
  });

  it('refuses a type of something else, and one that there is not', async () => {
    coordinator = new ResourceCoordinator({ resources: { files: { create: () => ({}) } } });
    await expect(coordinator.pgPool('files').query('SELECT 1')).rejects.toThrow(
      'must be one that pgResource()',
    );
    expect(coordinator.leases()).toEqual([]);
    await expect(coordinator.pgPool('pg').connect()).rejects.toMatchObject({ name: 'UnknownResourceError' });
  });

  it('lends clients whose statements can be cancelled, until they are released', async () => {
    const pool = open();
    const client = await pool.connect();
    const abort = new AbortController();
    cancelOn(abort.signal, client);
    const failing = client
      .query(`SELECT pg_sleep(30), 'cancelled'`)
      .catch((error: { code: string }) => error.code);
    await eventually(async () =>
      expect(await postgres.sessions()).toContainEqual(
        expect.objectContaining({ state: 'active', query: expect.stringContaining(`'cancelled'`) }),
      ),
    );
    abort.abort();
    await expect(failing).resolves.toBe('57014');
    client.release();
    expect(() => cancelOn(new AbortController().signal, client)).toThrow(LeaseReleasedError);
  });

  it('can be injected', async () => {
    @Injectable()
    class Orders {
      constructor(@Inject(getPgPoolToken('pg')) readonly pool: Pool) {}
    }
    const module = await Test.createTestingModule({
      imports: [ResourcesModule.forRoot({ resources: { pg: definition() } })],
      providers: [pgPoolProvider('pg'), Orders],
    }).compile();
    const { pool } = module.get(Orders);
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
    expect(module.get(getPgPoolToken('pg'))).toBe(pool);
    await module.close();
  });
});
