import { type DynamicModule, Injectable } from '@nestjs/common';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { pgResource, type PgResourceOptions } from 'nestjs-resources/pg';
import type { Client } from 'pg';
import type { Contender } from './contender.js';
import { Loans } from './loans.js';
import { SESSIONS } from './sessions.js';

/** As its users write it: in a request the session is the request's, and goes back with it. */
@Injectable()
class PooledLoans extends Loans {
  constructor(
    @PooledResource('pg') private readonly pg: ScopedLease<Client>,
    private readonly coordinator: ResourceCoordinator,
  ) {
    super();
  }

  async inRequest(): Promise<unknown> {
    const client = await this.pg.acquire();
    return client.query('SELECT 1');
  }

  override alone(): Promise<unknown> {
    return this.coordinator.use('pg', (client: Client) => client.query('SELECT 1'));
  }
}

export function ourPool(url: string, reset?: PgResourceOptions['reset']): DynamicModule {
  const pg = pgResource({
    connection: url,
    ...(reset !== undefined && { reset }),
    pool: { max: SESSIONS, acquireTimeout: '30s' },
  });
  return ResourcesModule.forRoot({ resources: { pg } });
}

export function pooled(reset?: PgResourceOptions['reset']): Contender {
  return (url) => ({ imports: [ourPool(url, reset)], loans: { provide: Loans, useClass: PooledLoans } });
}
