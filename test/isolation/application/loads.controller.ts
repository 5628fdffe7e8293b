import { Controller, Get } from '@nestjs/common';
import { ResourceCoordinator } from 'nestjs-resources';
import { Batcher } from '../resources/batcher.js';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { Caller } from './caller.js';
import { Digests, Rates, Totals } from './reports.js';
import { type Answer, checkValue, loadFor, orRefused, serve, type Stamped } from './work.js';

/** Handlers whose answer others may have loaded. */
@Controller('u')
export class LoadsController {
  private readonly batches = new Map<number, Batcher<Stamped>>();

  constructor(
    private readonly totals: Totals,
    private readonly digests: Digests,
    private readonly rates: Rates,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('method')
  method(@Caller() unit: Unit): Promise<Answer> {
    return this.value(unit, '@Cached()', () => this.rates.rate(unit.tenant, unit.application));
  }

  @Get('method-tenant')
  methodTenant(@Caller() unit: Unit): Promise<Answer> {
    return this.value(unit, '@Cached() by tenant', () => this.totals.total());
  }

  @Get('method-deep')
  methodDeep(@Caller() unit: Unit): Promise<Answer> {
    return this.value(unit, '@Cached() over a service', () => orRefused(() => this.digests.digest()));
  }

  @Get('wrap')
  wrap(@Caller() unit: Unit): Promise<Answer> {
    return this.value(unit, 'wrap()', () => this.rates.wrapped(unit.tenant, unit.application));
  }

  @Get('wrap-deep')
  wrapDeep(@Caller() unit: Unit): Promise<Answer> {
    return this.value(unit, 'wrap() over a service', () => orRefused(() => this.digests.wrapped()));
  }

  /** A batch is the work of several: what it borrows it names itself. */
  @Get('batch')
  batch(@Caller() unit: Unit): Promise<Answer> {
    const { application } = unit;
    let batcher = this.batches.get(application);
    if (batcher === undefined) {
      batcher = new Batcher((tenants) => this.load(tenants, application));
      this.batches.set(application, batcher);
    }
    return this.value(unit, 'a batch', () => batcher.get(unit.tenant));
  }

  private load(tenants: readonly string[], application: number): Promise<Stamped[]> {
    return this.coordinator.run(async () => {
      const values: Stamped[] = [];
      for (const tenant of tenants) {
        const load = loadFor(tenant, application);
        const read = async (session: Session): Promise<void> => {
          session.took(load);
          await session.query(load, 'SELECT batch');
        };
        await this.coordinator.use<Session, void>('ledger', read, { key: tenant });
        values.push({ tenant, application });
      }
      return values;
    });
  }

  private value(unit: Unit, where: string, get: () => Promise<Stamped | undefined>): Promise<Answer> {
    return serve(unit, async () => {
      await unit.pause();
      checkValue(unit, await get(), where);
      return unit.mark;
    });
  }
}
