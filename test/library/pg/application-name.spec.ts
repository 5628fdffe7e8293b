import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pgResource, type PgResourceOptions } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import type { Client } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../application/postgres.fixture.js';
import { CountingProxy } from './counting-proxy.fixture.js';

describe("applicationName: 'owner'", () => {
  let postgres: Postgres;
  let proxy: CountingProxy;
  let pool: ResourcePool<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
    proxy = await CountingProxy.before(postgres.url);
  });

  afterEach(() => pool.close());

  afterAll(async () => {
    await proxy.close();
    await postgres.stop();
  });

  function open(options: Partial<PgResourceOptions> = {}): void {
    const connection = { connectionString: proxy.url, application_name: 'orders' };
    const { pool: own, ...factory } = pgResource({ connection, applicationName: 'owner', ...options });
    pool = new ResourcePool<Client>(factory, { ...own, max: 1 });
  }

  /** What others see of the session, which has just been used. */
  async function nameOf(pid: number): Promise<string> {
    const [row] = await postgres.query<{ name: string }>(
      'SELECT application_name AS name FROM pg_stat_activity WHERE pid = $1',
      [pid],
    );
    return row.name;
  }

  const pidOf = async (client: Client): Promise<number> =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

  it.each<[string, (client: Client) => unknown]>([
    ['a query', (client) => client.query('SELECT 1')],
    ['a query with parameters', (client) => client.query('SELECT $1::int', [1])],
    ['a named statement', (client) => client.query({ name: 'n', text: 'SELECT 1' })],
    ['a transaction that is rolled back', async (client) => { await client.query('BEGIN'); await client.query('ROLLBACK'); }], // prettier-ignore
    ['a query that fails', (client) => client.query('SELECT nothing').catch(() => undefined)],
    ['what runs in no transaction', (client) => client.query('VACUUM pg_class')],
    ['a cursor', async (client) => { const cursor = client.query(new Cursor('SELECT 1')); await cursor.read(2); await cursor.close(); }], // prettier-ignore
  ])('is told to the server with %s, in the same round trip', async (_, work) => {
    open();
    const pid = await pool.use(pidOf, { owner: 'first' });
    expect(await nameOf(pid)).toBe('first');
    await pool.use(
      async (client) => {
        await work(client);
        expect(await nameOf(pid)).toBe('second');
        expect(await pidOf(client)).toBe(pid);
      },
      { owner: 'second' },
    );
  });

  it('costs no round trip, and nothing where the same owner comes again or nothing is sent', async () => {
    open();
    const measure = async (owner: string, work: (client: Client) => unknown): Promise<[number, number]> => {
      const lease = await pool.acquire({ owner });
      const [sent, turns] = [proxy.sent, proxy.turns];
      await work(lease.resource);
      await lease.release();
      const next = await pool.acquire({ owner: 'next' });
      const used: [number, number] = [proxy.sent - sent, proxy.turns - turns];
      await next.release();
      return used;
    };
    const selects = (client: Client): unknown => client.query('SELECT 1');
    await measure('first', selects);
    expect(await measure('first', selects)).toEqual([14, 1]);
    expect(await measure('other', () => undefined)).toEqual([0, 0]);
    expect(await measure('other', selects)).toEqual([14 + `SET application_name TO 'other'`.length + 6, 1]);
  });

  it.each([
    [`'; DROP TABLE x; --\\`, `'; DROP TABLE x; --\\`],
    ['line\nline\0end\u202e', 'line?line?end?'],
    ['Müller', 'M?ller'],
    ['x'.repeat(100), 'x'.repeat(63)],
    ['😀'.repeat(40), '?'.repeat(40)],
    ['', ''],
  ])('is harmless, as %j is', async (owner, name) => {
    open();
    expect(await nameOf(await pool.use(pidOf, { owner }))).toBe(name);
  });

  it('leaves a borrower its own name, which the next one does not have', async () => {
    for (const reset of ['auto', 'discard', 'rollback'] as const) {
      open({ reset });
      const lease = await pool.acquire({ owner: 'first' });
      const pid = await pidOf(lease.resource);
      await lease.resource.query(`SET application_name TO 'mine'`);
      await pidOf(lease.resource);
      expect(await nameOf(pid)).toBe('mine');
      await lease.release();
      const name = await pool.use(async (client) => nameOf(await pidOf(client)), { owner: 'first' });
      expect(name).toBe('first');
      await pool.close();
    }
  });

  it('goes together with what a transaction begins with', async () => {
    open({ session: { begin: (client, { owner }) => client.set('app.owner', owner) } });
    await pool.use(
      async (client) => {
        const { turns } = proxy;
        await client.query('BEGIN');
        expect(proxy.turns).toBe(turns + 1);
        const { rows } = await client.query(
          `SELECT current_setting('app.owner') AS setting, current_setting('application_name') AS name`,
        );
        expect(rows).toEqual([{ setting: 'nightly', name: 'nightly' }]);
        await client.query('ROLLBACK');
      },
      { owner: 'nightly' },
    );
  });
});
