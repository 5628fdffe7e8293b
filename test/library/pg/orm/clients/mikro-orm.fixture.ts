import type { EntityManager, EntitySchema } from '@mikro-orm/postgresql';
import { PostgresDialect } from 'kysely';
import Cursor from 'pg-cursor';
import type { OrmKind, OrmTransaction, Terms } from './orm-client.fixture.js';

const name = 'mikro-orm';

interface Row {
  id: number;
  client: string;
  value: number;
}

export const mikroOrm: OrmKind = {
  name,
  async open(pool) {
    const { EntitySchema, MikroORM } = await import('@mikro-orm/postgresql');
    const Written = new EntitySchema<Row>({
      name: 'Written',
      tableName: 'written',
      properties: {
        id: { type: 'integer', primary: true, autoincrement: true },
        client: { type: 'text' },
        value: { type: 'integer' },
      },
    });
    const orm = await MikroORM.init({
      entities: [Written],
      dbName: 'postgres',
      driverOptions: new PostgresDialect({ pool, cursor: Cursor }),
    });
    return {
      name,
      insert: (value) => within(orm.em.fork(), Written).insert(value),
      run: (text) => within(orm.em.fork(), Written).run(text),
      transaction: (work, { isolation, readOnly }: Terms = {}) =>
        orm.em.fork().transactional((inner) => work(within(inner, Written)), {
          ...(isolation !== undefined && { isolationLevel: isolation as never }), // an enumeration of the same words
          ...(readOnly !== undefined && { readOnly }),
        }),
      async leak() {
        const kept = orm.em.fork();
        await kept.begin();
        await kept.execute('SELECT 1');
        return kept;
      },
      close: () => orm.close(),
    };
  },
};

function within(em: EntityManager, Written: EntitySchema<Row>): OrmTransaction {
  return {
    insert: async (value) => void (await em.insert(Written, { client: name, value })),
    run: (text) => em.execute(text),
    nested: (work) => em.transactional((inner) => work(within(inner, Written))),
  };
}
