import { type ResourceFactory, ResourcePool } from 'nestjs-resources/pool';
import { type Client, Pool } from 'pg';

/** One way for an application to come to its database sessions. */
export interface SessionSource {
  /** @param module which of the application's modules asks, from 0 */
  acquire(module: number): Promise<Session>;
  close(): Promise<unknown>;
}

export interface Session {
  readonly client: Pick<Client, 'query'>;
  release(): unknown;
}

export const MODULES = 5;
/** The default of pg's pool and of ours. */
const MAX = 10;

/** What every source gets, so that all of them load the same code. */
export interface Database {
  url: string;
  factory: ResourceFactory<Client>;
}

/** One pool for all modules, with the settings of the reference application. */
function pooled({ factory }: Database): SessionSource {
  const pool = new ResourcePool(factory, {
    max: MAX,
    acquireTimeout: '30s',
    validation: { aliveBypass: '1s' },
  });
  return {
    acquire: async () => {
      const lease = await pool.acquire();
      return { client: lease.resource, release: () => lease.release() };
    },
    close: () => pool.close(),
  };
}

/** A new session for every request. */
function perRequest({ factory }: Database): SessionSource {
  return {
    acquire: async () => {
      const { signal } = new AbortController();
      const client = await factory.create({ signal, retire: () => undefined, key: '', secret: undefined });
      return { client, release: () => factory.destroy?.(client, { signal }) };
    },
    close: () => Promise.resolve(),
  };
}

/** What applications write by hand: every module has a pool of its own. */
function poolPerModule({ url }: Database): SessionSource {
  const pools = Array.from({ length: MODULES }, () => new Pool({ connectionString: url, max: MAX }));
  return {
    acquire: async (module) => {
      const client = await pools[module % MODULES]?.connect();
      if (client === undefined) throw new Error(`no module ${module}`);
      return { client, release: () => client.release() };
    },
    close: () => Promise.all(pools.map((pool) => pool.end())),
  };
}

export const SOURCES = {
  'one pool (ours)': pooled,
  'connecting per request': perRequest,
  'a pool per module (pg)': poolPerModule,
} satisfies Record<string, (database: Database) => SessionSource>;

export type SourceName = keyof typeof SOURCES;
