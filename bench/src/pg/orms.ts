import { type OnModuleDestroy } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import knex from 'knex';
import { Kysely, PostgresDialect } from 'kysely';
import { ResourceCoordinator } from 'nestjs-resources';
import pg, { Pool } from 'pg';
import { DataSource, EntitySchema } from 'typeorm';
import type { Contender } from './contender.js';
import { Loans } from './loans.js';
import { ourPool } from './pooled-loans.js';
import { SESSIONS } from './sessions.js';

/** What an ORM is asked for, by its key: a row that every database has. */
const OID = 23;

interface PgType {
  oid: number;
  typname: string;
}

interface Orm {
  one(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Where an ORM has its sessions from: our pool, or else this database by a pool of its own. */
type Source = { readonly pool: Pool } | { readonly url: string };
type OpenOrm = (source: Source) => Orm | Promise<Orm>;

/** For those that take a pool of pg as their own. */
function poolOf(source: Source): Pool {
  return 'pool' in source ? source.pool : new Pool({ connectionString: source.url, max: SESSIONS });
}

const openKysely: OpenOrm = (source) => {
  const db = new Kysely<{ pg_type: PgType }>({ dialect: new PostgresDialect({ pool: poolOf(source) }) });
  return {
    one: () => db.selectFrom('pg_type').selectAll().where('oid', '=', OID).executeTakeFirst(),
    close: () => db.destroy(),
  };
};

const pgType = pgTable('pg_type', { oid: integer().primaryKey(), typname: text() });

const openDrizzle: OpenOrm = (source) => {
  const client = poolOf(source);
  const db = drizzle({ client });
  return { one: () => db.select().from(pgType).where(eq(pgType.oid, OID)), close: () => client.end() };
};

const openKnex: OpenOrm = (source) => {
  const db = knex({
    client: 'pg',
    ...('pool' in source
      ? { connectionPool: source.pool }
      : { connection: source.url, pool: { min: 0, max: SESSIONS } }),
  });
  return { one: () => db<PgType>('pg_type').where({ oid: OID }).first(), close: () => db.destroy() };
};

const pgTypeSchema = new EntitySchema<PgType>({
  name: 'pg_type',
  columns: { oid: { type: Number, primary: true }, typname: { type: String } },
});

const openTypeorm: OpenOrm = async (source) => {
  const common = { type: 'postgres' as const, entities: [pgTypeSchema], logging: false };
  const dataSource = new DataSource(
    'pool' in source
      ? { ...common, driver: { ...pg, Pool: givingOut(source.pool) } }
      : { ...common, url: source.url, poolSize: SESSIONS },
  );
  await dataSource.initialize();
  const types = dataSource.getRepository(pgTypeSchema);
  return { one: () => types.findOneBy({ oid: OID }), close: () => dataSource.destroy() };
};

/** A class whose one instance is that pool. */
function givingOut(pool: Pool): () => Pool {
  return function (): Pool {
    return pool;
  };
}

class OrmLoans extends Loans implements OnModuleDestroy {
  constructor(private readonly orm: Orm) {
    super();
  }

  inRequest(): Promise<unknown> {
    return this.orm.one();
  }

  async onModuleDestroy(): Promise<void> {
    await this.orm.close();
  }
}

function onOurs(open: OpenOrm): Contender {
  return (url) => ({
    imports: [ourPool(url)],
    loans: {
      provide: Loans,
      inject: [ResourceCoordinator],
      useFactory: async (coordinator: ResourceCoordinator) =>
        new OrmLoans(await open({ pool: coordinator.pgPool('pg') })),
    },
  });
}

/** In the same application: the module is there, and nothing borrows from it. */
function onItsOwn(open: OpenOrm): Contender {
  return (url) => ({
    imports: [ourPool(url)],
    loans: { provide: Loans, useFactory: async () => new OrmLoans(await open({ url })) },
  });
}

export const ORMS = {
  'Kysely on our pool': onOurs(openKysely),
  'Kysely on its own': onItsOwn(openKysely),
  'Drizzle on our pool': onOurs(openDrizzle),
  'Drizzle on its own': onItsOwn(openDrizzle),
  'Knex on our pool': onOurs(openKnex),
  'Knex on its own': onItsOwn(openKnex),
  'TypeORM on our pool': onOurs(openTypeorm),
  'TypeORM on its own': onItsOwn(openTypeorm),
} satisfies Record<string, Contender>;
