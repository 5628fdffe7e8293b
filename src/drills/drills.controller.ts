import {
  Body,
  Controller,
  Get,
  InternalServerErrorException,
  Post,
  Query,
  StreamableFile,
} from '@nestjs/common';
import { type ChangeInfo, PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import type { Client } from 'pg';
import { DatabaseUrl } from '../database/database-url.js';
import { pgSessions } from '../database/pg-sessions.js';
import { latestOrders } from '../order-report/order-report.js';
import { renderReport } from '../order-report/render-report.js';
import { type ReportRequest, reportRequest } from '../order-report/report-request.schema.js';
import type { Order } from '../orders/order.js';
import { Settings } from '../settings.js';
import { wholeNumber } from '../validation/whole-number.js';

const sleepMs = wholeNumber({ min: 0, max: 60_000 });

/** Requests that misbehave on purpose, to show that nothing comes of it. */
@Controller()
export class DrillsController {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly databaseUrl: DatabaseUrl,
    private readonly settings: Settings,
  ) {}

  @Get('slow')
  async slow(
    @Query('ms', { schema: sleepMs }) ms: number,
    @PooledResource('pg') pg: ScopedLease<Client>,
  ): Promise<{ slept: number }> {
    await pg.resource.query('SELECT pg_sleep($1)', [ms / 1_000]);
    return { slept: ms };
  }

  @Get('fail')
  async fail(@PooledResource('pg') pg: ScopedLease<Client>): Promise<never> {
    await pg.resource.query('BEGIN');
    throw new InternalServerErrorException('this handler fails on purpose, with an open transaction');
  }

  /** The report of `POST /orders/report`, rendered where all requests are answered: nobody else is, meanwhile. */
  @Post('blocking-report')
  async blockingReport(
    @Body({ schema: reportRequest }) { title, last }: ReportRequest,
    @PooledResource('pg') pg: ScopedLease<Client>,
  ): Promise<StreamableFile> {
    const orders: Order[] = [];
    for await (const batch of latestOrders(pg.resource, last)) orders.push(...batch);
    const parts: Buffer[] = [];
    for (const event of renderReport({ title, orders }))
      if (event.event === 'part') parts.push(Buffer.from(event.data, 'base64'));
    return new StreamableFile(Buffer.concat(parts), { type: 'application/pdf' });
  }

  /** A new generation of sessions that can't log in: it is taken back, nobody is without a session meanwhile, and the history says why. */
  @Post('wrong-password')
  async wrongPassword(): Promise<ChangeInfo | undefined> {
    const factory = pgSessions(this.databaseUrl.withPassword('wrong'), this.settings);
    await this.coordinator.reconfigure('pg', { factory }, { by: 'drill' });
    return this.coordinator.history('pg').at(-1);
  }
}
