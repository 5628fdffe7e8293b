import { type CreateContext, ResourceFactory } from 'nestjs-resources';
import type { Client } from 'pg';
import { PgSessions } from '../database/pg-sessions.js';

/**
 * Sessions that live in a time zone, and reckon days by it. The type is keyed: each zone that somebody asks for has a
 * small pool of its own, until others need its place.
 */
@ResourceFactory('zonedPg', {
  max: 2,
  idleTimeout: '1m',
  retirement: { timeout: '1s' },
  keyed: { maxKeys: 20 },
})
export class ZonedPgFactory extends PgSessions {
  create(context: CreateContext): Promise<Client> {
    return this.open(context, { timezone: context.key });
  }
}
