import { type ArgumentsHost, BadRequestException, Controller, Get, StreamableFile } from '@nestjs/common';
import { CachedResource, PooledResource, type ScopedLease } from 'nestjs-resources';
import { createReadStream } from 'node:fs';
import type { Client } from 'pg';
import { checkText } from '../orders/order-draft.schema.js';
import type { Statement } from './statement.factory.js';
import { zoneOf } from './time-zone.js';

interface Day {
  day: string;
  orders: number;
  total: number;
}

@Controller('reports')
export class ReportsController {
  /** What was ordered on each day, as the days are where the reader is. The session tells where that is. */
  @Get('days')
  async days(@PooledResource('zonedPg', { key: zoneOf }) pg: ScopedLease<Client>): Promise<object> {
    const { rows: days } = await pg.resource.query<Day>(
      `SELECT to_char(created, 'YYYY-MM-DD') AS day, count(*)::int AS orders, sum(quantity * price)::float8 AS total
         FROM orders GROUP BY day ORDER BY day`,
    );
    const { rows } = await pg.resource.query<{ zone: string; backend: number }>(
      `SELECT current_setting('TimeZone') AS zone, pg_backend_pid() AS backend`,
    );
    return { ...rows[0], days };
  }

  /** NDJSON. The lease ends when the file is read, or when the reader hangs up. */
  @Get('statements/:customer')
  statement(@CachedResource('statement', customerOf) statement: ScopedLease<Statement>): StreamableFile {
    return new StreamableFile(createReadStream(statement.resource.path), { type: 'application/x-ndjson' });
  }
}

/** The key of a request's statement. */
function customerOf(context: ArgumentsHost): string {
  const { customer } = context.switchToHttp().getRequest<{ params: { customer: string } }>().params;
  const problem = checkText(customer);
  if (problem !== undefined) throw new BadRequestException(`customer ${problem}`);
  return customer;
}
