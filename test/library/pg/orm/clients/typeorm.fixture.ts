import pg from 'pg';
import { DataSource, type EntityManager, EntitySchema } from 'typeorm';
import type { OrmKind, OrmTransaction } from './orm-client.fixture.js';

const name = 'typeorm';

const Written = new EntitySchema<{ id: number; client: string; value: number }>({
  name: 'written',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    client: { type: 'text' },
    value: { type: 'int' },
  },
});

export const typeorm: OrmKind = {
  name,
  streams: true,
  async open(pool) {
    const driver = { ...pg, Pool: function Pool() { return pool; } }; // prettier-ignore
    const source = new DataSource({ type: 'postgres', driver, entities: [Written] });
    await source.initialize();
    return {
      ...within(source.manager),
      name,
      async transaction(work, { isolation, readOnly } = {}) {
        const inTransaction = async (manager: EntityManager): ReturnType<typeof work> => {
          if (readOnly !== undefined)
            await manager.query(`SET TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}`);
          return work(within(manager));
        };
        if (isolation === undefined) return source.transaction(inTransaction);
        return source.transaction(isolation.toUpperCase() as 'SERIALIZABLE', inTransaction);
      },
      async *stream(count) {
        const runner = source.createQueryRunner();
        try {
          const rows = await runner.stream('SELECT generate_series(1, $1::int) AS n', [count]);
          for await (const { n } of rows as AsyncIterable<{ n: number }>) yield n;
        } finally {
          await runner.release();
        }
      },
      async leak() {
        const runner = source.createQueryRunner();
        await runner.query('SELECT 1');
        return runner;
      },
      close: () => source.destroy(),
    };
  },
};

function within(manager: EntityManager): OrmTransaction {
  return {
    insert: async (value) => void (await manager.insert(Written, { client: name, value })),
    run: (text) => manager.query<Record<string, unknown>[]>(text),
    nested: (work) => manager.transaction((inner) => work(within(inner))),
  };
}
