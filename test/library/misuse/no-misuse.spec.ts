import { Controller, Get, Injectable, Module, SetMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import {
  Cached,
  CachedResourceFactory,
  getLeaseToken,
  PooledResource,
  ResourceFactory,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';
import { create, start, startWith } from './misuse.fixture.js';

@Controller()
class OrdersController {
  constructor(@PooledResource('pg') readonly pg: ScopedLease<object>) {}

  @Get()
  find(@PooledResource('pg') lease: ScopedLease<object>): unknown {
    return lease;
  }
}

@Injectable()
class PricesService {
  loads = 0;

  @Cached()
  async all(): Promise<number> {
    return ++this.loads;
  }
}

function refuse(): never {
  throw new Error('a proxy that is asked nothing');
}

/** As the client of a remote procedure call answers. */
function anything(_target: object, name: string | symbol): unknown {
  const isHook = typeof name === 'symbol' || /^(on|before|then)/.test(name);
  return isHook ? undefined : new Proxy(() => undefined, { get: anything, apply: refuse });
}

const SILENT = { logger: false, abortOnError: false } as const;
const lease = {};
const HAND_MADE = { provide: getLeaseToken('pg'), useValue: lease };

describe('without the module, a unit test', () => {
  it('makes a controller with a hand-made lease, and calls its handlers', async () => {
    const module = await Test.createTestingModule({
      controllers: [OrdersController],
      providers: [HAND_MADE],
    }).compile();
    const controller = module.get(OrdersController);
    expect([controller.pg, controller.find(controller.pg)]).toEqual([lease, lease]);
  });

  it('makes what it mocks', async () => {
    const module = await Test.createTestingModule({ controllers: [OrdersController] })
      .useMocker(() => lease)
      .compile();
    expect(module.get(OrdersController).pg).toBe(lease);
  });

  it('calls cached methods, which load each time', async () => {
    const module = await Test.createTestingModule({ providers: [PricesService] }).compile();
    const prices = module.get(PricesService);
    expect([await prices.all(), await prices.all()]).toEqual([1, 2]);
  });

  it('calls the hooks of Nest', async () => {
    const module = await Test.createTestingModule({
      controllers: [OrdersController],
      providers: [HAND_MADE, PricesService],
    }).compile();
    await expect(module.init()).resolves.toBe(module);
  });

  it('makes an application context, in which nobody calls handlers', async () => {
    @Module({ controllers: [OrdersController], providers: [HAND_MADE] })
    class WorkerModule {}
    const context = await NestFactory.createApplicationContext(WorkerModule, SILENT);
    await expect(context.close()).resolves.toBeUndefined();
  });

  it('starts an application of singletons with hand-made leases', async () => {
    @Injectable()
    class OrdersService {
      constructor(@PooledResource('pg') readonly pg: ScopedLease<object>) {}
    }
    await expect(start({ providers: [OrdersService, HAND_MADE] })).resolves.toBeUndefined();
  });
});

describe('it is no misuse', () => {
  it('that two modules import one and the same root', async () => {
    const root = ResourcesModule.forRoot({ resources: { pg: { create } } });
    @Module({ imports: [root] })
    class OrdersModule {}
    await expect(start({ imports: [root, OrdersModule] })).resolves.toBeUndefined();
  });

  it('that the instance of a class has members of its own', async () => {
    class PgFactory {
      max = 3;
      create = create;
      dispose(): void {}
      destroy(): void {}
    }
    await expect(startWith({ resources: { pg: new PgFactory() } })).resolves.toBeUndefined();
  });

  it('that the members of another kind of factory are undefined', async () => {
    const cached = { create, cache: { max: 2 } };
    const tenantDb = { ...cached, reset: undefined, pool: undefined };
    const pg = { ...cached, cache: undefined, min: undefined };
    await expect(startWith({ resources: { pg }, cachedResources: { tenantDb } })).resolves.toBeUndefined();
  });

  it('that options are an instance of a class, which has them by getters or inherits them', async () => {
    class Options {
      get resources(): object {
        return { pg: { create } };
      }
    }
    @Injectable()
    class Reports {
      constructor(@PooledResource('pg') readonly pg: ScopedLease<object>) {}
    }
    const imports = [ResourcesModule.forRootAsync({ useFactory: () => new Options() })];
    await expect(start({ imports, providers: [Reports] })).resolves.toBeUndefined();
    for (const options of [new Options(), Object.create({ resources: { pg: { create } } }) as object])
      await expect(startWith(options, { providers: [Reports] })).resolves.toBeUndefined();
  });

  it('that one class makes the resources of a pool and of a cache', async () => {
    @ResourceFactory('pg')
    @CachedResourceFactory('tenantDb')
    class PgFactory {
      create = create;
      reset(): void {}
    }
    await expect(startWith({}, { providers: [PgFactory] })).resolves.toBeUndefined();
  });

  it('that another package marks its handlers as it likes', async () => {
    @Injectable()
    class Bot {
      @SetMetadata('__on_decorator__', { event: 'message' })
      answer(@PooledResource('pg') _pg: ScopedLease<object>): void {}
    }
    await expect(startWith({ resources: { pg: { create } } }, { providers: [Bot] })).resolves.toBeUndefined();
  });

  it('that a class declares leases and nobody provides it', async () => {
    class Unused {
      @PooledResource('nothing') readonly nothing!: ScopedLease<object>;
    }
    expect(Unused).toBeInstanceOf(Function);
    await expect(start({})).resolves.toBeUndefined();
  });

  it('that a subclass takes the route of an inherited handler away', async () => {
    @Controller()
    class ArchiveController extends OrdersController {
      override find(): never {
        throw new Error('the archive has no orders');
      }
    }
    await expect(
      startWith({ resources: { pg: { create } } }, { controllers: [ArchiveController] }),
    ).resolves.toBeUndefined();
  });

  it('that two members are described alike', async () => {
    @Injectable()
    class Reports {}
    const long = 'long'.repeat(100);
    for (const member of [Symbol('pg'), Symbol('pg'), `${long}1`, `${long}2`])
      PooledResource('pg')(Reports.prototype, member);
    await expect(
      startWith({ resources: { pg: { create } } }, { providers: [Reports] }),
    ).resolves.toBeUndefined();
  });

  it.each([
    ['that tells no prototype', new Proxy({}, { getPrototypeOf: refuse })],
    ['that has such a class', { constructor: new Proxy(class {}, { getPrototypeOf: refuse }) }],
    ['that has no class', Object.create(null) as unknown],
    ['whose every member is another one', new Proxy({}, { get: anything })],
  ])('that somebody provides a value %s', async (_what, value) => {
    const provider = { provide: 'FOREIGN', useFactory: () => value };
    await expect(startWith({}, { providers: [provider] })).resolves.toBeUndefined();
  });
});
