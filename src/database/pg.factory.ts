import { Injectable } from '@nestjs/common';
import type { CreateContext, PoolOptions } from 'nestjs-resources';
import { type Client, DatabaseError } from 'pg';
import { Settings } from '../settings.js';
import { DatabaseUrl } from './database-url.js';
import { PgSessions } from './pg-sessions.js';

/**
 * The connection is gone (class 08), the server has ended the session or is about to (57P), or it has become a standby, which
 * takes no writes in sessions that were opened meanwhile (25006).
 */
const FATAL_CODES = /^(08|57P|25006)/;

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
      validation: { onBorrow: true, aliveBypass: '1s', timeout: '1s', isFatal: breaksTheSession },
      creation: { timeout: '1s', concurrency: 4 },
      retirement: { timeout: '1s' },
    };
  }

  create(context: CreateContext): Promise<Client> {
    return this.open(context);
  }
}

function breaksTheSession(error: unknown): boolean {
  return error instanceof DatabaseError && FATAL_CODES.test(error.code ?? '');
}
