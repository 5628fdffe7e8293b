import { Controller, Get } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { Caller } from './caller.js';
import { Orders } from './orders.js';
import { type Answer, broker, orRefused, serve, take } from './work.js';

/** What a lease may have that was bound to its scope. */
interface Bindable {
  bind?<F extends (...args: never[]) => unknown>(fn: F): F;
}

/** Handlers whose own callbacks are run by objects that others share. */
@Controller('u')
export class CallbacksController {
  constructor(private readonly orders: Orders) {}

  @Get('resource-event')
  resourceEvent(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, async () => {
      const rows: Promise<unknown>[] = [];
      const mark = await this.orders.export(unit, (account) => {
        const row = orRefused(async () => take(await account, unit));
        row.catch(() => undefined); // awaited below, when all have come
        rows.push(row);
      });
      await Promise.all(rows);
      return mark;
    });
  }

  /** A handler parameter knows its scope, wherever it is used. */
  @Get('bound-callback')
  boundCallback(
    @Caller() unit: Unit,
    @PooledResource('session') session: ScopedLease<Session>,
  ): Promise<Answer> {
    return serve(
      unit,
      () =>
        new Promise((resolve, reject) => {
          broker.call(() => {
            const work = async (): Promise<string> => {
              const own = await session.acquire();
              take(own, unit);
              return await own.query(unit, 'SELECT');
            };
            work().then(resolve, reject);
          });
        }),
    );
  }

  /**
   * A service's lease in the callback of a shared client is found by the context alone, and is nobody's or another's
   * without `bind()`: the product says so, and without it this is not asked for.
   */
  @Get('bound-function')
  boundFunction(@Caller() unit: Unit): Promise<Answer> {
    const lease: Bindable = this.orders.lease;
    if (lease.bind === undefined) return serve(unit, () => this.orders.list(unit));
    return serve(
      unit,
      () =>
        new Promise((resolve, reject) => {
          const work = lease.bind?.(() => {
            watch.journal.note(unit, 'is called back');
            this.orders.list(unit).then(resolve, reject);
          });
          if (work !== undefined) broker.call(work);
        }),
    );
  }
}
