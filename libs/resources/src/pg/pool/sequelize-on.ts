import type { Pool, PoolClient } from 'pg';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { isObject } from '../../hooks/is-object.js';
import { describeValue } from '../../words/describe-value.js';

/** What lends Sequelize its connections; its types leave half of it out. */
interface ConnectionManager {
  getConnection(): Promise<PoolClient>;
  releaseConnection(client: PoolClient): void;
  destroyConnection(client: PoolClient): Promise<void>;
  close(): Promise<void>;
  getTypeParser(oid: number, format?: string): (value: string) => unknown;
  /** Finds the types that have no fixed numbers, such as enumerations. */
  _refreshDynamicOIDs(client: PoolClient): Promise<void>;
}

/** An instance of Sequelize 6, as far as it is asked here. */
interface Instance {
  readonly options: { databaseVersion?: unknown };
  readonly connectionManager: ConnectionManager;
}

const NEEDED = [
  'getConnection',
  'releaseConnection',
  'destroyConnection',
  'close',
  'getTypeParser',
  '_refreshDynamicOIDs',
] satisfies (keyof ConnectionManager)[];

/**
 * Has an instance of Sequelize 6 borrow from a `pgPool` in place of its own pool: each connection that it asks for is a client of that, until it
 * gives it back. Its own connections are never opened: what it would set in them (`timezone`, `dialectOptions`), the type's `connection` says.
 *
 * @param sequelize with `dialect: 'postgres'`, before its first use
 * @returns the same instance
 * @throws InvalidOptionsError for anything else
 */
export function sequelizeOn<S extends object>(pool: Pool, sequelize: S): S {
  const { options, connectionManager } = instanceOf(sequelize);
  const types = {
    getTypeParser: (oid: number, format?: string) => connectionManager.getTypeParser(oid, format),
  };
  let isPrepared = false;
  const prepare = async (client: PoolClient): Promise<void> => {
    parseBy(types, client);
    if (isPrepared) return;
    options.databaseVersion ||= await versionOf(client);
    await connectionManager._refreshDynamicOIDs(client);
    isPrepared = true;
  };
  Object.assign(connectionManager, {
    async getConnection() {
      const client = await pool.connect();
      try {
        await prepare(client);
        return client;
      } catch (error) {
        client.release();
        throw error;
      }
    },
    // It marks what it has seen fail.
    releaseConnection: (client) => client.release(Reflect.get(client, '_invalid') === true),
    destroyConnection: (client) => Promise.resolve(client.release(true)),
    close: () => pool.end(),
  } satisfies Partial<ConnectionManager>);
  return sequelize;
}

function instanceOf(sequelize: unknown): Instance {
  const { options, connectionManager } = (isObject(sequelize) ? sequelize : {}) as Partial<Instance>;
  const isSix =
    isObject(options) &&
    isObject(connectionManager) &&
    Reflect.get(options, 'dialect') === 'postgres' &&
    NEEDED.every((name) => typeof Reflect.get(connectionManager, name) === 'function');
  if (isSix) return { options, connectionManager };
  throw new InvalidOptionsError(
    'sequelize',
    `must be an instance of Sequelize 6 with the dialect "postgres"; got ${describeValue(sequelize)}.`,
  );
}

/** With each statement, because others may share the session. */
function parseBy(types: object, client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown; // in any of its forms
  const typed = (text: unknown, ...rest: unknown[]): unknown =>
    query(typeof text === 'string' ? { text, types } : text, ...rest);
  client.query = typed as PoolClient['query'];
}

async function versionOf(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return `${Math.floor(rows[0].version / 10_000)}.0.0`;
}
