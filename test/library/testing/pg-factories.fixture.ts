import type { CreateContext, DestroyContext, ResourceFactory } from 'nestjs-resources';
import { addAbortSignal } from 'node:stream';
import { Client } from 'pg';

/** The factory of the README, for a server of the test's. The unsafe ones each lack one thing. */
export class PgFactory implements ResourceFactory<Client> {
  constructor(private readonly url: string) {}

  async create({ signal, retire }: CreateContext): Promise<Client> {
    const client = this.open();
    client.on('error', retire);
    addAbortSignal(signal, client.connection.stream);
    await client.connect();
    return client;
  }

  async destroy(client: Client, { signal }: DestroyContext): Promise<void> {
    addAbortSignal(signal, client.connection.stream);
    await client.end();
  }

  async validate(client: Client): Promise<boolean> {
    return (await client.query('SELECT 1')).rowCount === 1;
  }

  async reset(client: Client): Promise<void> {
    if (client.getTransactionStatus() !== 'I') await client.query('ROLLBACK');
    await client.query('DISCARD ALL');
    client.removeAllListeners('notification');
  }

  protected open(): Client {
    return new Client({ connectionString: this.url, application_name: 'orders' });
  }
}

/** Connects, and throws the session away when it learns that it is late. */
export class ThrowsAway extends PgFactory {
  override async create({ signal, retire }: CreateContext): Promise<Client> {
    const client = this.open();
    client.on('error', retire);
    await client.connect();
    signal.throwIfAborted();
    return client;
  }
}

/** Connects, whatever the signal says. */
export class IgnoresTheSignal extends PgFactory {
  override async create({ retire }: CreateContext): Promise<Client> {
    const client = this.open();
    client.on('error', retire);
    await client.connect();
    return client;
  }
}

/** Listens to no error of an idle session. */
export class Deaf extends PgFactory {
  override async create({ signal }: CreateContext): Promise<Client> {
    const client = this.open();
    addAbortSignal(signal, client.connection.stream);
    await client.connect();
    return client;
  }
}

/** Waits until the server has hung up, too. */
export class WaitsForGoodbye extends PgFactory {
  override async destroy(client: Client): Promise<void> {
    await client.end();
  }
}

/** Discards everything at once, which PostgreSQL refuses within a transaction. */
export class DiscardsInTransaction extends PgFactory {
  override async reset(client: Client): Promise<void> {
    await client.query('DISCARD ALL');
  }
}

/** Sends both in one query, which PostgreSQL takes for a transaction. */
export class DiscardsInOneQuery extends PgFactory {
  override async reset(client: Client): Promise<void> {
    await client.query('ROLLBACK; DISCARD ALL');
  }
}

/** Ends the transaction, and leaves the rest. */
export class OnlyRollsBack extends PgFactory {
  override async reset(client: Client): Promise<void> {
    await client.query('ROLLBACK');
  }
}

/** Leaves who listens to the session's notifications. */
export class KeepsListeners extends PgFactory {
  override async reset(client: Client): Promise<void> {
    await client.query('ROLLBACK');
    await client.query('DISCARD ALL');
  }
}
