import type { ClientConfig } from 'pg';
import { isObject } from '../hooks/is-object.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import type { PgConnection, PgResourceSettings } from './pg-resource-options.js';

/** The options with which a session is opened now, with its login. @throws what the user's function throws */
export async function connectionOf(
  { connection, serverTimeout }: Pick<PgResourceSettings, 'connection' | 'serverTimeout'>,
  context: CreateContext,
): Promise<ClientConfig> {
  const timeouts: ClientConfig = {
    ...(serverTimeout !== undefined && {
      statement_timeout: serverTimeout,
      idle_in_transaction_session_timeout: serverTimeout,
    }),
  };
  if (typeof connection === 'function') return { ...timeouts, ...configOf(await connection(context)) };
  const config = configOf(connection);
  const login = loginOf(context.secret);
  const { connectionString } = config;
  return { ...timeouts, ...config, ...login, ...(connectionString && withLogin(connectionString, login)) };
}

function configOf(connection: PgConnection): ClientConfig {
  return typeof connection === 'string' ? { connectionString: connection } : connection;
}

function loginOf(secret: unknown): ClientConfig {
  if (typeof secret === 'string') return { password: secret };
  return isObject(secret) ? secret : {};
}

/**
 * For pg, a connection string wins over all other options, and its query over the rest of it, so the login is put there. A string that is a path and a
 * database has no place for it.
 */
function withLogin(connectionString: string, { user, password }: ClientConfig): ClientConfig {
  const login = Object.entries({ user, password }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  if (login.length === 0 || connectionString.startsWith('/')) return { connectionString };
  const [url] = connectionString.split('#');
  // Where pg finds something of these, it encodes all of the string, once more.
  const encoded = url.replaceAll(' ', '%20').replaceAll(/%(?![\da-f]{2})/gi, '%25');
  const query = login.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return { connectionString: `${encoded}${encoded.includes('?') ? '&' : '?'}${query}` };
}
