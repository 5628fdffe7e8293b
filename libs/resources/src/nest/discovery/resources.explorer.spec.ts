import { describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { ScopedLease } from '../../scopes/scoped-lease.js';
import { CachedResource } from '../decorators/cached-resource.decorator.js';
import { CachedResourceFactory } from '../decorators/cached-resource-factory.decorator.js';
import { PooledResource } from '../decorators/pooled-resource.decorator.js';
import { ResourceFactory } from '../decorators/resource-factory.decorator.js';
import { ResourcesModule } from '../resources.module.js';
import type { ResourcesOptions } from '../resources.options.js';

async function start(providers: Type<unknown>[], options: ResourcesOptions = {}): Promise<TestingModule> {
  const imports = [ResourcesModule.forRoot(options)];
  return await (await Test.createTestingModule({ imports, providers }).compile()).init();
}

@ResourceFactory('session', { max: 2 })
@CachedResourceFactory('session', { max: 3 })
class SessionFactory {
  create(): object {
    return {};
  }
}

describe('the explorer', () => {
  it('registers a class that is decorated for both as the factory of a pool and of a cache', async () => {
    const module = await start([SessionFactory]);
    const { pools, cachedResources } = module.get(ResourceCoordinator);
    expect([[...pools.keys()], [...cachedResources.keys()]]).toEqual([['session'], ['session']]);
    await module.close();
  });

  it('tells a pooled type from a cached one of the same name', async () => {
    @Injectable()
    class Reports {
      constructor(
        @PooledResource('session') readonly pooled: ScopedLease<object>,
        @CachedResource('session', 'shared') readonly cached: ScopedLease<object>,
      ) {}
    }
    const resources = { session: { create: () => ({}) } };
    const starting = start([Reports], { resources });
    await expect(starting).rejects.toThrow(
      'No cached resource type "session" is registered (known: none). Reports (constructor parameter 1) asks for it.',
    );
    const module = await start([Reports, SessionFactory]);
    const { pooled, cached } = module.get(Reports);
    await module.get(ResourceCoordinator).run(async () => {
      expect(await pooled.acquire()).not.toBe(await cached.acquire());
    });
    await module.close();
  });

  it('refuses a cached factory that has a resource by a key of the request', async () => {
    @CachedResourceFactory('tenant')
    class TenantFactory {
      constructor(@CachedResource('session', () => 'acme') readonly session: ScopedLease<object>) {}

      create(): object {
        return {};
      }
    }
    const failure: unknown = await start([TenantFactory, SessionFactory]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect((failure as Error).message).toContain(
      `"@CachedResourceFactory('tenant')" depends on the request, because TenantFactory has a "session" by a key of the request: ` +
        'TenantFactory (constructor parameter 0). What it creates serves every caller.',
    );
  });
});
