import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import type { OrmKind, OrmTransaction, Terms } from './orm-client.fixture.js';
import { GeneratedClient } from './prisma-schema.fixture.js';

const name = 'prisma';

/** Of what is generated from the schema, as far as it is used here. */
interface Queries {
  written: { create(row: { data: { client: string; value: number } }): Promise<unknown> };
  $queryRawUnsafe(text: string): Promise<Record<string, unknown>[]>;
  $transaction<R>(work: (queries: Queries) => Promise<R>, options?: object): Promise<R>;
}

interface Generated {
  PrismaClient: new (options: object) => Queries & { $disconnect(): Promise<void> };
}

let generated: Promise<GeneratedClient> | undefined;

export const prisma: OrmKind = {
  name,
  async open(pool: Pool) {
    generated ??= GeneratedClient.make();
    const { PrismaClient } = await (await generated).load<Generated>();
    const client = new PrismaClient({ adapter: new PrismaPg(pool) });
    const options = { maxWait: 10_000, timeout: 15_000 };
    return {
      ...within(client),
      name,
      transaction: (work, terms) =>
        client.$transaction((inner) => begin(inner, work, terms), { ...options, ...isolationOf(terms) }),
      leak: () =>
        new Promise((resolve, reject) => {
          client
            .$transaction(async (inner) => {
              await inner.$queryRawUnsafe('SELECT 1');
              resolve(inner);
              await new Promise(() => undefined);
            }, options)
            .catch(reject);
        }),
      close: () => client.$disconnect(),
    };
  },
  async forget() {
    await (await generated)?.remove();
    generated = undefined;
  },
};

/** It has no words for the access. */
async function begin<R>(
  queries: Queries,
  work: (transaction: OrmTransaction) => Promise<R>,
  { readOnly }: Terms = {},
): Promise<R> {
  if (readOnly !== undefined)
    await queries.$queryRawUnsafe(`SET TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}`);
  return work(within(queries));
}

function within(queries: Queries): OrmTransaction {
  return {
    insert: async (value) => void (await queries.written.create({ data: { client: name, value } })),
    run: (text) => queries.$queryRawUnsafe(text),
    nested: (work) => queries.$transaction((inner) => work(within(inner))),
  };
}

function isolationOf({ isolation }: Terms = {}): object {
  const names = {
    'read committed': 'ReadCommitted',
    'repeatable read': 'RepeatableRead',
    serializable: 'Serializable',
  };
  return isolation === undefined ? {} : { isolationLevel: names[isolation] };
}
