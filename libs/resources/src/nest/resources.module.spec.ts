import { Controller, Get, Injectable, Module, Scope, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { ScopedLease } from '../scopes/scoped-lease.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import { getLeaseToken } from './decorators/lease-token.js';
import { PooledResource } from './decorators/pooled-resource.decorator.js';
import { ResourceFactory } from './decorators/resource-factory.decorator.js';
import { ResourcesModule } from './resources.module.js';
import type { ResourcesOptions } from './resources.options.js';

interface Session {
  from: string;
}

const session = (from: string) => ({ create: (): Session => ({ from }) });

@Injectable()
class ReportsService {
  @PooledResource('session') readonly property!: ScopedLease<Session>;
  constructor(@PooledResource('session') readonly parameter: ScopedLease<Session>) {}
}

@Injectable()
class Settings {
  readonly from = 'settings';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

const start = async (
  options: ResourcesOptions,
  providers: Parameters<typeof Test.createTestingModule>[0] = {},
) => {
  const module = await Test.createTestingModule({
    ...providers,
    imports: [ResourcesModule.forRoot(options), ...(providers.imports ?? [])],
  }).compile();
  return await module.init();
};

describe('ResourcesModule.forRoot', () => {
  it('injects scoped leases into constructors and properties of singletons', async () => {
    const module = await start({ resources: { session: session('root') } }, { providers: [ReportsService] });
    const service = module.get(ReportsService);
    const coordinator = module.get(ResourceCoordinator);
    await coordinator.run(async () => {
      const first = await service.parameter.acquire();
      expect(first).toEqual({ from: 'root' });
      expect(await service.property.acquire()).toBe(first);
      expect(module.get(ReportsService)).toBe(service);
    });
    expect(coordinator.leases()).toEqual([]);
    await module.close();
  });

  it('makes the scoped lease of every type available under its token', async () => {
    const module = await start({ resources: { printer: session('printer') } });
    const printer = module.get<ScopedLease<Session>>(getLeaseToken('printer'));
    expect(await printer.use(({ from }) => from)).toBe('printer');
    await module.close();
  });

  it('refuses a key where there are none, and none where there are, by naming the place', async () => {
    const place = 'ReportsService.property (property)';
    class Keyed {
      constructor(@PooledResource('plain', { key: () => 'acme' }) readonly lease: ScopedLease<Session>) {}
    }
    const startWith = async (provider: Type<unknown>, pool: PoolOptions): Promise<unknown> => {
      const options = { resources: { session: { ...session('x'), pool }, plain: session('y') } };
      const module = await Test.createTestingModule({
        imports: [ResourcesModule.forRoot(options)],
        providers: [provider],
      }).compile();
      return await module.init().catch((error: unknown) => error);
    };
    const withoutKey = await startWith(ReportsService, { keyed: {} });
    expect(withoutKey).toBeInstanceOf(InvalidOptionsError);
    expect(withoutKey).toMatchObject({ type: 'session', message: expect.stringContaining('needs a "key"') });
    expect((withoutKey as Error).message).toContain(place);
    const withKey = await startWith(Keyed, {});
    expect(withKey).toMatchObject({ type: 'plain', message: expect.stringContaining('has a "key", and') });
  });

  it.each([
    [{ key: 'acme' }, '"@PooledResource().key" must be a function; got "acme".'],
    [{ priority: 5 }, '"@PooledResource().priority" must be a function; got 5.'],
    [
      { owner: () => 'me' },
      '"@PooledResource().owner" is not an option. Known options: key, tenant, priority.',
    ],
    [() => 'acme', '"@PooledResource()" takes an object after the type'],
  ])('refuses terms that cannot work where they are declared: %j', (terms, message) => {
    const declare = (): unknown => PooledResource('session', terms as never);
    expect(declare).toThrow(InvalidOptionsError);
    expect(declare).toThrow(message);
  });

  it('gives all terms a token of their own', () => {
    const [one, other] = [{ key: () => 'a' }, { tenant: () => 'b' }];
    expect(getLeaseToken('session', one)).toBe(getLeaseToken('session', one));
    expect(new Set([undefined, one, other].map((terms) => getLeaseToken('session', terms))).size).toBe(3);
  });

  it('warms the pools before the application is ready', async () => {
    const module = await start({ resources: { session: { ...session('warm'), pool: { min: 2 } } } });
    expect(module.get(ResourceCoordinator).stats()).toMatchObject({
      phase: 'ready',
      pools: { session: { idle: 2 } },
    });
    await module.close();
  });

  it('fails the start when a pool cannot be warmed, and leaves nothing behind', async () => {
    const destroyed: number[] = [];
    let created = 0;
    const options: ResourcesOptions = {
      resources: {
        good: { create: () => ++created, destroy: (id) => destroyed.push(id), pool: { min: 1 } },
        bad: {
          create: () => {
            throw new Error('connection refused');
          },
          pool: { min: 1 },
        },
      },
    };
    const failure = await start(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ResourceCreationError);
    expect(failure).toMatchObject({ type: 'bad', message: expect.stringContaining('connection refused') });
    expect(destroyed).toEqual([1]);
  });

  it('refuses options that cannot work before anything starts', async () => {
    const failure = await start({ resources: { session: { ...session('x'), pool: { max: 0 } } } }).catch(
      (e: unknown) => e,
    );
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({
      option: 'resources.session.pool.max',
      message: expect.stringContaining('at least 1'),
    });
  });

  it('closes everything with the application, and keeps the report', async () => {
    const module = await start({ resources: { session: session('x') } });
    const coordinator = module.get(ResourceCoordinator);
    await coordinator.use('session', () => undefined);
    await module.close();
    expect(coordinator.pools.size).toBe(0);
    expect(coordinator.drainReport).toMatchObject({ clean: true, held: [] });
  });

  it('reports who still held what at the drain deadline', async () => {
    const module = await start({ resources: { session: session('x') }, drainTimeout: 20 });
    const coordinator = module.get(ResourceCoordinator);
    await coordinator.acquire('session', { owner: 'forgetful' });
    await module.close();
    expect(coordinator.drainReport).toMatchObject({
      clean: false,
      held: [{ type: 'session', owner: 'forgetful' }],
    });
    expect(coordinator.pools.size).toBe(0);
  });
});

describe('ResourcesModule.forRootAsync', () => {
  it('takes options from a factory with dependencies', async () => {
    const module = await Test.createTestingModule({
      imports: [
        ResourcesModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => ({ resources: { session: session(settings.from) } }),
        }),
      ],
      providers: [ReportsService],
    }).compile();
    await module.init();
    expect(await module.get(ReportsService).parameter.use(({ from }) => from)).toBe('settings');
    await module.close();
  });

  it('takes options from a class', async () => {
    @Injectable()
    class Options {
      createResourcesOptions(): ResourcesOptions {
        return { resources: { session: session('class') } };
      }
    }
    const module = await Test.createTestingModule({
      imports: [ResourcesModule.forRootAsync({ useClass: Options })],
      providers: [ReportsService],
    }).compile();
    await module.init();
    expect(await module.get(ReportsService).property.use(({ from }) => from)).toBe('class');
    await module.close();
  });

  it('knows the types of classes that were decorated after it was called', async () => {
    const resources = ResourcesModule.forRootAsync({
      useFactory: () => ({ resources: { late: session('late') } }),
    });
    @Injectable()
    class LateService {
      constructor(@PooledResource('late') readonly late: ScopedLease<Session>) {}
    }
    const module = await Test.createTestingModule({
      imports: [resources],
      providers: [LateService],
    }).compile();
    await module.init();
    expect(await module.get(LateService).late.use(({ from }) => from)).toBe('late');
    await module.close();
  });
});

