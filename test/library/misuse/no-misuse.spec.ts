import { Controller, Get, Injectable, Module } from '@nestjs/common';
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

  it('that one class makes the resources of a pool and of a cache', async () => {
    @ResourceFactory('pg')
    @CachedResourceFactory('tenantDb')
    class PgFactory {
      create = create;
      reset(): void {}
    }
    await expect(startWith({}, { providers: [PgFactory] })).resolves.toBeUndefined();
  });

  it('that a class declares leases and nobody provides it', async () => {
    class Unused {
      @PooledResource('nothing') readonly nothing!: ScopedLease<object>;
    }
    expect(Unused).toBeInstanceOf(Function);
    await expect(start({})).resolves.toBeUndefined();
  });
});
