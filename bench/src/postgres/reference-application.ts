import type { ResourceFactory } from 'nestjs-resources/pool';
import type { Client } from 'pg';

/** The database server of the reference application. */
export interface DatabaseServer {
  /** Resolves with the URL of the running server. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

interface ServerModule {
  EmbeddedServer: new () => DatabaseServer;
}

interface FactoryModule {
  PgFactory: new (database: { value: string }) => ResourceFactory<Client>;
}

/*
 * The commands that need real sessions take server and factory from the reference application's build, so that they
 * measure what it runs. A build has no types, hence the interfaces above.
 */
const DATABASE = new URL('../../../dist/database/', import.meta.url);

export async function createDatabaseServer(): Promise<DatabaseServer> {
  const { EmbeddedServer } = (await import(new URL('embedded-server.js', DATABASE).href)) as ServerModule;
  return new EmbeddedServer();
}

/** How the reference application creates, checks, resets and ends its sessions. */
export async function createSessionFactory(url: string): Promise<ResourceFactory<Client>> {
  const { PgFactory } = (await import(new URL('pg.factory.js', DATABASE).href)) as FactoryModule;
  return new PgFactory({ value: url });
}
