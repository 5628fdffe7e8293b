import { drizzle } from './clients/drizzle.fixture.js';
import { knex } from './clients/knex.fixture.js';
import { kysely } from './clients/kysely.fixture.js';
import type { OrmKind } from './clients/orm-client.fixture.js';
import { mikroOrm } from './clients/mikro-orm.fixture.js';
import { prisma } from './clients/prisma.fixture.js';
import { raw } from './clients/raw.fixture.js';
import { sequelize } from './clients/sequelize.fixture.js';
import { typeorm } from './clients/typeorm.fixture.js';

const [major, minor] = process.versions.node.split('.').map(Number);

/** All libraries that are tried. MikroORM can't be loaded by Nodes before 22.17. */
export const KINDS: readonly OrmKind[] = [
  raw,
  kysely,
  drizzle,
  knex,
  typeorm,
  prisma,
  sequelize,
  ...(major > 22 || (major === 22 && minor >= 17) ? [mikroOrm] : []),
];
