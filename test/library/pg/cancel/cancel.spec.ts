import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cancelOn,
  pgResource,
  type PgResourceOptions,
  sqlStateEffect,
  StatementCancelledError,
  UncleanSessionError,
} from 'nestjs-resources/pg';
import { type PoolEvent, type PoolOptions, ResourcePool } from 'nestjs-resources/pool';
import { Client, type Connection, type Submittable } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { CancelProxy } from './cancel-proxy.fixture.js';
import { CERTIFICATE } from './certificate.fixture.js';

const LONG = 'SELECT pg_sleep(30)';

describe('cancelling', () => {
  let postgres: Postgres;
  let proxy: CancelProxy | undefined;
  let pool: ResourcePool<Client> | undefined;
  let events: PoolEvent[];

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE rows (a int)');
  });

  afterEach(async () => {
    proxy?.letGo();
    await pool?.close({ deadline: 0 });
    await proxy?.close();
    pool = proxy = undefined;
    await postgres.terminateSessions();
  });

  afterAll(() => postgres.stop());

  function open(options: Partial<PgResourceOptions> = {}, given: PoolOptions = {}): ResourcePool<Client> {
    const connection = { connectionString: proxy?.url() ?? postgres.url, application_name: 'orders' };
    const { pool: own, ...factory } = pgResource({ connection, ...options });
    pool = new ResourcePool<Client>(factory, { max: 1, ...own, ...given });
    events = [];
    pool.observe((event) => events.push(event));
    return pool;
  }

  async function throughProxy(
    options?: Partial<PgResourceOptions>,
    given?: PoolOptions,
  ): Promise<CancelProxy> {
    proxy = await CancelProxy.before(postgres.url);
    open(options, given);
    return proxy;
  }

  const lent = async (): Promise<Client> => (await pool!.acquire()).resource;
  const pidOf = async (client: Client): Promise<number> =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;

  /** Resolves when a session runs this. */
  const runs = (text: string): Promise<void> =>
    eventually(async () => {
      const running = (await postgres.sessions()).filter(
        ({ state, query }) => state === 'active' && query === text,
      );
      expect(running).toHaveLength(1);
    });

  const nothingRuns = (within = 10_000): Promise<void> =>
    eventually(async () => {
      expect((await postgres.sessions()).filter(({ state }) => state === 'active')).toEqual([]);
    }, within);

  const codeOf = (failing: Promise<unknown>): Promise<unknown> =>
    failing.then(
      () => 'none',
      (error: { code?: unknown }) => error.code,
    );

  /** Gives a statement, and aborts the signal of a `cancelOn()` while it runs. @returns its error; undefined if it had none */
  async function abortWhileRunning(client: Client, text = LONG): Promise<unknown> {
    const abort = new AbortController();
    cancelOn(abort.signal, client);
    const outcome = client.query(text).then(
      () => undefined,
      (error: unknown) => error,
    );
    await runs(text);
    abort.abort();
    return await outcome;
  }

  describe('by a signal', () => {
    it('ends the statement with 57014, and lends the same session on', async () => {
      open();
      const lease = await pool!.acquire();
      const pid = await pidOf(lease.resource);
      expect(await abortWhileRunning(lease.resource)).toMatchObject({ code: '57014' });
      await lease.release();
      expect(await pidOf(await lent())).toBe(pid);
    });

    it('lets the work go on after it: a failed transaction is rolled back, and another begun', async () => {
      open();
      await pool!.use(async (client) => {
        const abort = new AbortController();
        cancelOn(abort.signal, client);
        await client.query('BEGIN');
        await client.query('INSERT INTO rows VALUES (1)');
        const failing = codeOf(client.query('SELECT pg_sleep(30), 1'));
        await runs('SELECT pg_sleep(30), 1');
        abort.abort();
        expect(await failing).toBe('57014');
        expect(await codeOf(client.query('SELECT 1'))).toBe('25P02');
        await client.query('ROLLBACK');
        await client.query('BEGIN');
        expect((await client.query('SELECT * FROM rows')).rows).toEqual([]);
        await client.query('COMMIT');
      });
      expect(pool!.stats).toMatchObject({ created: 1, destroyed: 0 });
    });

    it('cancels what waits in the session for the statement, and not what comes after', async () => {
      open();
      const client = await lent();
      const abort = new AbortController();
      cancelOn(abort.signal, client);
      const before = [LONG, LONG, LONG].map((text) => codeOf(client.query(text)));
      await runs(LONG);
      abort.abort();
      const after = codeOf(client.query('SELECT pg_sleep(0.2)'));
      expect(await Promise.all(before)).toEqual(['57014', '57014', '57014']);
      expect(await after).toBe('none');
    });

    it('cancels nothing where nothing runs: the next statement is refused, once', async () => {
      const before = await throughProxy();
      const lease = await pool!.acquire();
      const client = lease.resource;
      const abort = new AbortController();
      cancelOn(abort.signal, client);
      await client.query('BEGIN');
      abort.abort();
      await client.query('ROLLBACK');
      const refused = await client.query('SELECT 2').catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StatementCancelledError);
      expect(refused).toMatchObject({ code: '57014', statement: 'SELECT 2' });
      expect(sqlStateEffect(refused)).toBe('transaction');
      await client.query('SELECT pg_sleep(0.1)');
      expect(before.cancels).toBe(0);
      await lease.release();
      expect(pool!.stats).toMatchObject({ created: 1, idle: 1 });
    });

    it('refuses nothing of the next borrower', async () => {
      open();
      const abort = new AbortController();
      await pool!.use((client) => {
        cancelOn(abort.signal, client);
        abort.abort();
      });
      await (await lent()).query('SELECT 1');
      expect(pool!.stats).toMatchObject({ created: 1 });
    });

    it('refuses by the callback, and by the cursor, as the client does', async () => {
      open();
      const client = await lent();
      const aborted = (): void => {
        const abort = new AbortController();
        cancelOn(abort.signal, client);
        abort.abort();
      };
      await client.query('SELECT 1');
      aborted();
      const called = new Promise((resolve) => client.query('SELECT 2', (error) => resolve(error)));
      expect(await called).toBeInstanceOf(StatementCancelledError);
      aborted();
      expect(await codeOf(client.query(new Cursor('SELECT 3')).read(1))).toBe('57014');
      await client.query('SELECT 4');
    });

    it.each(['COMMIT', '/* orders */ -- all\n COMMIT'])('leaves %j alone', async (commit) => {
      await postgres.query(`
        DROP TABLE IF EXISTS slow;
        CREATE TABLE slow (a int);
        CREATE OR REPLACE FUNCTION sleeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
        CREATE CONSTRAINT TRIGGER sleeps AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleeps();
      `);
      const before = await throughProxy({ cancel: { timeout: '100ms' } });
      const client = await lent();
      const abort = new AbortController();
      cancelOn(abort.signal, client);
      await client.query('BEGIN');
      await client.query('INSERT INTO slow VALUES (1)');
      const committing = client.query(commit);
      await runs(commit);
      abort.abort();
      await committing;
      expect(before.cancels).toBe(0);
      expect(await postgres.query('SELECT a FROM slow')).toEqual([{ a: 1 }]);
    });

    it('is over with the loan', async () => {
      const before = await throughProxy();
      const abort = new AbortController();
      await pool!.use((client) => cancelOn(abort.signal, client));
      const next = await lent();
      const working = codeOf(next.query('SELECT pg_sleep(0.2)'));
      await runs('SELECT pg_sleep(0.2)');
      abort.abort();
      expect(await working).toBe('none');
      expect(before.cancels).toBe(0);
    });

    it('hits no reset', async () => {
      const reset = (client: Client): Promise<unknown> => client.query('SELECT pg_sleep(0.2), 2');
      const before = await throughProxy({ reset });
      const abort = new AbortController();
      const lease = await pool!.acquire();
      cancelOn(abort.signal, lease.resource);
      const released = lease.release();
      await runs('SELECT pg_sleep(0.2), 2');
      abort.abort();
      await released;
      expect(before.cancels).toBe(0);
      expect(pool!.stats).toMatchObject({ created: 1, idle: 1 });
    });

    it('refuses what is aborted, no signal, and no session of ours', async () => {
      open();
      const client = await lent();
      const reason = new Error('too late');
      expect(() => cancelOn(AbortSignal.abort(reason), client)).toThrow(reason);
      expect(() => cancelOn(5 as never, client)).toThrow('must be an AbortSignal; got 5');
      expect(() => cancelOn(undefined as never, client)).toThrow('must be an AbortSignal; got undefined');
      expect(() => cancelOn(new AbortController().signal, new Client())).toThrow(
        'must be a session of a pgResource()',
      );
    });

    it('is refused where the type cancels nothing', async () => {
      open({ cancel: false });
      const client = await lent();
      expect(() => cancelOn(new AbortController().signal, client)).toThrow('cancel: false');
    });
  });

  describe('holds up, until the server has closed the connection that cancels,', () => {
    /** Cancels a statement that is done before the proxy lets its cancel through. */
    async function cancelTooLate(before: CancelProxy, client: Client): Promise<void> {
      before.fate = 'held';
      expect(await abortWhileRunning(client, 'SELECT pg_sleep(0.1)')).toBeUndefined();
      await eventually(() => expect(before.cancels).toBe(1));
    }

    it.each(['auto', 'none'] as const)(
      'the lease, so that the next borrower is never hit, with reset: %s',
      async (reset) => {
        const before = await throughProxy(
          { reset, cancel: { timeout: '10s' } },
          { validation: { timeout: '20s' } },
        );
        const lease = await pool!.acquire();
        await cancelTooLate(before, lease.resource);
        void lease.release();
        const next = pool!.acquire();
        expect(await Promise.race([next, delay(200, 'held')])).toBe('held');
        before.letGo();
        const { resource } = await next;
        expect(await codeOf(resource.query('SELECT pg_sleep(0.2)'))).toBe('none');
        expect(pool!.stats).toMatchObject({ created: 1 });
      },
    );

    it('what the work itself does next', async () => {
      const before = await throughProxy({ cancel: { timeout: '10s' } });
      const client = await lent();
      await cancelTooLate(before, client);
      const next = codeOf(client.query('ROLLBACK; SELECT pg_sleep(0.1)'));
      expect(await Promise.race([next, delay(200, 'held')])).toBe('held');
      before.letGo();
      expect(await next).toBe('none');
    });
  });

  describe('destroys the session', () => {
    it.each<[string, (before: CancelProxy, client: Client) => unknown]>([
      ['when the network is silent', (before) => (before.fate = 'held')],
      ['when the way leads to another server', (before) => (before.fate = 'elsewhere')],
      ['when the server has not told its key', (_, client) => Object.assign(client, { secretKey: null })],
    ])('%s', async (_, disturb) => {
      const before = await throughProxy({ cancel: { timeout: '300ms' } });
      const lease = await pool!.acquire();
      disturb(before, lease.resource);
      const cause = await abortWhileRunning(lease.resource);
      expect(cause).toBeInstanceOf(UncleanSessionError);
      expect(cause).toMatchObject({ reason: 'uncancelled' });
      await lease.release();
      expect(events).toContainEqual(expect.objectContaining({ kind: 'retired', reason: 'invalid', cause }));
      await (await lent()).query('SELECT 1');
      expect(pool!.stats).toMatchObject({ created: 2, leased: 1 });
    });

    it('when a cancel may still arrive, although the statement is done', async () => {
      const before = await throughProxy({ cancel: { timeout: '300ms' } });
      before.fate = 'held';
      const lease = await pool!.acquire();
      expect(await abortWhileRunning(lease.resource, 'SELECT pg_sleep(0.1)')).toBeUndefined();
      await lease.release();
      await (await lent()).query('SELECT 1');
      expect(pool!.stats).toMatchObject({ created: 2 });
    });

    it('behind RDS Proxy, without a connection that would not help', async () => {
      const before = await throughProxy({ behind: 'rds-proxy' });
      const client = await lent();
      expect(await abortWhileRunning(client)).toBeInstanceOf(UncleanSessionError);
      expect(before.cancels).toBe(0);
    });
  });

  describe('of a cursor', () => {
    it('cancels a read, and lets it be closed', async () => {
      open();
      const client = await lent();
      const abort = new AbortController();
      cancelOn(abort.signal, client);
      const cursor = client.query(new Cursor('SELECT pg_sleep(30)'));
      const failing = codeOf(cursor.read(1));
      await runs(LONG);
      abort.abort();
      expect(await failing).toBe('57014');
      await cursor.close();
      await client.query('SELECT 1');
    });

    it('cancels nothing between two reads, however long they are apart', async () => {
      const before = await throughProxy({ cancel: { timeout: '100ms' } });
      const client = await lent();
      const abort = new AbortController();
      cancelOn(abort.signal, client);
      const cursor = client.query(new Cursor('SELECT generate_series(1, 3)'));
      expect(await cursor.read(1)).toHaveLength(1);
      abort.abort();
      await delay(300);
      expect(await cursor.read(5)).toHaveLength(2);
      await cursor.close();
      expect(before.cancels).toBe(0);
      expect(pool!.stats).toMatchObject({ created: 1 });
    });
  });

  it('ends a session in the middle of a COPY for which nothing comes', async () => {
    open({ cancel: { timeout: '300ms' } });
    const lease = await pool!.acquire();
    const abort = new AbortController();
    cancelOn(abort.signal, lease.resource);
    const copy = lease.resource.query(new SilentCopy('COPY rows FROM STDIN'));
    await runs('COPY rows FROM STDIN');
    abort.abort();
    expect(await copy.failed).toBeInstanceOf(UncleanSessionError);
    await lease.release();
    await (await lent()).query('SELECT 1');
    await nothingRuns();
  });

  it('is no trouble when the session dies meanwhile', async () => {
    const before = await throughProxy();
    before.fate = 'held';
    const lease = await pool!.acquire();
    const pid = await pidOf(lease.resource);
    const abort = new AbortController();
    cancelOn(abort.signal, lease.resource);
    const failing = codeOf(lease.resource.query(LONG));
    await runs(LONG);
    abort.abort();
    await eventually(() => expect(before.cancels).toBe(1));
    await postgres.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await failing).toBe('57P01');
    before.letGo();
    await lease.release();
    await (await lent()).query('SELECT 1');
  });

  it('has few connections open at a time, however many sessions it cancels', async () => {
    const before = await throughProxy({ cancel: { timeout: '20s' } }, { max: 12 });
    const clients = await Promise.all(Array.from({ length: 12 }, lent));
    before.fate = 'held';
    const abort = new AbortController();
    for (const client of clients) cancelOn(abort.signal, client);
    const failing = Promise.all(clients.map((client) => codeOf(client.query(LONG))));
    await eventually(async () => {
      expect((await postgres.sessions()).filter(({ state }) => state === 'active')).toHaveLength(12);
    });
    abort.abort();
    for (const cancelled of [5, 10]) {
      await eventually(() => expect(before.cancels).toBe(cancelled));
      expect(await Promise.race([failing, delay(100, 'more wait')])).toBe('more wait');
      expect(before.cancels).toBe(cancelled);
      before.letGo();
    }
    before.fate = 'passed';
    before.letGo();
    expect(new Set(await failing)).toEqual(new Set(['57014']));
  });

  describe('at the end of a session', () => {
    it('cancels what has no time any more, and what the work does then fails', async () => {
      open({}, { maxLeaseTime: '500ms' });
      const lease = await pool!.acquire();
      const { resource } = lease;
      const failing = codeOf(resource.query(LONG));
      expect(await failing).toBe('57014');
      await nothingRuns();
      await expect(resource.query('ROLLBACK')).rejects.toThrow();
      expect(lease.ended).toBe(true);
      await (await lent()).query('SELECT 1');
    });

    it('cancels what runs at the deadline of a shutdown, and is over at once', async () => {
      open({}, { retirement: { timeout: '20s' } });
      const failing = codeOf((await lent()).query(LONG));
      await runs(LONG);
      const begun = performance.now();
      await pool!.close({ deadline: 0 });
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(await failing).toBe('57014');
      expect(await postgres.sessions()).toEqual([]);
    });

    it('cancels nothing when nothing runs', async () => {
      const before = await throughProxy();
      await (await lent()).query('SELECT 1');
      await pool!.close({ deadline: 0 });
      expect(before.cancels).toBe(0);
    });

    it('leaves it to the server where the type says so', async () => {
      proxy = await CancelProxy.before(postgres.url);
      open({ cancel: false }, { retirement: { timeout: '300ms' } });
      const failing = codeOf((await lent()).query('SELECT pg_sleep(1)'));
      await runs('SELECT pg_sleep(1)');
      await pool!.close({ deadline: 0 });
      await failing;
      expect(proxy.cancels).toBe(0);
      await nothingRuns();
    });
  });

  describe('goes the way of the session', () => {
    const cancels = async (): Promise<void> => {
      const client = await lent();
      expect(await abortWhileRunning(client)).toMatchObject({ code: '57014' });
      await client.query('SELECT 1');
      expect(pool!.stats).toMatchObject({ created: 1 });
    };

    it('through a Unix socket', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'orders-socket-'));
      proxy = await CancelProxy.before(postgres.url, join(folder, '.s.PGSQL.5432'));
      const { username: user, password } = new URL(postgres.url);
      open({
        connection: {
          host: folder,
          port: 5432,
          user,
          password,
          database: 'postgres',
          application_name: 'orders',
        },
      });
      await cancels();
      expect(proxy.cancels).toBe(1);
      await rm(folder, { recursive: true, force: true });
    });

    it('by TLS, to the server that the certificate names', async () => {
      proxy = await CancelProxy.before(postgres.url);
      const connectionString = proxy.url('localhost');
      open({ connection: { connectionString, application_name: 'orders', ssl: { ca: CERTIFICATE } } });
      await cancels();
      expect(proxy.cancels).toBeGreaterThan(0);
    });

    it('by a socket that the user makes', async () => {
      const before = await CancelProxy.before(postgres.url);
      proxy = before;
      const url = new URL(postgres.url);
      const connectionString = Object.assign(new URL(url), { hostname: 'nowhere.invalid' }).href;
      // As connectors to databases in clouds do.
      const stream = (): Socket => {
        const socket = new Socket();
        const connect = socket.connect.bind(socket);
        socket.connect = () => connect(before.port, '127.0.0.1');
        return socket;
      };
      open({ connection: { connectionString, application_name: 'orders', stream } });
      await cancels();
      expect(before.cancels).toBeGreaterThan(0);
    });

    it('behind PgBouncer, as elsewhere', async () => {
      await throughProxy({ behind: 'pgbouncer-transaction' });
      await cancels();
      expect(proxy!.cancels).toBeGreaterThan(0);
    });

    it('to the address of its socket, wherever the name leads by now', async () => {
      const before = await throughProxy();
      const client = await lent();
      Object.assign(client, { host: 'elsewhere.invalid', port: 1 });
      expect(await abortWhileRunning(client)).toMatchObject({ code: '57014' });
      expect(before.cancels).toBe(1);
    });
  });
});

/** A COPY whose borrower sends nothing. */
class SilentCopy implements Submittable {
  readonly failed: Promise<unknown>;
  private fail!: (error: unknown) => void;

  constructor(private readonly text: string) {
    this.failed = new Promise((resolve) => (this.fail = resolve));
  }

  submit(connection: Connection): void {
    connection.query(this.text);
  }

  handleCopyInResponse(): void {
    // it sends nothing
  }

  handleReadyForQuery(): void {
    this.fail(undefined);
  }

  handleError(error: unknown): void {
    this.fail(error);
  }
}
