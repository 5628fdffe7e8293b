import { Injectable } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import {
  Cached,
  CachedResource,
  Evicts,
  getCachedLeaseToken,
  PooledResource,
  ResourceFactory,
  ResourcesModule,
} from 'nestjs-resources';

/** Nothing of it runs: `npm run typecheck` fails where a line compiles that should not. */
function misuses(): unknown[] {
  @Injectable()
  class OrdersService {
    // @ts-expect-error -- on a method
    @PooledResource('pg')
    find(): void {}

    // @ts-expect-error -- on a method that returns no promise
    @Cached()
    total(): number {
      return 0;
    }

    // @ts-expect-error -- without parentheses
    @Cached
    async all(): Promise<void> {}
  }

  // @ts-expect-error -- on a class
  @PooledResource('pg')
  class StockService {}

  class SftpFactory {
    // @ts-expect-error -- on a method
    @ResourceFactory('sftp')
    create(): void {}
  }

  return [
    OrdersService,
    StockService,
    SftpFactory,
    // @ts-expect-error -- without a type
    PooledResource(),
    // @ts-expect-error -- a text in place of options
    PooledResource('pg', 'acme'),
    // @ts-expect-error -- without a key
    CachedResource('tenantDb'),
    // @ts-expect-error -- without tags
    Evicts({}),
    // @ts-expect-error -- without a key
    getCachedLeaseToken('tenantDb'),
    // @ts-expect-error -- without options
    ResourcesModule.forRoot(),
    // @ts-expect-error -- an option of the pool beside the factory
    ResourcesModule.forRoot({ resources: { pg: { create: () => 1, max: 3 } } }),
    // @ts-expect-error -- a hook of pools
    ResourcesModule.forRoot({ cachedResources: { db: { create: () => 1, reset: () => 1 } } }),
    // @ts-expect-error -- options that no factory returns
    ResourcesModule.forRootAsync({ resources: {} }),
    // @ts-expect-error -- no definitions
    ResourcesModule.forFeature('pg'),
  ];
}

describe('what TypeScript refuses', () => {
  it('is written down where the compiler reads it', () => {
    expect(misuses).toBeInstanceOf(Function);
  });
});
