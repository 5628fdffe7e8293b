import { Controller, Get, Injectable } from '@nestjs/common';
import { Cached, PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { ResourcesTerminusModule } from 'nestjs-resources/terminus';
import { type Misuse, start } from './misuse.fixture.js';

@Controller()
class OrdersController {
  @Get()
  find(@PooledResource('pg') _pg: ScopedLease<object>): void {}
}

@Injectable()
class OrdersService {
  constructor(@PooledResource('pg') readonly pg: ScopedLease<object>) {}
}

@Injectable()
class StockService {
  @PooledResource('pg') readonly pg!: ScopedLease<object>;
}

@Injectable()
class PricesService {
  @Cached()
  async all(): Promise<string[]> {
    return [];
  }
}

@Injectable()
class Nightly {
  constructor(readonly coordinator: ResourceCoordinator) {}
}

/** Where the module is missing. */
export const WITHOUT_MODULE: readonly Misuse[] = [
  {
    misuse: '`@PooledResource()` on a parameter of a handler',
    attempt: () => start({ controllers: [OrdersController] }),
    message: `"@PooledResource('pg') of OrdersController.find (parameter 0)" needs ResourcesModule, which is not imported. Import ResourcesModule.forRoot() in the root module.`,
    remedy: '`ResourcesModule.forRoot()` in the root module',
  },
  {
    misuse: '`@PooledResource()` on a parameter of a constructor',
    attempt: () => start({ providers: [OrdersService] }),
    message: `"@PooledResource('pg') of OrdersService (constructor parameter 0)" needs ResourcesModule, which is not imported, and finds no RESOURCES:LEASE:pg. Import ResourcesModule.forRoot() in the root module; in a unit test, provide that token.`,
    remedy: "`ResourcesModule.forRoot()`; in a unit test, a provider for `getLeaseToken('pg')`",
  },
  {
    misuse: '`@PooledResource()` on a property',
    attempt: () => start({ providers: [StockService] }),
    message: `"@PooledResource('pg') of StockService.pg (property)" needs ResourcesModule, which is not imported, and finds no RESOURCES:LEASE:pg. Import ResourcesModule.forRoot() in the root module; in a unit test, provide that token.`,
    remedy: "`ResourcesModule.forRoot()`; in a unit test, a provider for `getLeaseToken('pg')`",
  },
  {
    misuse: '`@Cached()`',
    attempt: () => start({ providers: [PricesService] }),
    message:
      '"@Cached() of PricesService.all" needs ResourcesModule, which is not imported. Import ResourcesModule.forRoot() in the root module.',
    remedy: '`ResourcesModule.forRoot()` in the root module',
  },
  {
    misuse: '`ResourceCoordinator` in a constructor',
    attempt: () => start({ providers: [Nightly] }),
    message:
      '"ResourceCoordinator" of Nightly needs ResourcesModule, which is not imported. Import ResourcesModule.forRoot() in the root module.',
    remedy: '`ResourcesModule.forRoot()` in the root module',
  },
  {
    misuse: '`ResourcesTerminusModule`',
    attempt: () => start({ imports: [ResourcesTerminusModule] }),
    message:
      '"ResourceCoordinator" of ResourcesHealthIndicator needs ResourcesModule, which is not imported. Import ResourcesModule.forRoot() in the root module.',
    remedy: '`ResourcesModule.forRoot()` in the root module',
  },
];
