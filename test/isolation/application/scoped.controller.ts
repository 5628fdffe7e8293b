import { Controller, Get, Inject, Injectable, Scope } from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  REQUEST,
} from '@nestjs/core';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { TenantRequest } from '../resources/definitions.js';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { Caller } from './caller.js';
import { type Answer, borrow, serve } from './work.js';

/** One instance for each request. */
@Injectable({ scope: Scope.REQUEST })
export class Basket {
  constructor(
    @Inject(REQUEST) private readonly request: TenantRequest,
    @PooledResource('session') private readonly session: ScopedLease<Session>,
  ) {}

  async count(unit: Unit): Promise<string> {
    if (watch.unitOf(this.request) !== unit)
      watch.violated('context', `${unit.mark} gets another's basket`, unit);
    const session = await borrow(this.session, unit);
    return await session.query(unit, 'SELECT count');
  }
}

/** One instance for each tenant: it outlives the request that made it. */
@Injectable({ scope: Scope.REQUEST, durable: true })
export class Catalogue {
  constructor(
    @Inject(REQUEST) private readonly payload: { tenant: string },
    @PooledResource('session') private readonly session: ScopedLease<Session>,
  ) {}

  async list(unit: Unit): Promise<string> {
    if (this.payload.tenant !== unit.tenant) watch.violated('tenant', `${unit.mark} gets a catalogue`, unit);
    const session = await borrow(this.session, unit);
    return await session.query(unit, 'SELECT list');
  }
}

/** As in Nest's documentation: durable providers live as long as the tenant's entry here. */
export class ByTenant implements ContextIdStrategy<TenantRequest> {
  private readonly tenants = new Map<string, ContextId>();

  attach(contextId: ContextId, request: TenantRequest) {
    const tenant = String(request.headers['x-tenant']);
    // Two applications have two sets of instances, by the header that tells them apart.
    const name = `${String(request.headers['x-application'])} ${tenant}`;
    const own = this.tenants.get(name) ?? ContextIdFactory.create();
    this.tenants.set(name, own);
    return {
      resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? own : contextId),
      payload: { tenant },
    };
  }
}

@Controller('u')
export class BasketController {
  constructor(private readonly basket: Basket) {}

  @Get('request-scoped')
  count(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.basket.count(unit));
  }
}

@Controller('u')
export class CatalogueController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get('durable')
  list(@Caller() unit: Unit): Promise<Answer> {
    return serve(unit, () => this.catalogue.list(unit));
  }
}