describe('ResourcesModule.forFeature', () => {
  const feature = (): Parameters<typeof Test.createTestingModule>[0] => ({
    imports: [ResourcesModule.forFeature({ scanner: { ...session('feature'), pool: { min: 1 } } })],
  });

  it('adds resource types, warmed and closed with the others', async () => {
    const module = await start({}, feature());
    const coordinator = module.get(ResourceCoordinator);
    expect(coordinator.stats().pools['scanner']).toMatchObject({ idle: 1 });
    expect(
      await module
        .get<ScopedLease<Session>>(getLeaseToken('scanner'), { strict: false })
        .use(({ from }) => from),
    ).toBe('feature');
    await module.close();
    expect(coordinator.pools.size).toBe(0);
  });

  it('refuses a type that is registered already', async () => {
    const failure = await start({ resources: { scanner: session('root') } }, feature()).catch(
      (e: unknown) => e,
    );
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({
      option: 'forFeature.scanner',
      message: expect.stringContaining('registered already'),
    });
  });

  it('says what is missing when the root module is not imported', async () => {
    await expect(Test.createTestingModule(feature()).compile()).rejects.toThrow(
      /RESOURCES:LEASE:scanner.*ResourceCoordinator/s,
    );
  });
});

describe('@ResourceFactory', () => {
  @ResourceFactory('sftp', { max: 1 })
  class SftpFactory implements ResourceFactory<Session> {
    constructor(private readonly settings: Settings) {}
    create({ signal }: CreateContext): Session {
      return { from: signal.aborted ? 'nowhere' : this.settings.from };
    }
  }

  it('is found wherever it is provided, with its dependencies', async () => {
    @Module({ imports: [SettingsModule], providers: [SftpFactory] })
    class SftpModule {}
    const module = await start({}, { imports: [SftpModule] });
    const coordinator = module.get(ResourceCoordinator);
    expect(await coordinator.use('sftp', ({ from }: Session) => from)).toBe('settings');
    expect(coordinator.stats().pools['sftp']).toMatchObject({ max: 1 });
    await module.close();
  });

  it('refuses a class without create, by name', async () => {
    @ResourceFactory('broken')
    class BrokenFactory {}
    const failure = await start({}, { providers: [BrokenFactory] }).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({
      option: 'resources.broken.create',
      message: expect.stringContaining('must be a function'),
    });
  });

  it('refuses options that cannot work, by name', async () => {
    @ResourceFactory('narrow', { min: 3, max: 2 })
    class NarrowFactory implements ResourceFactory<Session> {
      create(): Session {
        return { from: 'narrow' };
      }
    }
    const failure = await start({}, { providers: [NarrowFactory] }).catch((e: unknown) => e);
    expect(failure).toMatchObject({ name: 'InvalidOptionsError', option: 'resources.narrow.pool.min' });
  });

  it.each([undefined, '', 7])('refuses %p as a type', (type) => {
    expect(() => ResourceFactory(type as string)).toThrow(InvalidOptionsError);
  });
});

