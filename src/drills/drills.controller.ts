import { Controller, Get, InternalServerErrorException, Query } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Client } from 'pg';
import { wholeNumber } from '../validation/whole-number.js';

const sleepMs = wholeNumber({ min: 0, max: 60_000 });

/** Requests that misbehave on purpose, to show that their sessions come back all the same. */
@Controller()
export class DrillsController {
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
}
