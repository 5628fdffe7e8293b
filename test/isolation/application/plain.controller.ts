import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { Caller } from './caller.js';
import { Orders } from './orders.js';
import { type Answer, serve, take } from './work.js';

/** Handlers that answer with a promise of a plain value. */
@Controller('u')
export class PlainController {
  constructor(private readonly orders: Orders) {}

  @Get('nothing')
  nothing(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, async () => {
      await unit.pause();
      return unit.mark;
    });
  }

  @Get('parameter')
  parameter(@Caller() unit: Unit, @PooledResource('session') session: ScopedLease<Session>): Promise<Answer> {
    take(session.resource, unit);
    return serve(unit, async () => {
      await session.resource.query(unit, 'first');
      const mark = await session.resource.query(unit, 'second');
      // The service means the same lease.
      await this.orders.list(unit);
      return mark;
    });
  }

  @Get('service')
  service(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.list(unit));
  }

  @Get('use')
  use(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.archive(unit));
  }

  @Get('use-late')
  useLate(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, async () => {
      const late = watch.work(unit, () => this.orders.archive(unit));
      late.catch((error: unknown) =>
        watch.violated('answer', `use() after ${unit.mark}: ${String(error)}`, unit),
      );
      await unit.pause();
      return unit.mark;
    });
  }

  @Get('leases')
  leases(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.byLeases(unit));
  }

  @Get('released')
  released(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.inTwoLoans(unit));
  }

  @Get('transaction')
  transaction(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.move(unit));
  }

  @Get('pair')
  pair(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.orders.bill(unit));
  }

  @Post('post')
  @HttpCode(200)
  post(
    @Caller() unit: Unit,
    @Body() body: { mark: string },
    @PooledResource('session') session: ScopedLease<Session>,
  ): Promise<Answer> {
    take(session.resource, unit);
    return serve(unit, async () => {
      await session.resource.query(unit, 'INSERT');
      return body.mark;
    });
  }
}
