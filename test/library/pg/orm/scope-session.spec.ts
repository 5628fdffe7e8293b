import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client, Pool, PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { KINDS } from './clients.fixture.js';
import { type OrmClient, ORM_TABLE } from './clients/orm-client.fixture.js';

const SHARE = { outsideTransaction: 'share' } as const;
const WAITED = { name: 'ForeignTransactionError', problem: 'waited' };

let postgres: Postgres;
let coordinator: ResourceCoordinator;

beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query(ORM_TABLE);
});

beforeEach(async () => {
  await postgres.query('TRUNCATE written');
  const connection = { connectionString: postgres.url, application_name: 'orders' };
  const pg = pgResource({ connection, pool: { max: 1, acquireTimeout: '10s' } });
  coordinator = new ResourceCoordinator({ resources: { pg } });
});

afterEach(async () => {
  expect(coordinator.leases()).toEqual([]);
  await coordinator.cleanup();
});

afterAll(async () => {
  await postgres.stop();
  for (const { forget } of KINDS) await forget?.();
});

const written = async (): Promise<number[]> =>
  (await postgres.query<{ value: number }>('SELECT value FROM written ORDER BY value')).map(
    ({ value }) => value,
  );

describe.each(KINDS)('$name on the session that its scope has, the only one', ({ open }) => {
  let client: OrmClient;

  beforeEach(async () => {
    client = await open(coordinator.pgPool('pg', SHARE));
  });

  afterEach(() => client.close());

  const tagged = () => client.run(`SELECT current_setting('app.tag') AS tag`);

  it('shares it with all that borrows there, at the same time, and in transactions of its own', async () => {
    await coordinator.run(async () => {
      const lease = await coordinator.acquire<Client>('pg');
      await lease.resource.query(`SET app.tag TO 'mine'`);
      await client.insert(1);
      const seen = client.transaction(async (inner) => {
        await inner.insert(2);
        await inner.nested((innermost) => innermost.insert(3));
        return inner.run(`SELECT current_setting('app.tag') AS tag`);
      });
      await expect(Promise.all([seen, tagged()])).resolves.toEqual([[{ tag: 'mine' }], [{ tag: 'mine' }]]);
    });
    await expect(written()).resolves.toEqual([1, 2, 3]);
  });

  it('rolls back what its own transaction has done, and nothing that others do meanwhile', async () => {
    await coordinator.run(async () => {
      const lease = await coordinator.acquire<Client>('pg');
      const failed = client.transaction(async (inner) => {
        await inner.insert(1);
        others.push(lease.resource.query(`INSERT INTO written (client, value) VALUES ('raw', 2)`));
        others.push(
          client.insert(3),
          client.transaction((another) => another.insert(4)),
        );
        await inner.run('SELECT pg_sleep(0.05)::text');
        throw new Error('not this one');
      });
      const others: Promise<unknown>[] = [];
      await expect(failed).rejects.toThrow('not this one');
      await Promise.all(others);
    });
    await expect(written()).resolves.toEqual([2, 3, 4]);
  });

  it('has its own transaction be what it asks for', async () => {
    const terms = { isolation: 'serializable', readOnly: true } as const;
    const rows = await coordinator.run(() =>
      client.transaction(
        async (inner) => [
          ...(await inner.run('SHOW transaction_isolation')),
          ...(await inner.run('SHOW transaction_read_only')),
        ],
        terms,
      ),
    );
    expect(rows).toEqual([{ transaction_isolation: 'serializable' }, { transaction_read_only: 'on' }]);
  });

  it('is in a transaction of the coordinator, too', async () => {
    await coordinator.run(async () => {
      await client.insert(1);
      const failed = coordinator.transaction('pg', async () => {
        await client.insert(2);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await client.transaction((inner) => inner.insert(3));
      await coordinator.transaction('pg', () => client.insert(4));
    });
    await expect(written()).resolves.toEqual([1, 3, 4]);
  });

  it('leaves nothing for the next scope, which finds it as new', async () => {
    await coordinator.run(async () => {
      await client.run(`SET work_mem TO '5MB'`);
      await client.leak();
    });
    await coordinator.run(async () => {
      await expect(client.run('SHOW work_mem')).resolves.toEqual([{ work_mem: '4MB' }]);
      await client.insert(1);
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('has a session of its own outside of scopes', async () => {
    await client.insert(1);
    await client.transaction((inner) => inner.insert(2));
    await expect(written()).resolves.toEqual([1, 2]);
  });
});

describe('a client on the session of its scope', () => {
  let pool: Pool;

  beforeEach(() => {
    pool = coordinator.pgPool('pg', SHARE);
  });

  const pidOf = async (queries: Pool | PoolClient | Client): Promise<number> =>
    (await queries.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

  const insert = (queries: Pool | PoolClient | Client, value: number): Promise<unknown> =>
    queries.query(`INSERT INTO written (client, value) VALUES ('pg', $1)`, [value]);

  const inScope = (work: (lent: Client) => Promise<unknown>): Promise<unknown> =>
    coordinator.run(async () => work((await coordinator.acquire<Client>('pg')).resource), {
      owner: 'Orders.find',
    });

  it('is of one lease with all others, whose owner is the scope', async () => {
    await inScope(async (lent) => {
      const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
      await expect(Promise.all([pidOf(one), pidOf(other), pidOf(pool)])).resolves.toEqual(
        Array.from({ length: 3 }, () => expect.any(Number)),
      );
      expect(await pidOf(one)).toBe(await pidOf(lent));
      expect(coordinator.leases()).toEqual([expect.objectContaining({ owner: 'Orders.find (run)' })]);
      one.release();
      await expect(insert(one, 1)).rejects.toMatchObject({ name: 'LeaseReleasedError' });
      await insert(other, 2);
      other.release();
      expect(coordinator.leases()).toHaveLength(1);
    });
    await expect(written()).resolves.toEqual([2]);
  });

  it('gives the session back when nobody else in the scope holds it', async () => {
    await coordinator.run(async () => {
      const client = await pool.connect();
      expect(coordinator.leases()).toHaveLength(1);
      client.release();
      await eventually(() => expect(coordinator.leases()).toEqual([]));
    });
  });

  it('waits no longer than for a session for a transaction that another one does not end', async () => {
    const hasty = coordinator.pgPool('pg', { ...SHARE, timeout: '50ms' });
    await inScope(async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await insert(client, 1);
      await expect(insert(hasty, 2)).rejects.toMatchObject(WAITED);
      const other = await hasty.connect();
      await other.query('BEGIN');
      await expect(insert(other, 3)).rejects.toMatchObject(WAITED);
      await other.query('ROLLBACK');
      other.release();
      await expect(coordinator.transaction('pg', () => undefined, { timeout: '50ms' })).rejects.toMatchObject(
        { name: 'AcquireAbortedError' },
      );
      await client.query('COMMIT');
      await insert(hasty, 4);
      client.release();
    });
    await expect(written()).resolves.toEqual([1, 4]);
  });

  it('undoes at its release what it has begun and not ended', async () => {
    await inScope(async (lent) => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await insert(client, 1);
      client.release();
      await insert(lent, 2);
    });
    await expect(written()).resolves.toEqual([2]);
  });

  it('is refused what would end the transaction of others, and its own where others have begun by hand', async () => {
    await inScope(async (lent) => {
      await expect(pool.query('COMMIT')).rejects.toMatchObject({ problem: 'end' });
      await lent.query('BEGIN');
      await insert(pool, 1);
      const client = await pool.connect();
      await client.query('BEGIN');
      await expect(insert(client, 2)).rejects.toMatchObject({
        name: 'TransactionRefusedError',
        reason: 'foreign',
      });
      await client.query('ROLLBACK');
      client.release();
      await lent.query('COMMIT');
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('sends there what can not run in a transaction, as long as none is open', async () => {
    await inScope(() => pool.query('VACUUM written'));
  });

  it('is in a transaction of the coordinator that was begun later around its statement', async () => {
    await coordinator.run(async () => {
      const client = await pool.connect();
      const failed = coordinator.transaction('pg', async () => {
        await insert(client, 1);
        await client.query('BEGIN');
        await insert(client, 2);
        await client.query('COMMIT');
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await insert(client, 3);
      client.release();
    });
    await expect(written()).resolves.toEqual([3]);
  });

  it('is not in a transaction that runs beside it: it waits for its end', async () => {
    await coordinator.run(async () => {
      const outside = AsyncLocalStorage.snapshot();
      let waiting: Promise<unknown> | undefined;
      const failed = coordinator.transaction('pg', async (session: Client) => {
        waiting = outside(() => insert(pool, 1));
        await session.query('SELECT pg_sleep(0.05)');
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      await waiting;
    });
    await expect(written()).resolves.toEqual([1]);
  });

  it('reads by a cursor, while others wait', async () => {
    await inScope(async (lent) => {
      const cursor = pool.query(new Cursor<{ n: number }>('SELECT generate_series(1, 3) AS n'));
      await expect(cursor.read(2)).resolves.toHaveLength(2);
      const other = pool.query('SELECT 1');
      await cursor.close();
      await other;
      await expect(lent.query('SELECT 1')).resolves.toBeDefined();
    });
  });

  it('that is released as broken costs all in the scope their session, which is lent to nobody', async () => {
    await inScope(async (lent) => {
      const pid = await pidOf(lent);
      const client = await pool.connect();
      await client.query('BEGIN');
      client.release(new Error('broken'));
      await eventually(async () => expect(await pidOf(pool)).not.toBe(pid));
      await expect(lent.query('SELECT 1')).rejects.toThrow();
    });
    expect(coordinator.stats().pools.pg.retired.invalid).toBe(1);
  });

  it('has what waits for it fail when its session dies, and the next ones get another', async () => {
    await inScope(async () => {
      const client = await pool.connect();
      client.on('error', () => undefined);
      await client.query('BEGIN');
      await insert(client, 1);
      const waiting = expect(insert(pool, 2)).rejects.toThrow();
      await postgres.terminateSessions();
      await waiting;
      await expect(client.query('COMMIT')).rejects.toThrow();
      client.release();
      await insert(pool, 3);
    });
    await expect(written()).resolves.toEqual([3]);
  });

  it('that outlives its scope sends nothing more, nor does what waited for it', async () => {
    let client: PoolClient | undefined;
    let late: Promise<PromiseSettledResult<unknown>[]> | undefined;
    await inScope(async (lent) => {
      client = await pool.connect();
      await client.query('BEGIN');
      await insert(client, 1);
      late = Promise.allSettled([
        insert(lent, 2),
        insert(pool, 3),
        client.query('SELECT pg_sleep(0.01)'),
        insert(client, 4),
      ]);
    });
    const next = await pool.connect();
    client?.release();
    const outcomes = (await late) ?? [];
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'rejected']);
    await insert(next, 5);
    next.release();
    await expect(written()).resolves.toEqual([5]);
  });
});

describe('a client that shares nothing in a transaction, and all outside of it', () => {
  it('is what it was told to be', async () => {
    await coordinator.reconfigure('pg', { max: 2 });
    const pool = coordinator.pgPool('pg', { ...SHARE, inTransaction: 'separate' });
    const insert = (value: number) =>
      pool.query(`INSERT INTO written (client, value) VALUES ('pg', ${value})`);
    await coordinator.run(async () => {
      await insert(1);
      const failed = coordinator.transaction('pg', async () => {
        await insert(2);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
    });
    await expect(written()).resolves.toEqual([1, 2]);
  });
});
