import { Controller, Get, Injectable, Module, Scope, SetMetadata, type Type } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { Cron } from '@nestjs/schedule';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  Cached,
  CachedResource,
  PooledResource,
  ResourcesModule,
  type ScopedLease,
  UnknownResourceError,
} from 'nestjs-resources';
import { create, type Misuse, startWith } from './misuse.fixture.js';

const OPTIONS = { resources: { pg: { create } }, cachedResources: { tenantDb: { create } } };

/** As that of `@nestjs/event-emitter`. */
const OnEvent = (event: string): MethodDecorator => SetMetadata('EVENT_LISTENER_METADATA', [{ event }]);

const byTenant = { key: () => 'acme' };

@Injectable()
class PricesService {
  @Cached()
  async all(): Promise<string[]> {
    return [];
  }
}

/** Loads a module when the application runs. */
async function load(metadata: Parameters<typeof Module>[0], prepare?: () => Type): Promise<void> {
  @Module({ imports: [ResourcesModule.forRootAsync({ useFactory: () => OPTIONS })] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.init();
  const providers = prepare === undefined ? metadata.providers : [prepare()];
  @Module({ ...metadata, providers })
  class ReportsModule {}
  try {
    await app.get(LazyModuleLoader).load(() => ReportsModule);
  } finally {
    await app.close();
  }
}

/** Where resources are asked for, and values cached, by an application that has the module. */
export const PLACES: readonly Misuse[] = [
  {
    misuse: 'a type that nobody has registered',
    attempt: () => {
      @Injectable()
      class Reports {
        constructor(@PooledResource('pgg') readonly pg: ScopedLease<object>) {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    error: UnknownResourceError,
    message:
      'No resource type "pgg" is registered (known: pg). Reports (constructor parameter 0) asks for it. Check the spelling, add it to "resources" of ResourcesModule.forRoot(), or provide a @ResourceFactory("pgg") class.',
    remedy: 'one of the known types',
  },
  {
    misuse: '`@PooledResource()` with a cached type',
    attempt: () => {
      @Injectable()
      class Reports {
        @PooledResource('tenantDb') readonly db!: ScopedLease<object>;
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    error: UnknownResourceError,
    message:
      'No resource type "tenantDb" is registered (known: pg). Reports.db (property) asks for it. It is a cached type: write @CachedResource("tenantDb", key), or acquireCached("tenantDb", key).',
    remedy: "`@CachedResource('tenantDb', tenantOf)`",
  },
  {
    misuse: '`@CachedResource()` with a pooled type',
    attempt: () => {
      @Controller()
      class Reports {
        @Get()
        all(@CachedResource('pg', 'acme') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { controllers: [Reports] });
    },
    error: UnknownResourceError,
    message:
      'No cached resource type "pg" is registered (known: tenantDb). Reports.all (parameter 0) asks for it. It is a pooled type: write @PooledResource("pg"), or acquire("pg").',
    remedy: "`@PooledResource('pg')`",
  },
  {
    misuse: 'a key for a type that has none',
    attempt: () => {
      @Injectable()
      class Reports {
        constructor(@PooledResource('pg', byTenant) readonly pg: ScopedLease<object>) {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    message:
      '"@PooledResource()" of Reports (constructor parameter 0) has a "key", and "pg" has one pool for all. Give its pool "keyed" to have one for each key.',
    remedy: '`pool: { keyed: {} }`, or no key',
  },
  {
    misuse: 'a parameter of a method of a service',
    attempt: () => {
      @Injectable()
      class Reports {
        all(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.all (parameter 0)" is never filled: nothing makes this method of Reports a handler. Inject the lease into the constructor, or decorate the method, as with @Get().`,
    remedy: 'the constructor',
  },
  {
    misuse: 'a parameter of a method of a controller that handles nothing',
    attempt: () => {
      @Controller()
      class Reports {
        all(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { controllers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.all (parameter 0)" is never filled: nothing makes this method of Reports a handler. Inject the lease into the constructor, or decorate the method, as with @Get().`,
    remedy: '`@Get()`, or the constructor',
  },
  {
    misuse: 'a parameter of a job',
    attempt: () => {
      @Injectable()
      class Reports {
        @Cron('0 0 * * *')
        nightly(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.nightly (parameter 0)" is never filled: nothing makes this method of Reports a handler. Inject the lease into the constructor, or decorate the method, as with @Get().`,
    remedy: 'the constructor, and `coordinator.run()`',
  },
  {
    misuse: 'a parameter of a listener',
    attempt: () => {
      @Injectable()
      class Reports {
        @OnEvent('ordered')
        count(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.count (parameter 0)" is never filled: nothing makes this method of Reports a handler. Inject the lease into the constructor, or decorate the method, as with @Get().`,
    remedy: 'the constructor, and `coordinator.run()`',
  },
  {
    misuse: 'a parameter of a message handler',
    attempt: () => {
      @Controller()
      class Reports {
        @MessagePattern('all')
        all(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { controllers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.all (parameter 0)" stands in a message handler, and messages have no lease scope of their own. Inject the lease into the constructor, and work in coordinator.run().`,
    remedy: 'the constructor, and `coordinator.run()`',
  },
  {
    misuse: 'a parameter of a handler of a gateway',
    attempt: () => {
      @WebSocketGateway()
      class Reports {
        @SubscribeMessage('all')
        all(@PooledResource('pg') _pg: ScopedLease<object>): void {}
      }
      return startWith(OPTIONS, { providers: [Reports] });
    },
    message: `"@PooledResource('pg') of Reports.all (parameter 0)" stands in a message handler, and messages have no lease scope of their own. Inject the lease into the constructor, and work in coordinator.run().`,
    remedy: 'the constructor, and `coordinator.run()`',
  },
  {
    misuse: '`@Cached()` in a controller',
    attempt: () => {
      @Controller()
      class Prices {
        @Cached()
        async all(): Promise<string[]> {
          return [];
        }
      }
      return startWith(OPTIONS, { controllers: [Prices] });
    },
    message: `"Prices.all" can't be decorated with @Cached() or @Evicts(): Prices is a controller. Move the method to a singleton provider.`,
    remedy: 'a provider',
  },
  {
    misuse: '`@Cached()` in a provider that is made per request',
    attempt: () => {
      @Injectable({ scope: Scope.REQUEST })
      class Prices {
        @Cached()
        async all(): Promise<string[]> {
          return [];
        }
      }
      return startWith(OPTIONS, { providers: [Prices] });
    },
    message: `"Prices.all" can't be decorated with @Cached() or @Evicts(): Prices is made per request or per consumer. Move the method to a singleton provider.`,
    remedy: 'a singleton',
  },
  {
    misuse: '`@Cached()` in a module that is loaded lazily',
    attempt: () => load({ providers: [PricesService] }),
    message:
      '"@Cached() of PricesService.all" is in ReportsModule, which is loaded lazily, but is looked for only when the application starts. Put it in a module that the root module imports.',
    remedy: 'a module that the root module imports',
  },
  {
    misuse: '`forRoot()` in a module that is loaded lazily',
    attempt: () => load({ imports: [ResourcesModule.forRoot({})] }),
    message:
      '"ResourcesModule.forRoot()" is in ReportsModule, which is loaded lazily, but is looked for only when the application starts. Put it in a module that the root module imports.',
    remedy: 'the root module',
  },
  {
    misuse:
      'a class, imported lazily, that asks for a type of `forRootAsync()` for which nobody had asked before',
    attempt: () =>
      load({}, () => {
        @Injectable()
        class Reports {
          constructor(@PooledResource('archive') readonly archive: ScopedLease<object>) {}
        }
        return Reports;
      }),
    message: `"@PooledResource('archive') of Reports (constructor parameter 0)" finds no RESOURCES:LEASE:archive: when the application started, nobody had asked for it. Name the type in forRoot({ resources }), or load the class before the application starts.`,
    remedy: 'name the type in `forRoot()`',
  },
];
