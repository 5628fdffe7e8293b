import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { checkFactory } from 'nestjs-resources/testing';
import {
  pgResource,
  type PgResourceOptions,
  SessionStateError,
  UncleanSessionError,
} from 'nestjs-resources/pg';
import { type PoolEvent, ResourcePool } from 'nestjs-resources/pool';
import { Client } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { CountingProxy } from './counting-proxy.fixture.js';

describe('pgResource', () => {
  let postgres: Postgres;
  let pool: ResourcePool<Client>;
  let events: PoolEvent[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(
      'CREATE FUNCTION sets() RETURNS text LANGUAGE sql AS $$ SELECT set_config($1, $1, false) $$'.replaceAll(
        '$1',
        `'app.x'`,
      ),
    );
  });

  afterEach(async () => {
    await pool?.close();
    await postgres.terminateSessions();
  });

  afterAll(() => postgres.stop());

  function open(options: Partial<PgResourceOptions> = {}): ResourcePool<Client> {
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    const { pool: poolOptions, ...factory } = pgResource({ connection, ...options });
    const validation = { timeout: '1s', ...poolOptions?.validation };
    pool = new ResourcePool<Client>(factory, { max: 1, ...poolOptions, validation });
    events = [];
    pool.observe((event) => events.push(event));
    return pool;
  }

  const pidOf = async (client: Client): Promise<number> =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

  const setting = async (client: Client, name: string): Promise<unknown> =>
    (await client.query<{ value: unknown }>('SELECT current_setting($1, true) AS value', [name])).rows[0]
      .value;

  it.each<[string, unknown, string]>([
    ['pgResource', 5, 'must be an object'],
    ['pgResource.connection', {}, 'must be a connection string'],
    ['pgResource.connection', { connection: 5 }, 'must be a connection string'],
    [
      'pgResource.reset',
      { connection: 'x', reset: 'never' },
      'must be one of "auto", "discard", "rollback", "none"',
    ],
    [
      'pgResource.behind',
      { connection: 'x', behind: 'pgbouncer' },
      'must be one of "pgbouncer-transaction", "rds-proxy"',
    ],
    ['pgResource.reset', { connection: 'x', behind: 'rds-proxy', reset: 'discard' }, 'must not be "discard"'],
    ['pgResource.cancel', { connection: 'x', cancel: true }, 'must be an object'],
    ['pgResource.cancel.after', { connection: 'x', cancel: { after: 1 } }, 'is not an option'],
    ['pgResource.cancel.onHangUp', { connection: 'x', cancel: { onHangUp: 1 } }, 'must be true or false'],
    ['pgResource.cancel.timeout', { connection: 'x', cancel: { timeout: 0 } }, 'must be more than 0'],
    ['pgResource.cancel.timeout', { connection: 'x', cancel: { timeout: Infinity } }, 'at most 24 days'],
    ['pgResource.serverTimeouts', { connection: 'x', serverTimeouts: 1 }, 'must be true or false'],
    ['pgResource.serverTimeouts', { connection: 'x', serverTimeouts: true }, 'needs "pool.maxLeaseTime"'],
    [
      'pgResource.serverTimeouts',
      { connection: 'x', serverTimeouts: true, pool: { maxLeaseTime: '30d' } },
      'at most 24 days',
    ],
    ['pgResource.pool', { connection: 'x', pool: 5 }, 'must be an object'],
    ['pgResource.applicationName', { connection: 'x', applicationName: 'orders' }, 'must be one of "owner"'],
    [
      'pgResource.applicationName',
      { connection: 'x', applicationName: 'owner', behind: 'rds-proxy' },
      'it would pin each session',
    ],
    ['pgResource.session', { connection: 'x', session: null }, 'must be an object'],
    ['pgResource.session.begin', { connection: 'x', session: {} }, 'must be a function'],
    [
      'pgResource.session.end',
      { connection: 'x', session: { begin: () => undefined, end: 5 } },
      'must be a function',
    ],
    [
      'pgResource.session.start',
      { connection: 'x', session: { begin: () => undefined, start: 5 } },
      'is not an option',
    ],
    [
      'pgResource.session',
      { connection: 'x', session: { begin: () => undefined }, reset: 'none' },
      'needs a reset',
    ],
    ['max', { connection: 'x', max: 5 }, 'is not an option'],
  ])('refuses %s of %j', (option, options, problem) => {
    expect(() => pgResource(options as PgResourceOptions)).toThrow(problem);
    expect(() => pgResource(options as PgResourceOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError' }),
    );
    expect(option).toBeDefined();
  });

  it('is safe, as checkFactory finds', async () => {
    const definition = pgResource({
      connection: { connectionString: postgres.url, application_name: 'orders' },
    });
    const { checks } = await checkFactory(definition, {
      count: async () => (await postgres.sessions()).length,
      kill: async (client: Client) => {
        await postgres.query('SELECT pg_terminate_backend($1, 5000)', [await pidOf(client)]);
      },
      spoil: async (client: Client) => {
        await client.query('BEGIN');
        await client.query(`SET app.x TO 'y'`);
      },
      isClean: async (client: Client) => ((await setting(client, 'app.x')) ?? '') === '',
    });
    expect(checks).toEqual(expect.arrayContaining(['create', 'destroy', 'abort', 'reset', 'kill']));
  });

  it('takes the login from what the secret brings, in each of its forms', async () => {
    const { password } = new URL(postgres.url);
    const without = new URL(postgres.url);
    without.username = without.password = '';
    for (const [connection, secret] of [
      [without.href, { user: 'orders', password }],
      [
        { connectionString: without.href, user: 'orders' },
        { user: 'orders', password },
      ],
      [
        { host: without.hostname, port: Number(without.port), user: 'orders', database: 'postgres' },
        password,
      ],
    ] as const) {
      open({ connection, pool: { credentials: { secret: () => Promise.resolve(secret) } } });
      await expect(pool.use(pidOf)).resolves.toEqual(expect.any(Number));
      await pool.close();
    }
  });

  it('reads a secret that was refused once more', async () => {
    const { password } = new URL(postgres.url);
    const without = new URL(postgres.url);
    without.password = '';
    const secrets = ['old', password];
    const connection = ({ secret }: { secret: unknown }): { connectionString: string } => {
      without.password = String(secret);
      return { connectionString: without.href };
    };
    open({ connection, pool: { credentials: { secret: () => secrets.shift() } } });
    await expect(pool.use(pidOf)).resolves.toEqual(expect.any(Number));
    expect(secrets).toEqual([]);
  });

  it('has the server end what a lease has no more time for, and keeps to it after a reset', async () => {
    open({ serverTimeouts: true, pool: { maxLeaseTime: '90s' } });
    for (let loan = 0; loan < 2; loan++) {
      await pool.use(async (client) => {
        expect(await setting(client, 'statement_timeout')).toBe('90s');
        expect(await setting(client, 'idle_in_transaction_session_timeout')).toBe('90s');
        await client.query('SET statement_timeout TO 0');
      });
    }
    await pool.close();
    const connection = { connectionString: postgres.url, statement_timeout: 5_000 };
    open({ connection, serverTimeouts: true, pool: { maxLeaseTime: '90s' } });
    expect(await pool.use((client) => setting(client, 'statement_timeout'))).toBe('5s');
  });

  it('retires a session that the server ends, idle or lent', async () => {
    open();
    await pool.use(pidOf);
    await postgres.terminateSessions();
    await eventually(() => expect(pool.stats.retired.invalid).toBe(1));
    const lease = await pool.acquire();
    await postgres.terminateSessions();
    await lease.release();
    expect(pool.stats.retired.invalid).toBe(2);
  });

  it('ends with a server that says nothing, when creating and when destroying', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    open({
      connection: { host: '127.0.0.1', port: (silent.address() as AddressInfo).port },
      pool: { creation: { timeout: '100ms' } },
    });
    await expect(pool.acquire({ timeout: '300ms' })).rejects.toThrow();
    await eventually(() => expect(sockets.every((socket) => socket.closed)).toBe(true));
    silent.close();
  });

  it('gives up the session whose work fails by an error that ends it, and keeps one whose transaction has failed', async () => {
    open();
    const pid = await pool.use(pidOf);
    await expect(pool.use((client) => client.query('SELECT 1 / 0'))).rejects.toThrow('division');
    expect(await pool.use(pidOf)).toBe(pid);
    const lost = Object.assign(new Error('read-only'), { cause: { code: '25006' } });
    await expect(pool.use(() => Promise.reject(lost))).rejects.toBe(lost);
    expect(await pool.use(pidOf)).not.toBe(pid);
  });

  it('says why a session can not be lent on', async () => {
    open();
    await pool.use((client) => client.query('SELECT setseed(0.5)'));
    const told = { kind: 'resetFailed', cause: expect.any(UncleanSessionError) };
    await eventually(() => expect(events).toContainEqual(expect.objectContaining(told)));
  });

  it('ends a session that somebody goes on using after the loan', async () => {
    open();
    const lease = await pool.acquire();
    const client = lease.resource;
    await client.query(`SET app.x TO 'y'`);
    const released = lease.release();
    const late = client.query(`SET app.x TO 'z'`).catch(() => undefined);
    await released;
    await late;
    await eventually(() => expect(pool.stats.retired.invalid).toBe(1));
  });

  describe('reset', () => {
    it('discards after each loan', async () => {
      const proxy = await CountingProxy.before(postgres.url);
      open({ connection: proxy.url, reset: 'discard' });
      const lease = await pool.acquire();
      const { sent } = proxy;
      await lease.release();
      expect(proxy.sent).toBeGreaterThan(sent);
      await pool.use((client) => client.query('BEGIN'));
      expect(await pool.use((client) => Promise.resolve(client.getTransactionStatus()))).toBe('I');
      await pool.close();
      await proxy.close();
    });

    it('only rolls back', async () => {
      open({ reset: 'rollback' });
      await pool.use(async (client) => {
        await client.query(`SET app.x TO 'y'`);
        client.on('notification', () => undefined);
        void client.query('BEGIN');
      });
      await pool.use(async (client) => {
        expect(client.getTransactionStatus()).toBe('I');
        expect(client.listenerCount('notification')).toBe(0);
        expect(await setting(client, 'app.x')).toBe('y');
      });
    });

    it('does nothing', async () => {
      open({ reset: 'none' });
      await pool.use((client) => client.query('BEGIN'));
      expect(await pool.use((client) => Promise.resolve(client.getTransactionStatus()))).toBe('T');
    });

    it('is a function, which gets the session when nothing is in flight', async () => {
      const statuses: unknown[] = [];
      open({
        reset: async (client) => {
          statuses.push(client.getTransactionStatus());
          await client.query('ROLLBACK');
        },
      });
      await pool.use((client) => void client.query('BEGIN'));
      await pool.use(pidOf);
      expect(statuses).toEqual(['T', 'I']);
      expect(pool.stats.retired.invalid).toBe(0);
    });

    it.each<[string, () => unknown]>([
      [
        'throws',
        () => {
          throw new Error('no');
        },
      ],
      ['rejects', () => Promise.reject(new Error('no'))],
      ['never ends', () => new Promise(() => undefined)],
      [
        'returns what resolves to itself',
        () => {
          // oxlint-disable-next-line unicorn/no-thenable
          const loop = { then: (resolve: (value: unknown) => void) => resolve(loop) };
          return loop;
        },
      ],
      ['leaves a transaction open', () => undefined],
    ])('that %s ends the session', async (_, reset) => {
      open({ reset });
      await pool.use((client) => client.query('BEGIN'));
      await eventually(() => expect(pool.stats.retired.invalid).toBe(1));
    });

    it('waits for a cursor that is still open no longer than the time-out of validation', async () => {
      open();
      const lease = await pool.acquire();
      await lease.resource.query(new Cursor('SELECT generate_series(1, 100)')).read(1);
      await lease.release();
      await eventually(() => expect(pool.stats.retired.invalid).toBe(1));
    });
  });

  describe('in a database that leaves state by itself', () => {
    afterEach(() => postgres.query('DROP VIEW IF EXISTS seen; DROP FUNCTION IF EXISTS hidden(seen)'));

    it('undoes whatever it may be after each loan, and says so once', async () => {
      await postgres.query('CREATE VIEW seen AS SELECT sets() AS x');
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      try {
        open();
        for (let loan = 0; loan < 3; loan++) {
          await pool.use((client) => client.query('TABLE seen'));
          expect((await pool.use((client) => setting(client, 'app.x'))) ?? '').toBe('');
        }
        expect(warn.mock.calls).toEqual([
          [expect.stringMatching(/"?postgres"? are reset by DISCARD ALL .* view seen/), 'PgResetWarning'],
        ]);
      } finally {
        warn.mockRestore();
      }
    });

    it('does the same when it can not tell, because the server takes too long to say', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const locks = new Client(postgres.url);
      await locks.connect();
      try {
        await locks.query('BEGIN; LOCK TABLE pg_proc IN ACCESS EXCLUSIVE MODE');
        open({ pool: { validation: { onBorrow: false } } });
        const lease = await pool.acquire();
        await locks.query('ROLLBACK');
        await lease.resource.query(`SET app.x TO 'y'`);
        await lease.release();
        expect((await pool.use((client) => setting(client, 'app.x'))) ?? '').toBe('');
        expect(warn.mock.calls).toEqual([
          [expect.stringMatching(/can't be read: .*timeout/), 'PgResetWarning'],
        ]);
      } finally {
        warn.mockRestore();
        await locks.end();
      }
    });

    it('notices what a loan has brought about, and when it is gone again', async () => {
      open();
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      try {
        await pool.use((client) => client.query('CREATE VIEW seen AS SELECT sets() AS x'));
        await pool.use((client) => client.query('TABLE seen'));
        expect((await pool.use((client) => setting(client, 'app.x'))) ?? '').toBe('');
        expect(warn).toHaveBeenCalledTimes(1);
      } finally {
        warn.mockRestore();
      }
    });
  });

  describe('behind a proxy that lends sessions on by itself', () => {
    it.each([
      'LISTEN news',
      `SET app.x TO 'y'`,
      'SELECT pg_advisory_lock(1)',
      'CREATE TEMP TABLE t (id int)',
      'PREPARE p AS SELECT 1',
    ])('refuses %s, in each style', async (text) => {
      open({ behind: 'pgbouncer-transaction' });
      await pool.use(async (client) => {
        await expect(client.query(text)).rejects.toThrow(SessionStateError);
        await expect(client.query({ text })).rejects.toThrow(SessionStateError);
        await expect(new Promise((_, reject) => client.query(text, [], reject))).rejects.toThrow(
          SessionStateError,
        );
        await expect(client.query(new Cursor(text)).read(1)).rejects.toThrow(SessionStateError);
        await expect(client.query(new QueryStream(text)).toArray()).rejects.toThrow(SessionStateError);
        await expect(pidOf(client)).resolves.toEqual(expect.any(Number));
      });
      expect(pool.stats.retired.invalid).toBe(0);
    });

    it('lets pass what ends with the transaction, and what it does not know', async () => {
      open({ behind: 'pgbouncer-transaction' });
      await pool.use(async (client) => {
        await client.query('BEGIN');
        for (const text of [
          `SET LOCAL app.x TO 'y'`,
          `SELECT set_config('app.x', 'y', true)`,
          'SELECT sets()',
        ])
          await client.query(text);
      });
      expect(await pool.use((client) => Promise.resolve(client.getTransactionStatus()))).toBe('I');
    });

    it('ends a session that was left anything behind rds-proxy, and sends no byte to any other', async () => {
      const proxy = await CountingProxy.before(postgres.url);
      open({ connection: proxy.url, behind: 'rds-proxy' });
      const lease = await pool.acquire();
      await lease.resource.query('SELECT 1');
      const { sent } = proxy;
      await lease.release();
      expect(proxy.sent).toBe(sent);
      expect(pool.stats.retired.invalid).toBe(0);
      await pool.use((client) => client.query(`SET app.x TO 'y'`));
      await eventually(() => expect(pool.stats.retired.invalid).toBe(1));
      await pool.close();
      await proxy.close();
    });
  });
});
