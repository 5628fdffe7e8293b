import type { PoolClient } from 'pg';
import QueryStream from 'pg-query-stream';
import { type OrmKind, type OrmTransaction, wordsOf } from './orm-client.fixture.js';

const name = 'pg';
const INSERT = 'INSERT INTO written (client, value) VALUES ($1, $2)';

export const raw: OrmKind = {
  name,
  streams: true,
  open: (pool) => ({
    name,
    insert: async (value) => void (await pool.query(INSERT, [name, value])),
    run: async (text) => (await pool.query<Record<string, unknown>>(text)).rows,
    async transaction(work, terms) {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN${wordsOf(terms)}`);
        const result = await work(within(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    async *stream(count) {
      const client = await pool.connect();
      try {
        const stream = client.query(new QueryStream('SELECT generate_series(1, $1::int) AS n', [count]));
        for await (const { n } of stream) yield n as number;
      } finally {
        client.release();
      }
    },
    async leak() {
      const client = await pool.connect();
      await client.query('SELECT 1');
      return client;
    },
    close: () => pool.end(),
  }),
};

function within(client: PoolClient, depth = 1): OrmTransaction {
  return {
    insert: async (value) => void (await client.query(INSERT, [name, value])),
    run: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    async nested(work) {
      await client.query(`SAVEPOINT nested_${depth}`);
      try {
        const result = await work(within(client, depth + 1));
        await client.query(`RELEASE SAVEPOINT nested_${depth}`);
        return result;
      } catch (error) {
        await client.query(`ROLLBACK TO SAVEPOINT nested_${depth}`);
        throw error;
      }
    },
  };
}
