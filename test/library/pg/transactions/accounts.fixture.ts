import { type CoordinatorOptions, type Lease, ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import type { PoolOptions } from 'nestjs-resources/pool';
import type { Client } from 'pg';
import { Postgres } from '../../../application/postgres.fixture.js';

export type { Client } from 'pg';

/** A server with a table of names, and coordinators whose sessions write into it. */
export class Accounts {
  private readonly coordinators: ResourceCoordinator[] = [];

  private constructor(readonly postgres: Postgres) {}

  static async open(): Promise<Accounts> {
    const postgres = await Postgres.start();
    await postgres.query(`
      CREATE TABLE accounts (name text PRIMARY KEY);
      CREATE TABLE parents (id int PRIMARY KEY);
      CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE counters (id int PRIMARY KEY, value int);
      INSERT INTO counters VALUES (1, 0), (2, 0);
    `);
    return new Accounts(postgres);
  }

  coordinator(
    pool: PoolOptions = {},
    options: CoordinatorOptions = {},
    { url = this.postgres.url, reset = 'auto' as const }: { url?: string; reset?: 'auto' | 'none' } = {},
  ): ResourceCoordinator {
    const pg = pgResource({
      connection: { connectionString: url, application_name: 'orders' },
      reset,
      pool: { max: 3, acquireTimeout: '5s', ...pool },
    });
    const coordinator = new ResourceCoordinator({ resources: { pg }, deadlockTimeout: 100, ...options });
    this.coordinators.push(coordinator);
    return coordinator;
  }

  /** Forgets all rows, and the coordinators. */
  async clear(): Promise<void> {
    for (const coordinator of this.coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
    await this.postgres.query('TRUNCATE accounts, parents, children; UPDATE counters SET value = 0');
  }

  /** What others see, sorted. */
  async names(): Promise<string[]> {
    const rows = await this.postgres.query<{ name: string }>('SELECT name FROM accounts ORDER BY name');
    return rows.map(({ name }) => name);
  }

  stop(): Promise<void> {
    return this.postgres.stop();
  }
}

export function add(client: Client, name: string): Promise<unknown> {
  return client.query('INSERT INTO accounts VALUES ($1)', [name]);
}

export async function pidOf(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0].pid;
}

/** What a promise has come to: the error, where it has rejected. */
export function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error);
}

/** The resource of a scope's own lease, as a repository takes it. */
export async function lease(coordinator: ResourceCoordinator): Promise<Lease<Client>> {
  return coordinator.acquire<Client>('pg');
}
