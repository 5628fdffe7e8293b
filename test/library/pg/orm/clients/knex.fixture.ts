import { type Knex, knex as connect } from 'knex';
import type { OrmKind, OrmTransaction, Terms } from './orm-client.fixture.js';

const name = 'knex';

/** It prints what it throws as well. */
const SILENT: Knex.Logger = { warn() {}, error() {}, debug() {}, deprecate() {} };

export const knex: OrmKind = {
  name,
  streams: true,
  open(pool) {
    const db = connect({ client: 'pg', connectionPool: pool, log: SILENT } as Knex.Config);
    return {
      ...within(db),
      name,
      transaction: (work, terms) => db.transaction((inner) => work(within(inner)), configOf(terms)),
      async *stream(count) {
        const rows = db.select(db.raw('generate_series(1, ?::int) AS n', [count])).stream();
        for await (const { n } of rows as AsyncIterable<{ n: number }>) yield n;
      },
      async leak() {
        const transaction = await db.transaction();
        await transaction.raw('SELECT 1');
        return transaction;
      },
      close: () => db.destroy(),
    };
  },
};

function within(db: Knex): OrmTransaction {
  return {
    insert: async (value) => void (await db('written').insert({ client: name, value })),
    run: async (text) => (await db.raw<{ rows: Record<string, unknown>[] }>(text)).rows,
    nested: (work) => db.transaction((inner) => work(within(inner))),
  };
}

function configOf({ isolation, readOnly }: Terms = {}): Knex.TransactionConfig {
  return {
    ...(isolation !== undefined && { isolationLevel: isolation }),
    ...(readOnly !== undefined && { readOnly }),
  };
}
