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
  pgSessions: (database: { value: string }, settings: { poolMax: number }) => ResourceFactory<Client>;
}

/*
 * The commands that need real sessions take server and factory from the reference application's build, so that they
 * measure what it runs. A build has no types, hence the interfaces above.
 */
const BUILD = new URL('../../../dist/', import.meta.url);
const SERVER = new URL('tools/embedded-server/embedded-server.js', BUILD).href;
const FACTORY = new URL('src/database/pg-sessions.js', BUILD).href;

export async function createDatabaseServer(): Promise<DatabaseServer> {
  const { EmbeddedServer } = (await import(SERVER)) as ServerModule;
  return new EmbeddedServer();
}

/** How the reference application creates, checks, resets and ends its sessions. How many there are, who asks decides. */
export async function createSessionFactory(url: string): Promise<ResourceFactory<Client>> {
  const { pgSessions } = (await import(FACTORY)) as FactoryModule;
  return pgSessions({ value: url }, { poolMax: 1 });
}
