import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pgResource, type PgResourceOptions } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';
import { extensions, extensionsSeenIn, SCHEMA, seenIn } from './reset.fixture.js';
import {
  CLIENT_WAYS,
  COURSES,
  EXTENSION_WAYS,
  type Send,
  TEXT_WAYS,
  type Way,
} from './ways-to-leave-state.fixture.js';

const PROTOCOLS: readonly (readonly [string, (client: Client) => Send])[] = [
  ['simple', (client) => (text) => client.query(text)],
  ['extended', (client) => (text) => client.query({ text, queryMode: 'extended' } as { text: string })], // not declared
];

const BOTH = [...TEXT_WAYS, ...COURSES];

const named = (ways: readonly Way[]): [string, Way][] => ways.map((way) => [way.name, way]);

describe('reset: auto', () => {
  let postgres: Postgres;
  let pool: ResourcePool<Client>;
  let fresh: Record<string, unknown>;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(SCHEMA);
    await postgres.query(`SELECT pg_replication_origin_create('origin')`);
    pool = open({ connection: postgres.url });
    fresh = await pool.use(seenIn);
  });

  afterAll(async () => {
    await pool.close();
    await postgres.stop();
  });

  function open(options: PgResourceOptions): ResourcePool<Client> {
    const { pool: poolOptions, ...factory } = pgResource(options);
    const validation = { ...poolOptions?.validation, timeout: '1s' };
    return new ResourcePool<Client>(factory, { ...poolOptions, max: 1, validation });
  }

  /** @returns the number of the session that it was left in */
  async function leave(
    lender: ResourcePool<Client>,
    { leave: work }: Way,
    send: (client: Client) => Send,
  ): Promise<unknown> {
    const lease = await lender.acquire({ timeout: '10s' });
    const { rows } = await lease.resource.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await work(lease.resource, send(lease.resource));
    await lease.release();
    return rows[0].pid;
  }

  async function expectUnseen(way: Way, send: (client: Client) => Send): Promise<void> {
    const left = await leave(pool, way, send);
    const lease = await pool.acquire({ timeout: '10s' });
    try {
      const { rows } = await lease.resource.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      expect(await seenIn(lease.resource)).toEqual(fresh);
      expect(rows[0].pid === left).toBe(way.ends !== true);
    } finally {
      await lease.release();
    }
  }

  it('is tried with enough', () => {
    expect(BOTH.length + CLIENT_WAYS.length + EXTENSION_WAYS.length).toBeGreaterThan(90);
  });

  describe.each(PROTOCOLS)('by the %s protocol', (_, send) => {
    it.each(named(BOTH))('lets nobody see what is left by %s', (_, way) => expectUnseen(way, send));
  });

  it.each(named(CLIENT_WAYS))('lets nobody see what is left by %s', (_, way) =>
    expectUnseen(way, PROTOCOLS[0][1]),
  );

  describe('of a database with extensions', () => {
    let rich: ResourcePool<Client>;
    let seen: Record<string, unknown>;

    beforeAll(async () => {
      await postgres.query('CREATE DATABASE rich');
      const url = new URL(postgres.url);
      const { username, password, port } = url;
      url.pathname = 'rich';
      const self = `host=127.0.0.1 port=${port} user=${username} password=${password} dbname=rich`;
      const client = new Client(url.href);
      await client.connect();
      await client.query(SCHEMA);
      await client.query(extensions('rich', self));
      await client.end();
      rich = open({ connection: url.href });
      seen = await rich.use(extensionsSeenIn);
    });

    afterAll(() => rich.close());

    it.each(named(EXTENSION_WAYS))('lets nobody see what is left by %s', async (_, way) => {
      for (const [, send] of PROTOCOLS) {
        await leave(rich, way, send);
        expect(await rich.use(extensionsSeenIn)).toEqual(seen);
      }
    });
  });
});
