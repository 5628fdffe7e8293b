import type { ClientConfig } from 'pg';
import { isObject } from '../hooks/is-object.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import type { PgConnection, PgResourceOptions } from './pg-resource-options.js';

/** Where to connect to now, and as whom. @throws what the user's function throws */
export async function connectionOf(
  connection: PgResourceOptions['connection'],
  context: CreateContext,
): Promise<PgConnection> {
  if (typeof connection === 'function') return connection(context);
  const config: ClientConfig = typeof connection === 'string' ? { connectionString: connection } : connection;
  const login = loginOf(context.secret);
  return { ...config, ...login, ...(config.connectionString && withLogin(config.connectionString, login)) };
}

function loginOf(secret: unknown): ClientConfig {
  if (typeof secret === 'string') return { password: secret };
  return isObject(secret) ? secret : {};
}

/** What a connection string says wins over all else that pg is told: so the login goes into it. */
function withLogin(connectionString: string, { user, password }: ClientConfig): ClientConfig {
  if ((user === undefined && password === undefined) || !URL.canParse(connectionString))
    return { connectionString };
  const url = new URL(connectionString);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (typeof password === 'string') url.password = encodeURIComponent(password);
  return { connectionString: url.href };
}