describe('@PooledResource', () => {
  it('fails the start for an unknown type, naming class, member and known types', async () => {
    @Controller()
    class OrdersController {
      @PooledResource('pgg') readonly property!: ScopedLease<Session>;
      constructor(@PooledResource('pgg') readonly parameter: ScopedLease<Session>) {}
      @Get()
      find(@PooledResource('pgg') _pgg: ScopedLease<Session>): void {}
    }
    const failure = await start(
      { resources: { pg: session('pg') } },
      { controllers: [OrdersController] },
    ).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(UnknownResourceError);
    expect(failure).toMatchObject({ type: 'pgg', known: ['pg'] });
    const { message } = failure as Error;
    expect(message).toContain('"pgg" is registered (known: pg)');
    expect(message).toContain('OrdersController.find (parameter 0)');
    expect(message).toContain('OrdersController.property (property)');
    expect(message).toContain('OrdersController (constructor parameter 0)');
  });

  it('finds an unknown type in an ancestor too', async () => {
    abstract class Base {
      @PooledResource('nowhere') readonly inherited!: ScopedLease<Session>;
    }
    @Injectable()
    class Derived extends Base {}
    await expect(start({}, { providers: [Derived] })).rejects.toThrow(/Base\.inherited \(property\)/);
  });

  it('does not fail for a type that only another application of the process uses', async () => {
    @Injectable()
    class Elsewhere {
      constructor(@PooledResource('elsewhere') readonly lease: ScopedLease<Session>) {}
    }
    expect(Elsewhere.name).toBe('Elsewhere');
    const module = await start({ resources: { session: session('x') } }, { providers: [ReportsService] });
    await module.close();
  });

  it('says what is missing when the module is not imported', async () => {
    await expect(Test.createTestingModule({ providers: [ReportsService] }).compile()).rejects.toThrow(
      /RESOURCES:LEASE:session/,
    );
  });

  it('works in request-scoped and transient classes', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class TransientService {
      constructor(@PooledResource('session') readonly lease: ScopedLease<Session>) {}
    }
    const module = await start({ resources: { session: session('x') } }, { providers: [TransientService] });
    const service = await module.resolve(TransientService);
    expect(await service.lease.use(({ from }) => from)).toBe('x');
    await module.close();
  });

  it('rejects outside of any scope, saying what to do', async () => {
    const module = await start({ resources: { session: session('x') } }, { providers: [ReportsService] });
    const { parameter } = module.get(ReportsService);
    await expect(parameter.acquire()).rejects.toThrow(NoLeaseScopeError);
    await expect(parameter.acquire()).rejects.toThrow(
      /coordinator\.run\(work, \{ owner \}\), or call use\(\)/,
    );
    expect(() => parameter.resource).toThrow(NoLeaseScopeError);
    await module.close();
  });

  it.each([undefined, '', Symbol('pg')])('refuses %p as a type', (type) => {
    expect(() => PooledResource(type as string)).toThrow(InvalidOptionsError);
  });
});
