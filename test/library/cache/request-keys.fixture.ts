import { type ArgumentsHost, Controller, Get, Injectable, Param } from '@nestjs/common';
import {
  Cached,
  CachedResource,
  type LeaseContext,
  PooledResource,
  ResourceCoordinator,
  type ResourcesOptions,
  type ScopedLease,
} from 'nestjs-resources';
import { Gate } from './gate.fixture.js';

/** Of one tenant. */
export interface TenantDb {
  readonly tenant: string;
}

interface TenantRequest {
  headers: Record<string, string | undefined>;
}

/** How often each tenant was asked for. */
export const asked: string[] = [];

const tenantIn = ({ headers }: TenantRequest): string => {
  const tenant = headers['x-tenant'] ?? '';
  if (tenant === 'banned') throw new Error('no tenant');
  asked.push(tenant);
  return tenant;
};

/** Fits both decorators. */
export const tenantOf = (context: LeaseContext | ArgumentsHost): string =>
  tenantIn(
    'request' in context
      ? (context.request as TenantRequest) // over HTTP
      : context.switchToHttp().getRequest<TenantRequest>(),
  );

export const tenantOfLease = ({ request }: LeaseContext<TenantRequest>): string => tenantIn(request);

export const tenantOfHost = (context: ArgumentsHost): string =>
  tenantIn(context.switchToHttp().getRequest<TenantRequest>());

/** Borrows by the tenant, and is asked by whoever. */
@Injectable()
export class Ledger {
  constructor(
    @PooledResource('db', { key: tenantOf }) readonly db: ScopedLease<TenantDb>,
    @CachedResource('client', tenantOf) readonly client: ScopedLease<TenantDb>,
    @PooledResource('session') readonly session: ScopedLease<{ id: number }>,
  ) {}

  async total(): Promise<string> {
    const [db, client] = [await this.db.acquire(), await this.client.acquire()];
    return `${db.tenant} ${client.tenant} ${(await this.db.use(({ tenant }) => tenant)).length}`;
  }
}

@Injectable()
export class Reports {
  loads = 0;
  gate = new Gate();

  constructor(
    readonly ledger: Ledger,
    readonly coordinator: ResourceCoordinator,
  ) {
    this.gate.open();
  }

  @Cached({ by: tenantOf })
  async total(): Promise<string> {
    this.loads++;
    return await this.ledger.total();
  }

  @Cached({ by: [tenantOf], key: (name: { text: string }) => name.text })
  async named(name: { text: string }): Promise<string> {
    return `${name.text} of ${await this.ledger.total()}`;
  }

  @Cached({ by: tenantOf })
  async nested(): Promise<string> {
    return `nested ${await this.total()}`;
  }

  @Cached()
  async undeclared(): Promise<string> {
    return await this.ledger.total();
  }

  @Cached({ key: (name: string) => name })
  async keyed(name: string): Promise<string> {
    return await this.coordinator.run(() => this.ledger.db.use(({ tenant }) => `${name} of ${tenant}`));
  }

  @Cached()
  async outer(): Promise<string> {
    return await this.total();
  }

  @Cached()
  async inner(): Promise<string> {
    return await this.undeclared();
  }

  @Cached()
  async slow(): Promise<string> {
    const { id } = await this.ledger.session.acquire();
    await this.gate.opened;
    return `slow ${id === this.ledger.session.resource.id}`;
  }
}

/** What borrows by the host alone, or by the lease's context alone. */
@Injectable()
export class OneKind {
  @PooledResource('db', { key: tenantOfLease }) readonly db!: ScopedLease<TenantDb>;
  @CachedResource('client', tenantOfHost) readonly client!: ScopedLease<TenantDb>;

  @Cached({ by: [tenantOfLease, tenantOfHost] })
  async total(): Promise<string> {
    return `${(await this.db.acquire()).tenant} ${(await this.client.acquire()).tenant}`;
  }
}

@Controller()
export class ReportsController {
  calls = 0;

  constructor(
    readonly reports: Reports,
    readonly oneKind: OneKind,
    readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('method/:name')
  async method(@Param('name') name: string): Promise<string> {
    this.calls++;
    if (name === 'named') return await this.reports.named({ text: 'sum' });
    if (name === 'kinds') return await this.oneKind.total();
    const method = name as 'total' | 'nested' | 'undeclared' | 'outer' | 'inner' | 'slow' | 'keyed';
    return await this.reports[method](name);
  }

  @Get('parameter/pooled')
  async pooled(@PooledResource('db', { key: tenantOf }) db: ScopedLease<TenantDb>): Promise<string> {
    return await this.coordinator.cache.wrap('pooled', () => db.use(({ tenant }) => tenant));
  }

  @Get('parameter/cached')
  async cached(@CachedResource('client', tenantOf) client: ScopedLease<TenantDb>): Promise<string> {
    return await this.coordinator.cache.wrap('cached', async () => client.resource.tenant);
  }

  @Get('wrap')
  async wrap(): Promise<string> {
    return await this.coordinator.cache.wrap('wrap', () => this.reports.ledger.total());
  }

  @Get('manager')
  async manager(): Promise<string> {
    return await this.coordinator.cache.manager.wrap('manager', () => this.reports.ledger.total());
  }

  @Get('lease')
  async lease(): Promise<string> {
    const lease = await this.coordinator.cache.lease('lease', () => this.reports.ledger.client.acquire());
    return lease.resource.tenant;
  }
}

const one = ({ key }: { key: string }): TenantDb => ({ tenant: key });

export const options = (): ResourcesOptions => {
  let sessions = 0;
  return {
    resources: {
      db: { create: one as never, pool: { keyed: { max: 50 }, max: 3 } },
      session: { create: () => ({ id: ++sessions }), pool: { max: 2 } },
    },
    cachedResources: { client: { create: one } },
  };
};
