import { Controller, Injectable, Module, Scope } from '@nestjs/common';
import { CachedResourceFactory, ResourceFactory, ResourcesModule } from 'nestjs-resources';
import { create, type Misuse, startWith } from './misuse.fixture.js';

const PG = { pg: { create } };

@ResourceFactory('pg')
class PgFactory {
  create = create;
}

@CachedResourceFactory('tenantDb')
class TenantDbFactory {
  create = create;
}

@Injectable({ scope: Scope.REQUEST })
class CurrentUser {}

@Module({ providers: [PgFactory] })
class PgModule {}

/** Who makes the resources of a type. */
export const FACTORIES: readonly Misuse[] = [
  {
    misuse: 'a type in `forRoot()` and in `forFeature()`',
    attempt: () => {
      @Module({ imports: [ResourcesModule.forFeature(PG)] })
      class OrdersModule {}
      return startWith({ resources: PG }, { imports: [OrdersModule] });
    },
    message:
      '"forFeature.pg" is registered already: by ResourcesModule.forRoot(), and again by ResourcesModule.forFeature() of OrdersModule. A type has one factory: remove one of the two, or give it another name.',
    remedy: 'one of them: every module can borrow every type',
  },
  {
    misuse: 'a type in two `forFeature()`',
    attempt: () => {
      @Module({ imports: [ResourcesModule.forFeature(PG)] })
      class OrdersModule {}
      @Module({ imports: [ResourcesModule.forFeature(PG)] })
      class StockModule {}
      return startWith({}, { imports: [OrdersModule, StockModule] });
    },
    message:
      '"forFeature.pg" is registered already: by ResourcesModule.forFeature() of OrdersModule, and again by ResourcesModule.forFeature() of StockModule. A type has one factory: remove one of the two, or give it another name.',
    remedy: 'one of them: every module can borrow every type',
  },
  {
    misuse: 'a type in `forRoot()`, and a `@ResourceFactory()` class for it',
    attempt: () => startWith({ resources: PG }, { providers: [PgFactory] }),
    message:
      '"resources.pg" is registered already: by ResourcesModule.forRoot(), and again by PgFactory in AppModule. A type has one factory: remove one of the two, or give it another name.',
    remedy: 'one of them',
  },
  {
    misuse: 'a cached type in `forRoot()`, and a `@CachedResourceFactory()` class for it',
    attempt: () => startWith({ cachedResources: { tenantDb: { create } } }, { providers: [TenantDbFactory] }),
    message:
      '"cachedResources.tenantDb" is registered already: by ResourcesModule.forRoot(), and again by TenantDbFactory in AppModule. A type has one factory: remove one of the two, or give it another name.',
    remedy: 'one of them',
  },
  {
    misuse: 'a factory class in the providers of two modules',
    attempt: () => startWith({}, { imports: [PgModule], providers: [PgFactory] }),
    message:
      '"resources.pg" is registered already: by PgFactory in AppModule, and again by PgFactory in PgModule. A type has one factory: remove one of the two, or give it another name.',
    remedy: 'the providers of one module',
  },
  {
    misuse: 'a factory class that is made per request',
    attempt: () => {
      @Injectable({ scope: Scope.REQUEST })
      @ResourceFactory('sftp')
      class SftpFactory {
        create = create;
      }
      return startWith({}, { providers: [SftpFactory] });
    },
    message: `"@ResourceFactory('sftp') of SftpFactory" in AppModule is made per request or per consumer, or injects something that is. A type has one factory, which serves all requests: make it, and what it injects, singletons.`,
    remedy: 'a singleton',
  },
  {
    misuse: 'a factory class that is made per consumer',
    attempt: () => {
      @Injectable({ scope: Scope.TRANSIENT })
      @ResourceFactory('sftp')
      class SftpFactory {
        create = create;
      }
      return startWith({}, { providers: [SftpFactory] });
    },
    message: `"@ResourceFactory('sftp') of SftpFactory" in AppModule is made per request or per consumer, or injects something that is. A type has one factory, which serves all requests: make it, and what it injects, singletons.`,
    remedy: 'a singleton',
  },
  {
    misuse: 'a factory class that injects something that is made per request',
    attempt: () => {
      @ResourceFactory('sftp')
      class SftpFactory {
        create = create;
        constructor(readonly user: CurrentUser) {}
      }
      return startWith({}, { providers: [SftpFactory, CurrentUser] });
    },
    message: `"@ResourceFactory('sftp') of SftpFactory" in AppModule is made per request or per consumer, or injects something that is. A type has one factory, which serves all requests: make it, and what it injects, singletons.`,
    remedy: 'a keyed type, or a cached one, whose key says for whom',
  },
  {
    misuse: 'a factory class among the controllers',
    attempt: () => {
      @Controller()
      @ResourceFactory('sftp')
      class SftpFactory {
        create = create;
      }
      return startWith({}, { controllers: [SftpFactory] });
    },
    message: `"@ResourceFactory('sftp') of SftpFactory" is a controller, and factories are looked for among the providers. Put it in the providers of the module.`,
    remedy: '`providers`',
  },
  {
    misuse: 'a factory class without `create`',
    attempt: () => {
      @ResourceFactory('sftp')
      class SftpFactory {}
      return startWith({}, { providers: [SftpFactory] });
    },
    message: '"resources.sftp.create" must be a function that makes a resource; got undefined.',
    remedy: '`create`',
  },
  {
    misuse: 'a cached factory class with `reset`',
    attempt: () => {
      @CachedResourceFactory('tenantDb')
      class Resetting {
        create = create;
        reset(): void {}
      }
      return startWith({}, { providers: [Resetting] });
    },
    message: `"@CachedResourceFactory('tenantDb') of Resetting" has a "reset", which is never called: others may be using the resource. Remove it, or make it a @ResourceFactory().`,
    remedy: 'remove `reset`, or make it a pooled type',
  },
];
