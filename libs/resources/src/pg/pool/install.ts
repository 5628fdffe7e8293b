import type { Pool } from 'pg';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import { PgPool } from './pg-pool.js';
import { type PgPoolOptions, readPgPoolOptions } from './pg-pool-options.js';

declare module '../../coordinator/resource-coordinator.js' {
  interface ResourceCoordinator {
    /**
     * The pool of a type of `pgResource`, as a `pg.Pool`: for ORMs, and for whatever else takes one. Its clients are loans, whose owner is the
     * handler, job or message that asks for them; its `end()` ends nothing. `nestjs-resources/pg` adds this method.
     *
     * @throws InvalidOptionsError when an option can't work
     */
    pgPool(type: ResourceTypeName, options?: PgPoolOptions): Pool;
  }
}

ResourceCoordinator.prototype.pgPool = function (type, options = {}): Pool {
  return new PgPool(this, type, readPgPoolOptions(type, options));
};
