import { type ControlledTransaction, Kysely, PostgresDialect, sql } from 'kysely';
import Cursor from 'pg-cursor';
import type { OrmKind, OrmTransaction } from './orm-client.fixture.js';

const name = 'kysely';

interface Database {
  written: { client: string; value: number };
}

export const kysely: OrmKind = {
  name,
  streams: true,
  open(pool) {
    const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
    return {
      name,
      insert: async (value) =>
        void (await db.insertInto('written').values({ client: name, value }).execute()),
      run: (text) => rowsOf(db, text),
      async transaction(work, terms = {}) {
        let builder = db.startTransaction();
        if (terms.isolation !== undefined) builder = builder.setIsolationLevel(terms.isolation);
        if (terms.readOnly !== undefined)
          builder = builder.setAccessMode(terms.readOnly ? 'read only' : 'read write');
        const transaction = await builder.execute();
        try {
          const result = await work(within(transaction));
          await transaction.commit().execute();
          return result;
        } catch (error) {
          if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
          throw error;
        }
      },
      async *stream(count) {
        const rows = db.selectNoFrom(sql<number>`generate_series(1, ${count}::int)`.as('n')).stream(7);
        for await (const { n } of rows) yield n;
      },
      async leak() {
        const transaction = await db.startTransaction().execute();
        await rowsOf(transaction, 'SELECT 1');
        return transaction;
      },
      close: () => db.destroy(),
    };
  },
};

function within(transaction: ControlledTransaction<Database>, depth = 1): OrmTransaction {
  return {
    insert: async (value) =>
      void (await transaction.insertInto('written').values({ client: name, value }).execute()),
    run: (text) => rowsOf(transaction, text),
    async nested(work) {
      const savepoint = `nested_${depth}`;
      const inner = await transaction.savepoint(savepoint).execute();
      try {
        const result = await work(within(inner, depth + 1));
        await inner.releaseSavepoint(savepoint as never).execute();
        return result;
      } catch (error) {
        await inner.rollbackToSavepoint(savepoint as never).execute();
        throw error;
      }
    },
  };
}

async function rowsOf(db: Kysely<Database>, text: string): Promise<Record<string, unknown>[]> {
  return (await sql.raw<Record<string, unknown>>(text).execute(db)).rows;
}
