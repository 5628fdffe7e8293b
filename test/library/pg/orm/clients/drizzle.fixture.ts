import { sql } from 'drizzle-orm';
import { drizzle as connect, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text as column } from 'drizzle-orm/pg-core';
import type { OrmKind, OrmTransaction } from './orm-client.fixture.js';

const name = 'drizzle';
const written = pgTable('written', { client: column().notNull(), value: integer().notNull() });

export const drizzle: OrmKind = {
  name,
  open(pool) {
    const db = connect({ client: pool });
    return {
      ...within(db),
      name,
      transaction: (work, { isolation, readOnly } = {}) =>
        db.transaction((inner) => work(within(inner)), {
          ...(isolation !== undefined && { isolationLevel: isolation }),
          ...(readOnly !== undefined && { accessMode: readOnly ? 'read only' : 'read write' }),
        }),
      // A transaction that never ends is the only way to keep a session.
      leak: () =>
        new Promise((resolve, reject) => {
          db.transaction(async (inner) => {
            await inner.execute('SELECT 1');
            resolve(inner);
            await new Promise(() => undefined);
          }).catch(reject);
        }),
      close: () => pool.end(),
    };
  },
};

function within(db: Pick<NodePgDatabase, 'insert' | 'execute' | 'transaction'>): OrmTransaction {
  return {
    insert: async (value) => void (await db.insert(written).values({ client: name, value })),
    run: async (text) => (await db.execute(sql.raw(text))).rows,
    nested: (work) => db.transaction((inner) => work(within(inner))),
  };
}
