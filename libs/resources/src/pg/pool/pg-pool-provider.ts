import type { FactoryProvider } from '@nestjs/common';
import type { Pool } from 'pg';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import './install.js';
import type { PgPoolOptions } from './pg-pool-options.js';

/** The injection token of the `pg.Pool` of a type. Nest prints it when it can't be resolved. */
export function getPgPoolToken(type: ResourceTypeName): string {
  return `RESOURCES:PG_POOL:${type}`;
}

/** Provides `coordinator.pgPool(type, options)` under {@link getPgPoolToken}: one for all who inject it. */
export function pgPoolProvider(type: ResourceTypeName, options?: PgPoolOptions): FactoryProvider<Pool> {
  return {
    provide: getPgPoolToken(type),
    useFactory: (coordinator: ResourceCoordinator) => coordinator.pgPool(type, options),
    inject: [ResourceCoordinator],
  };
}
