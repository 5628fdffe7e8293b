import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource, type PgResourceOptions } from 'nestjs-resources/pg';
import { type Client, types } from 'pg';
import { type AddressInfo, createServer } from 'node:net';
import Cursor from 'pg-cursor';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { NATIVE_CLIENTS, withoutNative } from './native-double.fixture.js';

let postgres: Postgres;
let coordinator: ResourceCoordinator;

beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query('CREATE TABLE written (value int)');
});

afterAll(() => postgres.stop());

function open(reset: PgResourceOptions['reset'], max = 1): void {
  const connection = { connectionString: postgres.url, application_name: 'orders' };
  const pg = pgResource({ connection, native: true, reset, pool: { max, acquireTimeout: '10s' } });
  coordinator = new ResourceCoordinator({ resources: { pg } });
}

const use = <R>(work: (client: Client) => Promise<R>): Promise<R> => coordinator.use<Client, R>('pg', work);

const pidOf = async (client: Client): Promise<number> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

const show = async (client: Client, setting: string): Promise<unknown> =>
  (await client.query<Record<string, unknown>>(`SHOW ${setting}`)).rows[0][setting];

const written = () => postgres.query('SELECT value FROM written ORDER BY value');

describe.each(NATIVE_CLIENTS)('a session of libpq, by %s', (_, install) => {
  beforeEach(async () => {
    install();
    await postgres.query('TRUNCATE written');
  });

  afterEach(async () => {
    expect(coordinator.leases()).toEqual([]);
    await coordinator.cleanup();
    await eventually(async () => expect(await postgres.sessions()).toEqual([]));
  });

  it('answers by promise and by callback, with values and without', async () => {
    open('discard');
    await use(async (client) => {
      expect((await client.query('SELECT $1::int AS one', [1])).rows).toEqual([{ one: 1 }]);
      const rows = await new Promise((resolve, reject) => {
        client.query('SELECT 2 AS two', (error, result) => (error ? reject(error) : resolve(result.rows)));
      });
      expect(rows).toEqual([{ two: 2 }]);
      const error = await new Promise((resolve) => {
        client.query('SELECT nothing', [], resolve);
      });
      expect(error).toMatchObject({ code: '42703' });
      expect(() => client.query(null as never)).toThrow(TypeError);
    });
  });

  it('leaves the next borrower nothing with "discard": settings, subscriptions, temporary tables, names, listeners, parsers', async () => {
    open('discard');
    const heard: unknown[] = [];
    const pid = await use(async (client) => {
      client.on('notification', (message) => heard.push(message));
      client.setTypeParser(types.builtins.BOOL, (text: string) => `said ${text}`);
      expect((await client.query('SELECT true AS so')).rows).toEqual([{ so: 'said t' }]);
      await client.query(`SET work_mem TO '5MB'; LISTEN news; CREATE TEMP TABLE mine (a int)`);
      await client.query({ name: 'one', text: 'SELECT 1 AS one' });
      return pidOf(client);
    });
    await use(async (client) => {
      expect(await pidOf(client)).toBe(pid);
      expect((await client.query('SELECT true AS so')).rows).toEqual([{ so: true }]);
      await expect(show(client, 'work_mem')).resolves.toBe('4MB');
      await expect(client.query('SELECT * FROM mine')).rejects.toMatchObject({ code: '42P01' });
      await postgres.query('NOTIFY news');
      expect((await client.query({ name: 'one', text: 'SELECT 1 AS one' })).rows).toEqual([{ one: 1 }]);
    });
    expect(heard).toEqual([]);
  });

  it.each(['discard', 'rollback'] as const)(
    'is rolled back with %j, even if its statements were not awaited',
    async (reset) => {
      open(reset);
      for (const fails of [false, true])
        await use(async (client) => {
          void client.query('BEGIN');
          void client.query('INSERT INTO written VALUES (1)');
          if (fails) client.query('SELECT nothing').catch(() => undefined);
        });
      await use(async (client) => {
        expect(client.getTransactionStatus()).toBe('I');
        await client.query('INSERT INTO written VALUES (2)');
      });
      await expect(written()).resolves.toEqual([{ value: 2 }]);
      expect((await postgres.sessions()).length).toBe(1);
    },
  );

  it('keeps settings with "rollback", and all with "none"', async () => {
    open('rollback');
    await use((client) => client.query(`SET work_mem TO '5MB'`));
    await use(async (client) => expect(await show(client, 'work_mem')).toBe('5MB'));
    await coordinator.cleanup();
    open('none');
    await use((client) => client.query('BEGIN'));
    await use(async (client) => expect(client.getTransactionStatus()).toBe('T'));
  });

  it('is reset by a function, and destroyed when that leaves a transaction open', async () => {
    open(async (client) => {
      await client.query(`RESET work_mem`);
      return 'whatever';
    });
    const pid = await use(async (client) => {
      await client.query(`SET work_mem TO '5MB'`);
      return pidOf(client);
    });
    await use(async (client) => {
      expect([await pidOf(client), await show(client, 'work_mem')]).toEqual([pid, '4MB']);
      await client.query('BEGIN');
    });
    await use(async (client) => expect(await pidOf(client)).not.toBe(pid));
  });

  it('is destroyed when somebody uses it after the loan', async () => {
    open('discard');
    let late: Promise<unknown> | undefined;
    const pid = await use(async (client) => {
      const pid = await pidOf(client);
      const slow = client.query('SELECT pg_sleep(0.05)');
      late = slow.then(() => client.query('SELECT 1')).catch((error: unknown) => error);
      return pid;
    });
    await use(async (client) => expect(await pidOf(client)).not.toBe(pid));
    await late;
  });

  it('has the transactions of the coordinator: commit, rollback, nested, in turn', async () => {
    open('discard');
    const insert = (client: Client, value: number) => client.query(`INSERT INTO written VALUES (${value})`);
    await coordinator.run(async () => {
      const { resource } = await coordinator.acquire<Client>('pg');
      await coordinator.transaction<Client>('pg', async (client) => {
        await insert(client, 1);
        const nested = async (inner: Client): Promise<never> => {
          await insert(inner, 2);
          throw new Error('not this one');
        };
        await expect(
          coordinator.transaction<Client, never>('pg', nested, { propagation: 'NESTED' }),
        ).rejects.toThrow('not this one');
      });
      const failed = coordinator.transaction<Client>('pg', async (client) => {
        await insert(client, 3);
        throw new Error('changed my mind');
      });
      await Promise.all([
        expect(failed).rejects.toThrow('changed my mind'),
        eventually(() => insert(resource, 4)),
      ]);
      const readOnly = coordinator.transaction<Client>('pg', (client) => insert(client, 5), {
        readOnly: true,
      });
      await expect(readOnly).rejects.toMatchObject({ code: '25006' });
    });
    expect((await written()).filter(({ value }: { value?: number }) => value !== 4)).toEqual([{ value: 1 }]);
    expect(coordinator.stats().pools.pg.created).toBe(1);
  });

  it('is retired when it dies, idle or lent', async () => {
    open('discard');
    await use(pidOf);
    await postgres.terminateSessions();
    await use(async (client) => {
      await pidOf(client);
      await postgres.terminateSessions();
      await expect(client.query('SELECT 1')).rejects.toThrow();
    });
    await expect(use(pidOf)).resolves.toEqual(expect.any(Number));
  });

  it('is replaced when its borrower ends it, or gives it back as broken while a statement runs', async () => {
    open('discard');
    const first = await use(async (client) => {
      const pid = await pidOf(client);
      await client.end();
      return pid;
    });
    const lease = await coordinator.acquire<Client>('pg');
    const second = await pidOf(lease.resource);
    const running = lease.resource.query('SELECT pg_sleep(1)').catch((error: unknown) => error);
    await lease.invalidate(new Error('broken'));
    await expect(running).resolves.toThrow('terminated');
    const third = await use(pidOf);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('that connects to nobody who answers is given up at once, and ends when it is there after all', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const connection = { host: '127.0.0.1', port, user: 'orders', connectionTimeoutMillis: 2_000 };
    const pg = pgResource({ connection, native: true, reset: 'discard' });
    coordinator = new ResourceCoordinator({ resources: { pg } });
    const abort = new AbortController();
    const asked = coordinator.acquire('pg', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toMatchObject({ name: 'AcquireAbortedError' });
    await coordinator.cleanup();
    silent.close();
  });

  it('tells what connecting throws', async () => {
    const connection = postgres.url.replace(/\/\/[^@]*@/, '//nobody:wrong@');
    const pool = { creation: { retry: { attempts: 1 } } };
    const pg = pgResource({ connection, native: true, reset: 'discard', pool });
    coordinator = new ResourceCoordinator({ resources: { pg } });
    await expect(use(pidOf)).rejects.toMatchObject({ name: 'ResourceCreationError' });
  });

  it('refuses what needs a connection of pg: cursors, and the pool for ORMs', async () => {
    open('discard');
    await use(async (client) => {
      await expect(client.query(new Cursor('SELECT 1')).read(1)).rejects.toThrow('without "native"');
    });
    await expect(coordinator.pgPool('pg').query('SELECT 1')).rejects.toThrow('without "native"');
  });

  it.each<[string, object]>([
    ['reset', {}],
    ['reset', { reset: 'auto' }],
    ['cancel', { reset: 'discard', cancel: {} }],
    ['behind', { reset: 'rollback', behind: 'rds-proxy' }],
    ['applicationName', { reset: 'discard', applicationName: 'owner' }],
    ['serverTimeouts', { reset: 'discard', serverTimeouts: true, pool: { maxLeaseTime: '1m' } }],
    ['session', { reset: 'discard', session: { begin: () => undefined } }],
    ['native', { native: 'yes' }],
  ])('refuses %s: %j', (option, options) => {
    open('discard');
    expect(() => pgResource({ connection: postgres.url, native: true, ...options })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: expect.stringContaining(option) }),
    );
  });
});

describe('without the package that it needs', () => {
  it('is refused, and says which', () => {
    withoutNative();
    expect(() => pgResource({ connection: postgres.url, native: true, reset: 'discard' })).toThrow(
      'pg-native',
    );
  });
});
