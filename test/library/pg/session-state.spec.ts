/* oxlint-disable unicorn/no-thenable -- thenables that are no promises are what is tested */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import {
  type LocalSettings,
  pgResource,
  type PgResourceOptions,
  SessionBeginError,
  type SessionContext,
} from 'nestjs-resources/pg';
import { type PoolEvent, ResourcePool } from 'nestjs-resources/pool';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Client, type QueryResult } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { CountingProxy } from './counting-proxy.fixture.js';
import { tenantsSchema, TENANT_WAYS, wayOut } from './tenants.fixture.js';

const begin = (client: LocalSettings, { tenant }: SessionContext): void => client.set('app.tenant', tenant);

describe('session.begin', () => {
  let postgres: Postgres;
  let url: string;
  let pool: ResourcePool<Client>;
  let events: PoolEvent[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    url = await tenantsSchema(postgres);
  });

  beforeEach(() => {
    events = [];
  });

  afterEach(() => pool?.close());

  afterAll(() => postgres.stop());

  function open(options: Partial<PgResourceOptions> = {}): ResourcePool<Client> {
    const { pool: poolOptions, ...factory } = pgResource({ connection: url, session: { begin }, ...options });
    const validation = { timeout: '1s', ...poolOptions?.validation };
    pool = new ResourcePool<Client>(factory, { max: 1, ...poolOptions, validation });
    pool.observe((event) => events.push(event));
    return pool;
  }

  /** What a borrower sees of all tenants' orders. */
  async function seen(client: Client): Promise<string[]> {
    const { rows } = await client.query<{ tenant: string }>('SELECT DISTINCT tenant FROM orders ORDER BY 1');
    return rows.map(({ tenant }) => tenant);
  }

  const inTransaction = async <R>(client: Client, work: () => Promise<R>): Promise<R> => {
    await client.query('BEGIN');
    const result = await work();
    await client.query('COMMIT');
    return result;
  };

  it('lets each borrower see its own rows in a transaction, and none outside of one', async () => {
    open();
    for (const tenant of ['acme', 'beta', 'acme']) {
      await pool.use(
        async (client) => {
          expect(await seen(client)).toEqual([]);
          expect(await inTransaction(client, () => seen(client))).toEqual([tenant]);
          expect(await seen(client)).toEqual([]);
        },
        { tenant },
      );
    }
    expect(events.filter(({ kind }) => kind === 'created')).toHaveLength(1);
  });

  it.each(TENANT_WAYS.map((way): [string, (client: Client) => unknown] => [way.name, way.begin]))(
    'holds in a transaction begun by %s',
    async (_, beginBy) => {
      open();
      await pool.use(
        async (client) => {
          await beginBy(client);
          expect(client.getTransactionStatus()).toBe('T');
          expect(await seen(client)).toEqual(['acme']);
          await client.query('COMMIT');
          expect(await seen(client)).toEqual([]);
        },
        { tenant: 'acme' },
      );
    },
  );

  it.each(wayOut())('is seen by no borrower that comes after %s', async (_, leave) => {
    open();
    const lease = await pool.acquire({ tenant: 'acme' });
    await leave(lease.resource, lease, postgres);
    await lease.release();
    await pool.use(
      async (client) => {
        expect(client.getTransactionStatus()).toBe('I');
        expect(await seen(client)).toEqual([]);
        expect(await inTransaction(client, () => seen(client))).toEqual(['beta']);
        const { rows } = await client.query(
          `SELECT nullif(current_setting('app.tenant', true), '') AS tenant`,
        );
        expect(rows).toEqual([{ tenant: null }]);
        const cursors = await client.query(`SELECT name FROM pg_cursors WHERE name <> ''`);
        expect(cursors.rows).toEqual([]);
      },
      { tenant: 'beta' },
    );
  });

  describe('over a proxy', () => {
    let proxy: CountingProxy;

    beforeEach(async () => {
      proxy = await CountingProxy.before(url);
    });

    afterEach(async () => {
      await pool.close();
      await proxy.close();
    });

    it('is seen by nobody, at whichever byte the connection was cut', async () => {
      open({ connection: proxy.url, pool: { max: 1, creation: { timeout: '5s' } } });
      const work = async (client: Client): Promise<void> => {
        await client.query('BEGIN');
        await seen(client);
        await client.query({ text: 'SELECT $1::int', values: [1] });
        await client.query('COMMIT');
      };
      let cuts = 0;
      for (let bytes = 1; ; bytes += 3) {
        const lease = await pool.acquire({ tenant: 'acme' });
        const client = lease.resource;
        const isCut = proxy.cutAfter(bytes);
        await work(client).catch(() => undefined);
        await lease.release();
        const wasCut = isCut();
        const { stream } = client.connection;
        if (wasCut) await eventually(() => expect(stream.closed).toBe(true));
        proxy.cutAfter(Infinity);
        await pool.use(
          async (client) => {
            expect(await seen(client)).toEqual([]);
            expect(await inTransaction(client, () => seen(client))).toEqual(['beta']);
          },
          { tenant: 'beta' },
        );
        if (!wasCut) break;
        cuts++;
      }
      expect(cuts).toBeGreaterThan(30);
    }, 60_000);

    it('costs a transaction no round trip, and a clean loan no byte', async () => {
      open({ connection: proxy.url });
      const measure = async (): Promise<[number, number]> => {
        const lease = await pool.acquire({ tenant: 'acme' });
        const [before, trips] = [proxy.sent, proxy.turns];
        await inTransaction(lease.resource, async () => undefined);
        const used = proxy.turns - trips;
        const after = proxy.sent;
        await lease.release();
        const next = await pool.acquire({ tenant: 'acme' });
        const loan = proxy.sent - after;
        await next.release();
        expect(after).toBeGreaterThan(before);
        return [used, loan];
      };
      expect(await measure()).toEqual([2, 0]);
      expect(await measure()).toEqual([2, 0]);
    });
  });

  it('leaves the answer of BEGIN as it is, by promise, by callback and to a cursor', async () => {
    open();
    await pool.use(
      async (client) => {
        const notices: unknown[] = [];
        client.on('notice', (notice) => notices.push(notice));
        const plain = new Client(url);
        await plain.connect();
        expect(tagOf(await client.query('BEGIN'))).toEqual(tagOf(await plain.query('BEGIN')));
        await plain.end();
        await client.query('ROLLBACK');
        const answer = await new Promise<[unknown, QueryResult]>((resolve) =>
          client.query('BEGIN', (error: unknown, result) => resolve([error, result])),
        );
        expect([answer[0], answer[1].command]).toEqual([null, 'BEGIN']);
        await client.query('ROLLBACK');
        const cursor = client.query(new Cursor('BEGIN'));
        await cursor.read(1);
        await cursor.close();
        expect(client.getTransactionStatus()).toBe('T');
        expect(await seen(client)).toEqual(['acme']);
        await client.query('ROLLBACK');
        expect(notices).toEqual([]);
      },
      { tenant: 'acme' },
    );
  });

  it('lets the isolation be set after it', async () => {
    open();
    await pool.use(async (client) => {
      await client.query('START TRANSACTION');
      await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY');
      const { rows } = await client.query('SHOW transaction_isolation');
      expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
      await client.query('COMMIT');
    });
  });

  it('survives savepoints and what is undone to them', async () => {
    open();
    await pool.use(
      async (client) => {
        await client.query('BEGIN');
        await client.query('SAVEPOINT a');
        await client.query(`SET LOCAL app.tenant TO 'beta'`);
        await client.query('SAVEPOINT b');
        await client.query('SELECT 1 / 0').catch(() => undefined);
        await client.query('ROLLBACK TO b');
        expect(await seen(client)).toEqual(['beta']);
        await client.query('ROLLBACK TO a');
        expect(await seen(client)).toEqual(['acme']);
        await client.query('RELEASE a');
        expect(await seen(client)).toEqual(['acme']);
        await client.query('ROLLBACK');
      },
      { tenant: 'acme' },
    );
  });

  it('comes to a transaction that a text has begun, failed in, and gone back in to a savepoint, each time', async () => {
    open();
    await pool.use(
      async (client) => {
        await client.query('BEGIN; SAVEPOINT a; SELECT 1 / 0').catch(() => undefined);
        for (let time = 0; time < 3; time++) {
          await client.query('ROLLBACK TO a');
          expect(await seen(client)).toEqual(['acme']);
          await client.query('SELECT 1 / 0').catch(() => undefined);
        }
        await client.query('ROLLBACK');
      },
      { tenant: 'acme' },
    );
  });

  describe('that can not do its work', () => {
    it.each<[string, (client: LocalSettings) => unknown, unknown]>([
      ['throws', () => { throw new Error('no tenant'); }, 'no tenant'], // prettier-ignore
      ['throws what is no error', () => { throw 'no tenant'; }, 'no tenant'], // prettier-ignore
      ['rejects', () => Promise.reject(new Error('no tenant')), 'no tenant'],
      ['gives a thenable that rejects', () => ({ then: (_: unknown, no: (e: unknown) => void) => no('no tenant') }), 'no tenant'], // prettier-ignore
      ['gives a thenable that throws', () => ({ then() { throw new Error('hostile'); } }), 'hostile'], // prettier-ignore
      ['sets what is no text', (client) => client.set('app.tenant', undefined as never), 'must be a text'],
      [
        'sets by a name that is none',
        (client) => client.set(`x'; DROP TABLE orders`, 'x'),
        'the name of a setting',
      ],
      ['sets a text that ends early', (client) => client.set('app.tenant', 'a\0b'), 'must be a text'],
      ['sets half a character', (client) => client.set('app.tenant', 'a\ud800'), 'must be a text'],
      ['sets the seed', (client) => client.set('SEED', '0.5'), 'outlives the transaction'],
    ])('fails the BEGIN, and leaves no transaction, if it %s', async (_, fails, problem) => {
      open({ session: { begin: fails } });
      await pool.use(async (client) => {
        const failure = await client.query('BEGIN').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(SessionBeginError);
        expect((failure as Error).message).toContain(problem);
        expect(client.getTransactionStatus()).toBe('I');
        expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
        await expect(client.query({ text: 'BEGIN', queryMode: 'extended' } as never)).rejects.toThrow(String(problem)); // prettier-ignore
        expect(client.getTransactionStatus()).toBe('I');
      });
      expect(events.filter(({ kind }) => kind === 'destroyed')).toEqual([]);
    });

    it("fails it with the server's own error if the server refuses the setting", async () => {
      open({ session: { begin: (client) => client.set('work_mem', 'much') } });
      await pool.use(async (client) => {
        await expect(client.query('BEGIN')).rejects.toMatchObject({ code: '22023' });
        expect(client.getTransactionStatus()).toBe('I');
        await client.query('SELECT 1');
      });
    });

    it('is not reported as a failed COMMIT, which has committed: the session ends', async () => {
      let times = 0;
      const failsLater = (): void => {
        if (++times > 1) throw new Error('no tenant');
      };
      open({ session: { begin: failsLater } });
      const lease = await pool.acquire();
      await lease.resource.query('BEGIN');
      const failure = await lease.resource.query('COMMIT AND CHAIN').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      await lease.release();
      expect(await pool.use(async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([
        { one: 1 },
      ]);
      expect(events.filter(({ kind }) => kind === 'created')).toHaveLength(2);
    });
  });

  it('may take its time, and what comes after the BEGIN waits for it', async () => {
    open({
      session: {
        begin: async (client, { tenant }) => {
          await new Promise((resolve) => setImmediate(resolve));
          client.set('app.tenant', tenant);
        },
      },
    });
    await pool.use(
      async (client) => {
        const [, orders] = await Promise.all([client.query('BEGIN'), seen(client), client.query('COMMIT')]);
        expect(orders).toEqual(['acme']);
      },
      { tenant: 'acme' },
    );
  });

  it('that never ends costs the session, and nobody else anything', async () => {
    open({ session: { begin: (client, { tenant }) => (tenant === 'acme' ? new Promise(() => undefined) : begin(client, { tenant } as SessionContext)) } }); // prettier-ignore
    const lease = await pool.acquire({ tenant: 'acme' });
    void lease.resource.query('BEGIN').catch(() => undefined);
    await lease.release();
    const orders = await pool.use((client) => inTransaction(client, () => seen(client)), { tenant: 'beta' });
    expect(orders).toEqual(['beta']);
  });

  it('can set nothing once it is over', async () => {
    let late: LocalSettings | undefined;
    open({ session: { begin: (client) => void (late = client) } });
    await pool.use(async (client) => {
      await client.query('BEGIN');
      expect(() => late?.set('app.tenant', 'acme')).toThrow('before begin is over');
    });
  });

  it('is told whose loan it is, and the end of each transaction once, outside of anybody’s context', async () => {
    const context = new AsyncLocalStorage<string>();
    const calls: [string, SessionContext, string | undefined][] = [];
    const session = {
      begin: (client: LocalSettings, about: SessionContext) => {
        calls.push(['begin', about, context.getStore()]);
        begin(client, about);
      },
      end: (about: SessionContext) => void calls.push(['end', about, context.getStore()]),
    };
    const pg = pgResource({ connection: url, session, pool: { max: 1, keyed: {} } });
    const coordinator = new ResourceCoordinator({ resources: { pg } });
    const work = (): Promise<unknown> =>
      coordinator.use<Client>(
        'pg',
        async (client) => {
          await client.query('SELECT 1');
          await client.query('BEGIN');
          await client.query('COMMIT');
          await client.query('BEGIN; SELECT 1');
        },
        { key: 'k', tenant: 'acme' },
      );
    await context.run('a request', () => coordinator.run(work, { owner: 'nightly' }));
    await coordinator.cleanup();
    const about = { owner: 'nightly (run)', tenant: 'acme', key: 'k', kind: 'run', request: undefined };
    expect(calls).toEqual(['begin', 'end', 'begin', 'end'].map((name) => [name, about, undefined]));
  });

  it('is not called for what nobody has borrowed, such as the work that goes on after a loan', async () => {
    const spy = jest.fn(begin);
    open({ session: { begin: spy }, reset: 'rollback' });
    const lease = await pool.acquire({ tenant: 'acme' });
    const client = lease.resource;
    await lease.release();
    await client.query('BEGIN');
    expect(await seen(client)).toEqual([]);
    await client.query('ROLLBACK');
    expect(spy).not.toHaveBeenCalled();
  });

  it('reports what `end` throws, and fails nobody', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    open({ session: { begin, end: () => { throw new Error('in the end'); } } }); // prettier-ignore
    await pool.use((client) => inTransaction(client, () => seen(client)));
    expect(warn.mock.calls.map(String)).toEqual([expect.stringContaining('in the end')]);
    warn.mockRestore();
  });
});

function tagOf({ command, rows, rowCount }: QueryResult): unknown {
  return { command, rows, rowCount };
}
