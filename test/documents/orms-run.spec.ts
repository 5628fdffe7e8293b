import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MarkdownDocument } from './document.fixture.js';
import { StartedApplication } from './started-application.fixture.js';

const [MAJOR, MINOR] = process.versions.node.split('.').map(Number);
/** MikroORM 7 starts nowhere else. */
const HAS_MIKRO_ORM = MAJOR > 22 || (MAJOR === 22 && MINOR >= 17);

/** Writes by one of the page's classes, and prints which titles were kept. */
const addBy = (name: string, file: string): string => `
  import { ResourceCoordinator } from 'nestjs-resources';
  import { pgResource } from 'nestjs-resources/pg';
  import { ${name} } from './${file}.js';
  const pg = pgResource({ connection: process.env.DATABASE_URL, pool: { max: 2 } });
  const coordinator = new ResourceCoordinator({ resources: { pg } });
  const tasks = new ${name}(coordinator.pgPool('pg'));
  await tasks.onModuleInit?.();
  await tasks.add('alone');
  await coordinator.transaction('pg', () => tasks.add('together'));
  await coordinator.transaction('pg', async () => {
    await tasks.add('never');
    throw new Error('changed my mind');
  }).catch(() => undefined);
  const { rows } = await coordinator.use('pg', (client) => client.query('SELECT title FROM tasks ORDER BY id'));
  console.log(rows.map(({ title }) => title).join(), coordinator.leases().length);
  await coordinator.cleanup();
`;

describe("the guide's page on ORMs", () => {
  let page: StartedApplication;

  beforeAll(async () => {
    page = await StartedApplication.prepare([new MarkdownDocument('docs/guide/orms.md')]);
    await page.query(
      'CREATE TABLE tasks (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL)',
    );
  });

  afterEach(() => page.query('TRUNCATE tasks'));

  afterAll(() => page.remove());

  it.each([
    ['KyselyTasks', 'kysely-tasks'],
    ['DrizzleTasks', 'drizzle-tasks'],
    ['KnexTasks', 'knex-tasks'],
    ['TypeormTasks', 'typeorm-tasks'],
    ['SequelizeTasks', 'sequelize-tasks'],
    ...(HAS_MIKRO_ORM ? [['MikroTasks', 'mikro-tasks']] : []),
  ])('has a class %s that writes by our pool, and is in our transactions', async (name, file) => {
    expect(await page.evaluate(addBy(name, file))).toBe('alone,together 0\n');
  });

  it('has an adapter for Prisma that writes by our pool', async () => {
    const adapter = `
      import { ResourceCoordinator } from 'nestjs-resources';
      import { pgResource } from 'nestjs-resources/pg';
      import { prismaOn } from './prisma-adapter.js';
      const pg = pgResource({ connection: process.env.DATABASE_URL, pool: { max: 2 } });
      const coordinator = new ResourceCoordinator({ resources: { pg } });
      const prisma = await prismaOn(coordinator.pgPool('pg')).connect();
      const query = { sql: "INSERT INTO tasks (title) VALUES ('ours')", args: [], argTypes: [] };
      console.log(await prisma.executeRaw(query), coordinator.stats().pools.pg.created);
      await coordinator.cleanup();
    `;
    expect(await page.evaluate(adapter)).toBe('1 1\n');
  });

  it('has a module that is given the pool, and a transaction over two ORMs', async () => {
    const application = `
      import 'reflect-metadata';
      import { NestFactory } from '@nestjs/core';
      import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
      import { pgResource } from 'nestjs-resources/pg';
      import { Everywhere } from './everywhere.js';
      import { TasksModule } from './tasks.module.js';
      const pg = pgResource({ connection: process.env.DATABASE_URL, pool: { max: 2 } });
      class Root {}
      const module = { module: Root, imports: [ResourcesModule.forRoot({ resources: { pg } }), TasksModule] };
      const app = await NestFactory.createApplicationContext(module, { logger: ['error'] });
      const coordinator = app.get(ResourceCoordinator);
      const everywhere = app.get(Everywhere);
      await everywhere.add('both');
      await everywhere.add('never', null).catch(() => undefined);
      const { rows } = await coordinator.use('pg', (client) => client.query('SELECT title FROM tasks'));
      console.log(rows.map(({ title }) => title).join());
      await app.close();
    `;
    expect(await page.evaluate(application)).toBe('both,both\n');
  });
});
