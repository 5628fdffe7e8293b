import { Client } from 'pg';
import { EmbeddedServer } from '../../tools/embedded-server/embedded-server.js';

const KEEPER = new URL('../../dist/tools/embedded-server/embedded-server-keeper.js', import.meta.url);

/** A server that outlives the application under test, and a session of our own to look at it from outside. */
export class Postgres {
  private constructor(
    private readonly server: EmbeddedServer,
    readonly url: string,
    private readonly observer: Client,
  ) {}

  static async start(): Promise<Postgres> {
    const server = new EmbeddedServer(KEEPER);
    const url = await server.start();
    const observer = new Client({ connectionString: url, application_name: 'observer' });
    observer.on('error', () => undefined); // of a server that is killed
    await observer.connect();
    return new Postgres(server, url, observer);
  }

  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.observer.query<Row>(text, values)).rows;
  }

  /** The states of the application's sessions, one an entry. */
  async sessions(): Promise<{ pid: number; state: string; query: string }[]> {
    return this.query(`SELECT pid, state, query FROM pg_stat_activity WHERE application_name = 'orders'`);
  }

  /** Ends all sessions of the application and waits until they are gone; resolves with their number. */
  async terminateSessions(): Promise<number> {
    const rows = await this.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'orders'`,
    );
    return rows.length;
  }

  /** Kills the server, our own session included: from then on it can only be started again, or stopped. */
  crash(): Promise<void> {
    return this.server.crash();
  }

  /** Starts it again, at the same address. */
  recover(): Promise<void> {
    return this.server.recover();
  }

  async stop(): Promise<void> {
    await this.observer.end();
    await this.server.stop();
  }
}
