import type { AddressInfo } from 'node:net';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PooledResource, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { CancelOnHangUp, pgResource } from 'nestjs-resources/pg';
import type { Client } from 'pg';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** The statement whose client hangs up. */
export const SLOW = 'SELECT pg_sleep(30)';
export const SESSIONS = 10;

@Controller()
class SleepController {
  constructor(@PooledResource('pg') private readonly pg: ScopedLease<Client>) {}

  @CancelOnHangUp()
  @Get('slow')
  slow(): Promise<unknown> {
    return this.pg.use((client) => client.query(SLOW));
  }

  @Get('quick')
  async quick(): Promise<string> {
    await this.pg.use((client) => client.query('SELECT pg_sleep(0.002)'));
    return 'right';
  }
}

/** An application on a real socket. @param database URL */
export async function start(
  adapter: Adapter,
  database: string,
): Promise<{ app: INestApplication; port: number }> {
  const connection = { connectionString: database, application_name: 'bench' };
  const pg = pgResource({ connection, pool: { max: SESSIONS, acquireTimeout: '1m' } });

  @Module({ imports: [ResourcesModule.forRoot({ resources: { pg } })], controllers: [SleepController] })
  class SleepModule {}

  const platform = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(SleepModule, platform, { logger: false });
  await app.listen(0, '127.0.0.1');
  return { app, port: (app.getHttpServer().address() as AddressInfo).port };
}
