import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource, sequelizeOn } from 'nestjs-resources/pg';
import type { Pool } from 'pg';
import { DataTypes, QueryTypes, Sequelize } from 'sequelize';
import { Postgres } from '../../../application/postgres.fixture.js';

describe('Sequelize on a pool of ours', () => {
  let postgres: Postgres;
  let coordinator: ResourceCoordinator;
  let pool: Pool;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(`CREATE TYPE mood AS ENUM ('good', 'bad');
      CREATE TABLE tasks (id int PRIMARY KEY, moods mood[], due timestamptz, period int4range)`);
    const connection = { connectionString: postgres.url, application_name: 'orders' };
    const pg = pgResource({ connection, pool: { max: 1, acquireTimeout: '10s' } });
    coordinator = new ResourceCoordinator({ resources: { pg } });
    pool = coordinator.pgPool('pg');
  });

  afterAll(async () => {
    await coordinator.cleanup();
    await postgres.stop();
  });

  const open = (): Sequelize => sequelizeOn(pool, new Sequelize({ dialect: 'postgres', logging: false }));

  it('parses types as it does on its own connections, and leaves those of others as they are', async () => {
    const db = open();
    const Task = db.define(
      'Task',
      {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        moods: DataTypes.ARRAY(DataTypes.ENUM('good', 'bad')),
        due: DataTypes.DATE,
        period: DataTypes.RANGE(DataTypes.INTEGER),
      },
      { tableName: 'tasks', timestamps: false },
    );
    const due = new Date('2026-01-02T03:04:05.678Z');
    await coordinator.transaction('pg', async () => {
      await Task.create({ id: 1, moods: ['good', 'bad'], due, period: [1, 5] });
      expect((await Task.findByPk(1))?.toJSON()).toMatchObject({
        moods: ['good', 'bad'],
        due,
        period: [{ value: 1 }, { value: 5 }],
      });
      await expect(pool.query('SELECT moods, period FROM tasks')).resolves.toMatchObject({
        rows: [{ moods: '{good,bad}', period: '[1,5)' }],
      });
    });
  });

  it('sends nothing of its own but two questions, once, after which its loans are clean', async () => {
    const db = open();
    await db.query('SELECT 1');
    const { pid } = (await postgres.sessions())[0];
    const seen = async (): Promise<string> => (await postgres.sessions())[0].query;
    for (let n = 2; n < 4; n++) {
      await db.query(`SELECT ${n}`);
      await expect(seen()).resolves.toBe(`SELECT ${n}`);
    }
    expect((await postgres.sessions())[0].pid).toBe(pid);
  });

  it('never gives one work’s connection to another: who rolls back undoes only his own', async () => {
    const db = open();
    const insert = (id: number) => db.query(`INSERT INTO tasks VALUES (${id})`, { type: QueryTypes.INSERT });
    const outcomes = await Promise.allSettled(
      [2, 3, 4, 5].map((id) =>
        coordinator.transaction('pg', async () => {
          await insert(id);
          if (id % 2 === 0) throw new Error('not this one');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(postgres.query('SELECT id FROM tasks WHERE id > 1 ORDER BY id')).resolves.toEqual([
      { id: 3 },
      { id: 5 },
    ]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is given the pool where somebody else makes the instance', async () => {
    Sequelize.addHook('afterInit', 'ours', (made) => void sequelizeOn(pool, made));
    const db = new Sequelize({ dialect: 'postgres', logging: false, port: 1 });
    Sequelize.removeHook('afterInit', 'ours');
    await expect(db.authenticate()).resolves.toBeUndefined();
    await db.close();
    await expect(pool.query('SELECT 1')).resolves.toBeDefined();
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['something else', () => ({ options: { dialect: 'postgres' }, connectionManager: {} })],
    ['its class', () => Sequelize],
    [
      'another dialect',
      () => Object.assign(Object.create(open()) as object, { options: { dialect: 'mysql' } }),
    ],
  ])('refuses %s', (_, make) => {
    expect(() => sequelizeOn(pool, make() as object)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'sequelize' }),
    );
  });
});
