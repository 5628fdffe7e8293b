import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pgResource, UncleanSessionError } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import { type Client, Query } from 'pg';
import Cursor from 'pg-cursor';
import { Postgres } from '../../application/postgres.fixture.js';

function throws(): never {
  throw new Error('thrown by a listener');
}

/** What a borrower may do so that something of its own throws while pg reads an answer. */
const WAYS: Record<string, (client: Client) => unknown> = {
  'a listener for "drain"': (client) => client.on('drain', throws).query('SELECT 1 AS secret'),
  'a listener on the connection': (client) => {
    client.connection.on('readyForQuery', throws);
    return client.query('SELECT 1 AS secret');
  },
  'a listener for notices': (client) =>
    client.on('notice', throws).query(`DO $$ BEGIN RAISE NOTICE 'secret'; END $$`),
  'a listener for rows': (client) =>
    client
      .query(new Query('SELECT 1 AS secret'))
      .on('error', () => undefined)
      .on('row', throws),
  'a listener for the end of a query': (client) =>
    client.query(new Query('SELECT 1 AS secret')).on('end', throws),
  'a callback that is told of an error': (client) => client.query('SELECT 1 / 0 AS secret', throws),
  'a callback of a cursor': (client) => client.query(new Cursor('SELECT 1 / 0 AS secret')).read(1, throws),
};

describe('what was thrown while pg read an answer', () => {
  let postgres: Postgres;
  let pool: ResourcePool<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  beforeEach(() => {
    const { pool: options, ...factory } = pgResource({ connection: postgres.url });
    pool = new ResourcePool<Client>(factory, { ...options, max: 1 });
  });

  afterEach(() => pool.close());

  afterAll(() => postgres.stop());

  /** As in a process that lives on after what nobody has caught. @returns resolves when something was thrown */
  function survive(client: Client): Promise<unknown> {
    return new Promise((thrown) => {
      const { stream } = client.connection;
      const emit = stream.emit.bind(stream);
      stream.emit = (...event: Parameters<typeof emit>): boolean => {
        try {
          return emit(...event);
        } catch (error) {
          thrown(error);
          return true;
        }
      };
    });
  }

  const untilThrown = async (client: Client, way: (client: Client) => unknown): Promise<void> => {
    const thrown = survive(client);
    const answer = way(client);
    if (answer instanceof Promise) answer.catch(() => undefined);
    await thrown;
  };

  it.each(Object.entries(WAYS))('by %s does not make it the next borrower’s answer', async (_, way) => {
    await pool.use((client) => untilThrown(client, way));
    const numbers = await pool.use(async (client) => [
      (await client.query('SELECT 2 AS n')).rows,
      (await client.query('SELECT 3 AS n')).rows,
    ]);
    expect(numbers).toEqual([[{ n: 2 }], [{ n: 3 }]]);
  });

  it.each(Object.entries(WAYS))('by %s fails what comes after it in the same loan', async (_, way) => {
    await pool.use(async (client) => {
      await untilThrown(client, way);
      await expect(client.query('SELECT 2')).rejects.toThrow();
    });
  });

  it('fails what was waiting for its turn', async () => {
    await pool.use(async (client) => {
      const thrown = survive(client);
      client.query('SELECT 1 / 0', throws);
      await expect(client.query('SELECT 2')).rejects.toThrow('connection error');
      await thrown;
    });
  });

  it('is why the session was retired', async () => {
    const retired: unknown[] = [];
    pool.observe((event) => void (event.kind === 'retired' && retired.push(event)));
    await pool.use((client) => untilThrown(client, WAYS['a listener for notices']));
    expect(retired).toMatchObject([{ reason: 'invalid', cause: new UncleanSessionError('thrown') }]);
  });
});
