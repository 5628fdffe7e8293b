import { Injectable } from '@nestjs/common';
import {
  Cached,
  type CachedOptions,
  PooledResource,
  ResourceCoordinator,
  type ScopedLease,
} from 'nestjs-resources';
import { tenantOf } from '../resources/definitions.js';
import type { Session } from '../resources/session.js';
import { checkNoContext } from '../watch/own-context.js';
import { loadFor, type Stamped } from './work.js';
import { supports } from './supports.js';

const BY_TENANT = { key: tenantOf };
/** They expire all the time, and are refreshed behind the answer. */
const TIMES = { ttl: '8ms', staleWhileRevalidate: '20ms' } as const;
const BY = supports.by ? ({ ...TIMES, by: tenantOf } as CachedOptions) : TIMES;

/** Reads the ledger of a session's own tenant. */
async function read(session: Session): Promise<Stamped> {
  checkNoContext('a load');
  const load = loadFor(session.tenant, session.application);
  session.took(load);
  await session.query(load, 'SELECT sum');
  return { tenant: session.tenant, application: session.application };
}

/** What is no tenant's until somebody asks: a service deep below a load. */
@Injectable()
export class Ledger {
  constructor(@PooledResource('ledger', BY_TENANT) private readonly ledger: ScopedLease<Session>) {}

  sum(): Promise<Stamped> {
    return this.ledger.use(read);
  }
}

/** Cached methods over the ledger of the tenant that asks. */
@Injectable()
export class Totals {
  constructor(@PooledResource('ledger', BY_TENANT) private readonly ledger: ScopedLease<Session>) {}

  @Cached(BY)
  async total(): Promise<Stamped> {
    return await read(await this.ledger.acquire());
  }
}

/** Cached methods, and loads of the cache, that do not show what they depend on. */
@Injectable()
export class Digests {
  constructor(
    private readonly ledger: Ledger,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Cached(TIMES)
  async digest(): Promise<Stamped> {
    return await this.ledger.sum();
  }

  wrapped(): Promise<Stamped> {
    return this.coordinator.cache.wrap('digest', () => this.ledger.sum(), TIMES);
  }
}

/** Loads that depend on nothing but what they are asked for. */
@Injectable()
export class Rates {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  @Cached(TIMES)
  async rate(tenant: string, application: number): Promise<Stamped> {
    return await this.read(tenant, application);
  }

  wrapped(tenant: string, application: number): Promise<Stamped> {
    return this.coordinator.cache.wrap(`rate of ${tenant}`, () => this.read(tenant, application), TIMES);
  }

  private read(tenant: string, application: number): Promise<Stamped> {
    const load = loadFor(tenant, application);
    return this.coordinator.use<Session, Stamped>('replica', async (session) => {
      checkNoContext('a load');
      session.took(load);
      await session.query(load, 'SELECT rate');
      return { tenant, application };
    });
  }
}
