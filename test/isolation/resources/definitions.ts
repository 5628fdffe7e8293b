import type { ResourcesOptions } from 'nestjs-resources';
import type { LeaseContext } from 'nestjs-resources';
import { supports } from '../application/supports.js';
import { checkNoContext } from '../watch/own-context.js';
import { Session, turn } from './session.js';
import { TenantClient } from './tenant-client.js';

export interface TenantRequest {
  headers: Record<string, unknown>;
}

/** Finds the tenant in the request: the key of all that a tenant has for itself. */
export const tenantOf = ({ request }: LeaseContext): string =>
  String((request as TenantRequest).headers['x-tenant']);

/** Few of each, so that what is given back is lent on at once. */
const POOL = { max: 6, acquireTimeout: '20s', maxUses: 60 } as const;
const ABANDONMENT = { wait: '300ms' };

/** The types that an application of the test lends. */
export function resourcesOf(application: number): ResourcesOptions {
  const abandonment = supports.abandonment ? { abandonment: ABANDONMENT } : {};
  const pooled = (type: string, pool: object) => ({
    create: async ({ key, retire }: { key: string; retire: () => void }) => {
      checkNoContext(`create of ${type}`);
      await turn();
      return new Session(type, application, key, retire);
    },
    validate: (_session: Session) => {
      checkNoContext(`validate of ${type}`);
      return true;
    },
    reset: (session: Session) => {
      checkNoContext(`reset of ${type}`);
      return session.reset();
    },
    destroy: (session: Session) => {
      checkNoContext(`destroy of ${type}`);
      session.destroy();
    },
    pool: { ...POOL, ...abandonment, ...pool },
  });
  return {
    resources: {
      // In this order, whoever takes two takes them: nobody waits in a circle.
      session: pooled('session', {}),
      account: pooled('account', { max: 3, keyed: { maxKeys: 4 } }),
      // Of loads and batches, which callers wait for that hold the others.
      replica: pooled('replica', { max: 4 }),
      ledger: pooled('ledger', { max: 2, keyed: {} }),
    },
    cachedResources: {
      client: {
        create: async ({ key }) => {
          checkNoContext('create of client');
          await turn();
          return new TenantClient(application, key);
        },
        destroy: (client: TenantClient) => {
          checkNoContext('destroy client');
          client.destroy();
        },
        cache: { max: 3, ttl: '50ms', lease: { timeout: '20s' } },
      },
    },
    drainTimeout: '5s',
  };
}
