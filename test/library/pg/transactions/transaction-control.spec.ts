import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TransactionControl } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import {
  checkTransactionControl,
  type CheckTransactionControlOptions,
  UnsafeTransactionControlError,
} from 'nestjs-resources/testing';
import type { Client } from 'pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { CuttingProxy, portOf } from './cutting-proxy.fixture.js';

const options: CheckTransactionControlOptions<Client> = {
  write: (client, name) => client.query('INSERT INTO names (name) VALUES ($1)', [name]),
  has: async (client, name) =>
    (await client.query('SELECT FROM names WHERE name = $1', [name])).rowCount === 1,
  fail: (client) => client.query('SELECT 1 / 0'),
};

/** What somebody would write who has read the commands, and not their answers. */
const NAIVE: TransactionControl<Client> = {
  begin: (client) => client.query('BEGIN'),
  commit: (client) => client.query('COMMIT'),
  rollback: (client) => client.query('ROLLBACK'),
};

describe("the control of PostgreSQL's transactions", () => {
  let postgres: Postgres;
  let proxy: CuttingProxy;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE names (name text PRIMARY KEY)');
    await postgres.query('CREATE TABLE counter AS SELECT 0 AS count');
    proxy = await CuttingProxy.before(postgres.url);
  });

  afterAll(async () => {
    await proxy.close();
    await postgres.stop();
  });

  const factory = () =>
    pgResource({ connection: { connectionString: proxy.url, application_name: 'orders' } });

  it('is safe, as checkTransactionControl finds', async () => {
    const report = await checkTransactionControl(factory(), {
      ...options,
      async conflict(first, second) {
        for (const client of [first, second]) await client.query('SELECT count FROM counter');
        for (const client of [first, second]) {
          await client.query('UPDATE counter SET count = count + 1');
          if (client === first) await client.query('COMMIT');
        }
      },
      lose: (client) => proxy.arm(portOf(client), 'after'),
    });
    expect(report).toEqual({
      checks: ['commit', 'rollback', 'terms', 'failure', 'savepoint', 'effect', 'conflict', 'lost answer'],
      refused: [],
    });
    await eventually(async () => expect(await postgres.sessions()).toEqual([]));
  });

  it('is not what reads no answer and no terms', async () => {
    const failure: unknown = await checkTransactionControl(
      { ...factory(), transactions: NAIVE },
      options,
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnsafeTransactionControlError);
    expect(failure).toMatchObject({
      findings: [
        { check: 'terms', found: 'it finds what was written meanwhile' },
        { check: 'failure', found: 'commit succeeded, and what was written is not there' },
      ],
    });
  });
});
