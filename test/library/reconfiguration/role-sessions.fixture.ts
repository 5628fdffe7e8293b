import type { CreateContext, ResourceFactory } from 'nestjs-resources';
import { Client } from 'pg';
import type { Postgres } from '../../application/postgres.fixture.js';

export interface Login {
  user: string;
  password: string;
}

/** Sessions of roles that the test makes, counted. */
export class RoleSessions {
  /** Sessions that are open, or being opened or closed, a count; and the most that there were. */
  open = 0;
  peak = 0;
  /** Sessions that were ended twice, a count. */
  endedTwice = 0;
  private readonly ended = new WeakSet<Client>();

  constructor(private readonly postgres: Postgres) {}

  /** A role that may log in. @param limit most sessions of it at a time; -1 for any number */
  async addRole({ user, password }: Login, limit = -1): Promise<void> {
    await this.postgres.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' CONNECTION LIMIT ${limit}`);
    await this.postgres.query(`GRANT SELECT ON stock TO ${user}`);
  }

  async setPassword({ user, password }: Login): Promise<void> {
    await this.postgres.query(`ALTER ROLE ${user} PASSWORD '${password}'`);
  }

  /** @param login without it, what `credentials.secret` brings */
  factory(login?: Login): ResourceFactory<Client> {
    return {
      create: (context: CreateContext<Login>) => this.connect(login ?? context.secret, context),
      destroy: (client) => this.end(client),
      validate: async (client) => (await client.query('SELECT 1')).rowCount === 1,
    };
  }

  /** Sessions of the server, by role. */
  async atServer(): Promise<Record<string, number>> {
    const rows = await this.postgres.query<{ user: string; count: number }>(
      `SELECT usename AS user, count(*)::int FROM pg_stat_activity WHERE application_name = 'rotation' GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ user, count }) => [user, count]));
  }

  private async connect(login: Login, { retire }: Pick<CreateContext, 'retire'>): Promise<Client> {
    const url = new URL(this.postgres.url);
    url.username = login.user;
    url.password = login.password;
    const client = new Client({ connectionString: url.href, application_name: 'rotation' });
    client.on('error', retire);
    this.peak = Math.max(this.peak, ++this.open);
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.open--;
      throw error;
    }
  }

  private async end(client: Client): Promise<void> {
    if (this.ended.has(client)) this.endedTwice++;
    this.ended.add(client);
    await client.end();
    this.open--;
  }
}
