import {
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ResourcesModule } from 'nestjs-resources';
import { resourcesOf } from '../resources/definitions.js';
import { AnswersController } from './answers.controller.js';
import { BorrowingPipe } from './caller.js';
import { CallbacksController } from './callbacks.controller.js';
import { PlannedFilter } from './filters.js';
import { PlannedGuard } from './guards.js';
import { AnsweredInterceptor, PlannedInterceptor, TimeOutInterceptor } from './interceptors.js';
import { LoadsController } from './loads.controller.js';
import { BorrowingMiddleware, ContextMiddleware, LosingMiddleware } from './middleware.js';
import { MountedRoutes } from './mounted-routes.js';
import { Orders } from './orders.js';
import { PlainController } from './plain.controller.js';
import { Digests, Ledger, Rates, Totals } from './reports.js';
import { Basket, BasketController, Catalogue, CatalogueController } from './scoped.controller.js';
import { TenantsController } from './tenants.controller.js';

const CONTROLLERS = [
  PlainController,
  TenantsController,
  LoadsController,
  AnswersController,
  CallbacksController,
  BasketController,
  CatalogueController,
];
const SERVICES = [Orders, Ledger, Totals, Digests, Rates, Basket, Catalogue, BorrowingPipe, MountedRoutes];
const STATIONS = [
  { provide: APP_GUARD, useClass: PlannedGuard },
  { provide: APP_INTERCEPTOR, useClass: TimeOutInterceptor },
  { provide: APP_INTERCEPTOR, useClass: AnsweredInterceptor },
  { provide: APP_INTERCEPTOR, useClass: PlannedInterceptor },
  { provide: APP_FILTER, useClass: PlannedFilter },
];

/**
 * The root module of one of the two applications. They share all classes, and nothing that they lend.
 *
 * @param application 0 has middleware, 1 has none
 */
export function applicationModule(application: 0 | 1): Type<unknown> {
  @Module({
    imports: [ResourcesModule.forRoot(resourcesOf(application))],
    controllers: CONTROLLERS,
    providers: [...SERVICES, ...STATIONS],
  })
  class ApplicationModule implements NestModule, OnModuleInit {
    constructor(private readonly mounted: MountedRoutes) {}

    configure(consumer: MiddlewareConsumer): void {
      if (application === 0)
        consumer.apply(LosingMiddleware, ContextMiddleware, BorrowingMiddleware).forRoutes('{*path}');
    }

    /** After the library's entry, and before Nest's routes. */
    onModuleInit(): void {
      this.mounted.mount();
    }
  }
  return ApplicationModule;
}
