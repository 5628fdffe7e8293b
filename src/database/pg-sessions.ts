import { Injectable } from '@nestjs/common';
import type { CreateContext, DestroyContext, ResourceFactory } from 'nestjs-resources';
import { addAbortSignal } from 'node:stream';
import { Client } from 'pg';
import { DatabaseUrl } from './database-url.js';

/** How PostgreSQL sessions live and end, whatever they are for. One that dies, idle or lent, is retired at that moment. */
@Injectable()
export abstract class PgSessions implements ResourceFactory<Client> {
  constructor(private readonly databaseUrl: DatabaseUrl) {}

  abstract create(context: CreateContext): Promise<Client>;

  async validate(client: Client): Promise<boolean> {
    await client.query('SELECT 1');
    return true;
  }

  /**
   * One round trip, 0.1 ms where a new session takes 7. DISCARD ALL also deallocates prepared statements, which is why no
   * query of this application is named. It is refused in a transaction, and one query of both would be one.
   */
  async reset(client: Client): Promise<void> {
    if (client.getTransactionStatus() !== 'I') {
      await client.query('ROLLBACK');
    }
    await client.query('DISCARD ALL');
    client.removeAllListeners('notification');
  }

  /**
   * Waits until the server has hung up too: only then is its backend gone, and the place free for another session.
   * `client.end()` does not wait when a query is running or the session has failed.
   */
  async destroy(client: Client, { signal }: DestroyContext): Promise<void> {
    const { stream } = client.connection;
    addAbortSignal(signal, stream);
    if (stream.closed) return;
    const closed = new Promise((resolve) => stream.once('close', resolve));
    client.connection.end();
    await closed;
  }

  /** @param settings of the server, for as long as the session lives: a reset goes back to them */
  protected async open(
    { signal, retire }: CreateContext,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Client> {
    signal.throwIfAborted();
    const client = new Client({
      connectionString: this.databaseUrl.value,
      application_name: 'orders',
      // Without it, a session cut off in the middle of a query would live on in the server until the query is done.
      options: asFlags({ client_connection_check_interval: '500ms', ...settings }),
    });
    client.on('error', (error) => retire(error));
    client.on('end', () => retire(new Error('the session has ended')));
    addAbortSignal(signal, client.connection.stream);
    await client.connect();
    return client;
  }
}

function asFlags(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
