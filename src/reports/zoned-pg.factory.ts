import { type CreateContext, ResourceFactory } from 'nestjs-resources';
import type { Client } from 'pg';
import { DatabaseUrl } from '../database/database-url.js';
import { closeSession, isWell, openSession, resetSession } from '../database/pg-session.js';

/**
 * Sessions that live in a time zone, and reckon days by it. The type is keyed: each zone that somebody asks for has a
 * small pool of its own, until others need its place.
 */
@ResourceFactory('zonedPg', { max: 2, idleTimeout: '1m', keyed: { maxKeys: 20 } })
export class ZonedPgFactory implements ResourceFactory<Client> {
  constructor(private readonly databaseUrl: DatabaseUrl) {}

  create(context: CreateContext): Promise<Client> {
    return openSession(this.databaseUrl.value, context, { timezone: context.key });
  }

  validate(client: Client): Promise<boolean> {
    return isWell(client);
  }

  reset(client: Client): Promise<void> {
    return resetSession(client);
  }

  destroy(client: Client): Promise<void> {
    return closeSession(client);
  }
}
