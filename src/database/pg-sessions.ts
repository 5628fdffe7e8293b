import type { PoolOptions, ResourceDefinition } from 'nestjs-resources';
import { pgResource, type SessionState } from 'nestjs-resources/pg';
import type { Client } from 'pg';
import type { Settings } from '../settings.js';
import type { DatabaseUrl } from './database-url.js';
import { tenantOf } from './tenant-of.js';

/** The role of the database that tenants' transactions have. */
export const TENANT_ROLE = 'orders_tenant';

/** Settings of the server for as long as a session lives: after a reset, they hold again. */
type ServerSettings = Readonly<Record<string, string>>;

/** Tells the database the request's tenant in each transaction, so that policies let nothing of other tenants through. */
const session: SessionState = {
  begin(client, { request }) {
    const tenant = tenantOf(request);
    if (tenant === undefined) return;
    client.set('role', TENANT_ROLE);
    client.set('app.tenant', tenant);
  },
};

/**
 * The sessions that requests and jobs work on, one each. How many there may be is a setting.
 */
export function pgSessions(
  databaseUrl: DatabaseUrl,
  { poolMax }: Pick<Settings, 'poolMax'>,
): ResourceDefinition<Client> {
  return sessions(databaseUrl, {
    max: poolMax,
    acquireTimeout: '5s',
    idleTimeout: '1m',
    maxLeaseTime: '2m',
    validation: { timeout: '1s' },
    creation: { timeout: '1s', concurrency: 4 },
    retirement: { timeout: '1s' },
  });
}

/**
 * Sessions that live in a time zone, and reckon days by it. The type is keyed: each zone that somebody asks for has a
 * small pool of its own, until others need its place.
 */
export function zonedPgSessions(databaseUrl: DatabaseUrl): ResourceDefinition<Client> {
  const pool = { max: 2, idleTimeout: '1m', retirement: { timeout: '1s' }, keyed: { maxKeys: 20 } };
  return sessions(databaseUrl, pool, (timezone) => ({ timezone }));
}

/** @param settingsOf gives the settings of a key's sessions */
function sessions(
  databaseUrl: DatabaseUrl,
  pool: PoolOptions,
  settingsOf: (key: string) => ServerSettings = () => ({}),
): ResourceDefinition<Client> {
  return pgResource({
    connection: ({ key }) => ({
      connectionString: databaseUrl.value,
      application_name: 'orders',
      // Without it, a session cut off in the middle of a query would live on in the server until the query is done.
      options: asFlags({ client_connection_check_interval: '500ms', ...settingsOf(key) }),
    }),
    session,
    pool,
  });
}

function asFlags(settings: ServerSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
