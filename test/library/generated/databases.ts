import { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';
import { TABLES } from './guide.js';

/** A server with a database for each trial, with the tables of the guide. */
export class Databases {
  private made = 0;

  private constructor(private readonly postgres: Postgres) {}

  static async start(): Promise<Databases> {
    return new Databases(await Postgres.start());
  }

  /** @returns the URL of a new database */
  async make(): Promise<string> {
    const name = `trial_${++this.made}`;
    await this.postgres.query(`CREATE DATABASE ${name}`);
    const url = new URL(this.postgres.url);
    url.pathname = name;
    const client = new Client({ connectionString: url.href });
    await client.connect();
    for (const sql of TABLES) await client.query(sql);
    await client.end();
    return url.href;
  }

  stop(): Promise<void> {
    return this.postgres.stop();
  }
}
