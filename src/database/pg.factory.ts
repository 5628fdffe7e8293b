import { Injectable } from '@nestjs/common';
import type { CreateContext, PoolOptions } from 'nestjs-resources';
import type { Client } from 'pg';
import { Settings } from '../settings.js';
import { DatabaseUrl } from './database-url.js';
import { PgSessions } from './pg-sessions.js';

declare module 'nestjs-resources' {
  interface ResourceTypes {
    pg: Client;
  }
}

/**
 * Each resource is one PostgreSQL session. How many there may be is a setting, which a decorator could not be given: the
 * root module hands this factory and its pool's options over.
 */
@Injectable()
export class PgFactory extends PgSessions {
  readonly pool: PoolOptions;

  constructor(databaseUrl: DatabaseUrl, { poolMax }: Settings) {
    super(databaseUrl);
    this.pool = {
      max: poolMax,
      acquireTimeout: '5s',
      idleTimeout: '1m',
      maxLeaseTime: '2m',
      validation: { onBorrow: true, aliveBypass: '1s', timeout: '1s' },
      creation: { timeout: '3s', concurrency: 4 },
    };
  }

  create(context: CreateContext): Promise<Client> {
    return this.open(context);
  }
}
