import { Controller, Get } from '@nestjs/common';
import { type ArgumentsHost } from '@nestjs/common';
import { CachedResource, PooledResource, type ScopedLease } from 'nestjs-resources';
import { tenantOf, type TenantRequest } from '../resources/definitions.js';
import type { Session } from '../resources/session.js';
import type { TenantClient } from '../resources/tenant-client.js';
import type { Unit } from '../watch/unit.js';
import { Caller } from './caller.js';
import { Orders } from './orders.js';
import { type Answer, serve, take } from './work.js';

const BY_TENANT = { key: tenantOf };
const clientOf = (context: ArgumentsHost): string =>
  String(context.switchToHttp().getRequest<TenantRequest>().headers['x-tenant']);

/** Handlers that use what is the tenant's. */
@Controller('u')
export class TenantsController {
  @CachedResource('client', clientOf) private readonly client!: ScopedLease<TenantClient>;

  constructor(private readonly orders: Orders) {}

  @Get('keyed')
  keyed(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.ofTenant(unit));
  }

  @Get('keyed-parameter')
  keyedParameter(
    @Caller() unit: Unit,
    @PooledResource('account', BY_TENANT) account: ScopedLease<Session>,
  ): Promise<Answer> {
    take(account.resource, unit);
    return serve(unit, async () => {
      await account.resource.query(unit, 'SELECT');
      return await this.orders.ofTenant(unit);
    });
  }

  @Get('cached')
  cached(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, async () => {
      const client = await this.client.acquire();
      await client.send(unit);
      return await this.client.resource.send(unit);
    });
  }

  @Get('cached-parameter')
  cachedParameter(
    @Caller() unit: Unit,
    @CachedResource('client', clientOf) client: ScopedLease<TenantClient>,
  ): Promise<Answer> {
    return serve(unit, async () => {
      await client.resource.send(unit);
      return await this.client.use((same) => same.send(unit));
    });
  }
}
