import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pgResource, type PgResourceOptions } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import type { Client } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../application/postgres.fixture.js';
import { CountingProxy } from './counting-proxy.fixture.js';

/** What leaves nothing behind. */
const WORKS: [string, (client: Client) => unknown][] = [
  ['nothing', () => undefined],
  ['a query', (client) => client.query('SELECT 1')],
  ['a query with parameters', (client) => client.query('SELECT $1::int + length($2)', [1, 'a'])],
  ['a named statement', (client) => client.query({ name: 'n', text: 'SELECT $1::int', values: [1] })],
  [
    'writing rows',
    (client) => client.query('INSERT INTO orders (id, a) VALUES ($1, lower($2)) RETURNING *', [1, 'A']),
  ],
  ['changing rows', (client) => client.query('UPDATE orders SET changed = now() WHERE id = 1')],
  ['COPY', (client) => client.query('COPY (SELECT count(*) FROM orders) TO STDOUT')],
  [
    'a query of an ORM',
    (client) =>
      client.query(
        `select "o"."id", coalesce("o"."a", $1) as "a", (select json_agg("agg") from (select "i".* from "orders" as "i") as "agg") as "items"
           from "orders" as "o" left join lateral (select max("id") from "orders") as "m" ("max") on true
          where "o"."id" in ($2, $3) and exists (select 1) order by "o"."id" limit $4 for update of "o"`,
        ['x', 1, 2, 10],
      ),
  ],
  [
    'a transaction',
    async (client) => {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      await client.query(`SET LOCAL work_mem TO '7MB'`);
      await client.query(`SELECT set_config('app.tenant', $1, true)`, ['acme']);
      await client.query('SAVEPOINT a');
      await client.query('SELECT pg_advisory_xact_lock(1)').catch(() => undefined);
      await client.query('SELECT 1 / 0').catch(() => undefined);
      await client.query('ROLLBACK TO a');
      await client.query('COMMIT');
    },
  ],
  ['a query that fails', (client) => client.query('SELECT nothing').catch(() => undefined)],
  [
    'a cursor that is read to its end',
    async (client) => {
      const cursor = client.query(new Cursor('SELECT generate_series(1, 25)'));
      while ((await cursor.read(10)).length > 0);
      await cursor.close();
    },
  ],
];

describe('a loan that leaves nothing behind', () => {
  let postgres: Postgres;
  let proxy: CountingProxy;
  let pool: ResourcePool<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(`
      CREATE TABLE orders (id int, a text DEFAULT lower('A') CHECK (length(a) < 100), changed timestamptz);
      CREATE VIEW newest AS SELECT max(changed) FROM orders;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
      CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
    `);
    proxy = await CountingProxy.before(postgres.url);
  });

  beforeEach(() => {
    pool = open({ connection: proxy.url });
  });

  afterEach(() => pool.close());

  afterAll(async () => {
    await proxy.close();
    await postgres.stop();
  });

  function open(options: PgResourceOptions): ResourcePool<Client> {
    const { pool: poolOptions, ...factory } = pgResource(options);
    return new ResourcePool<Client>(factory, { ...poolOptions, max: 1 });
  }

  /** @returns bytes that were sent from the end of the work until another one has the session; without the check of the session, as it has just been used */
  async function sentBetween(work: (client: Client) => unknown): Promise<number> {
    await pool.use(async (client) => {
      await work(client);
    });
    const lease = await pool.acquire();
    const [before, client] = [proxy.sent, lease.resource];
    await work(client);
    await client.query('SELECT 0'); // has come through: so has all before it
    const after = proxy.sent;
    await lease.release();
    const next = await pool.acquire();
    expect(next.resource).toBe(client);
    const beforeMark = proxy.sent;
    await next.resource.query('SELECT 0');
    const mark = proxy.sent - beforeMark;
    await next.release();
    expect(after).toBeGreaterThan(before);
    return proxy.sent - after - mark;
  }

  it.each(WORKS)('sends no byte after %s', async (_, work) => {
    await expect(sentBetween(work)).resolves.toBe(0);
  });

  it('sends some after a loan that leaves something, which proves the counting', async () => {
    await expect(sentBetween((client) => client.query(`SET work_mem TO '7MB'`))).resolves.toBeGreaterThan(0);
  });

  it('is given back before its release returns', async () => {
    const lease = await pool.acquire();
    await lease.resource.query('SELECT 1');
    void lease.release();
    const next = pool.tryAcquire();
    expect(next?.resource).toBeDefined();
    await next?.release();
  });

  it('keeps named statements, which the next borrower may use or name anew', async () => {
    const pid = (client: Client): Promise<{ pid: number }> =>
      client
        .query<{ pid: number }>({ name: 'n', text: 'SELECT pg_backend_pid() AS pid' })
        .then(({ rows: [row] }) => row);
    const first = await pool.use(pid);
    expect(await pool.use(pid)).toEqual(first);
    await pool.use((client) => client.query({ name: 'n', text: 'SELECT 2' }));
    expect(await pool.use(pid)).toEqual(first);
  });
});
