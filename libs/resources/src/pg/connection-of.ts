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

/** For pg, a connection string wins over all other options, so the login is put into it. */
function withLogin(connectionString: string, { user, password }: ClientConfig): ClientConfig {
  if ((user === undefined && password === undefined) || !URL.canParse(connectionString))
    return { connectionString };
  const url = new URL(connectionString);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (typeof password === 'string') url.password = encodeURIComponent(password);
  return { connectionString: url.href };
}
