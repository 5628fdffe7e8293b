import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkFactory, type CheckFactoryOptions, UnsafeFactoryError } from 'nestjs-resources/testing';
import type { Client } from 'pg';
import { DatabaseUrl } from '../../../src/database/database-url.js';
import { pgSessions, zonedPgSessions } from '../../../src/database/pg-sessions.js';
import { Settings } from '../../../src/settings.js';
import { Postgres } from '../../application/postgres.fixture.js';
import {
  Deaf,
  DiscardsInOneQuery,
  DiscardsInTransaction,
  IgnoresTheSignal,
  KeepsListeners,
  OnlyRollsBack,
  PgFactory,
  ThrowsAway,
  WaitsForGoodbye,
} from './pg-factories.fixture.js';
import { SilentProxy } from './silent-proxy.fixture.js';

/** What a handler leaves that fails in the middle of its work. */
const LEFT_BEHIND = `SET search_path TO nowhere; CREATE TEMP TABLE mine (id int); LISTEN news;
  SELECT pg_advisory_lock(1)`;

const FOUND = `
  SELECT current_setting('search_path') AS path, to_regclass('pg_temp.mine') AS mine,
         (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
         (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`;

const CLEAN = { path: '"$user", public', mine: null, channels: 0, locks: 0 };

describe('checkFactory, with PostgreSQL', () => {
  let postgres: Postgres;
  let proxy: SilentProxy;
  let url: string;
  let options: CheckFactoryOptions<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  beforeEach(async () => {
    const proxied = new URL(postgres.url);
    proxy = await SilentProxy.start({ host: proxied.hostname, port: Number(proxied.port) });
    proxied.port = `${proxy.port}`;
    url = proxied.href;
    options = {
      count: async () => (await postgres.sessions()).length,
      kill: async (client) => {
        const [{ pid }] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
        await postgres.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
      },
      silence: () => proxy.silence(),
      spoil: async (client) => {
        client.on('notification', () => undefined);
        await client.query(LEFT_BEHIND);
        await client.query('BEGIN');
        await client.query('SELECT 1 / 0');
      },
      isClean: async (client) => {
        const [found] = (await client.query<typeof CLEAN>(FOUND)).rows;
        return JSON.stringify(found) === JSON.stringify(CLEAN) && client.listenerCount('notification') === 0;
      },
      timeout: '200ms',
    };
  });

  afterEach(async () => {
    proxy.close();
    await postgres.terminateSessions();
  });

  afterAll(() => postgres.stop());

  it('passes a safe factory', async () => {
    const { checks } = await checkFactory(new PgFactory(url), options);
    expect(checks).toEqual(['create', 'destroy', 'abort', 'reset', 'kill', 'silence']);
    expect(await postgres.sessions()).toEqual([]);
  });

  it("passes the reference application's factories", async () => {
    await checkFactory(pgSessions(new DatabaseUrl(url), new Settings({})), options);
    await checkFactory(zonedPgSessions(new DatabaseUrl(url)), { ...options, key: 'Europe/Zurich' });
  });

  it.each<[string, typeof PgFactory, object[]]>([
    [
      'throws a late session away',
      ThrowsAway,
      [
        { check: 'abort', found: expect.stringMatching(/^it is \d+$/) },
        { check: 'silence', found: 'create has not settled; still open: TCP socket (1)' },
      ],
    ],
    [
      'ignores the signal',
      IgnoresTheSignal,
      [{ check: 'silence', found: 'create has not settled; still open: TCP socket (1)' }],
    ],
    [
      'listens to no error',
      Deaf,
      [{ check: 'kill', done: expect.stringContaining('terminating connection') }],
    ],
    [
      "waits for a silent server's goodbye",
      WaitsForGoodbye,
      [{ check: 'silence', found: 'destroy has not settled; still open: TCP socket (1)' }],
    ],
    [
      'discards all within a transaction',
      DiscardsInTransaction,
      [{ check: 'reset', found: expect.stringContaining('current transaction is aborted') }],
    ],
    [
      'discards all in the query that rolls back',
      DiscardsInOneQuery,
      [
        {
          check: 'reset',
          found: expect.stringContaining('DISCARD ALL cannot run inside a transaction block'),
        },
      ],
    ],
    ['only rolls back', OnlyRollsBack, [{ check: 'reset', expected: 'isClean to return true' }]],
    [
      "keeps a borrower's listeners",
      KeepsListeners,
      [{ check: 'reset', expected: 'isClean to return true' }],
    ],
  ])('fails a factory that %s', async (_, Factory, findings) => {
    const factory = new Factory(url);
    const failure = await checkFactory(factory, { ...options, within: '1s' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UnsafeFactoryError);
    expect(failure).toMatchObject({ findings });
  });
});
