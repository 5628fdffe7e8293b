import { afterEach, describe, expect, it } from '@jest/globals';
import { CACHE_MANAGER, CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  type ModuleMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Cache } from 'cache-manager';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourcesModule } from '../resources.module.js';

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

let calls = 0;

@Controller()
class Clock {
  constructor(@Inject(CACHE_MANAGER) readonly manager: Cache) {}

  @Get('time')
  @UseInterceptors(CacheInterceptor)
  time(): number {
    return ++calls;
  }
}

const WAYS: [string, ModuleMetadata['imports']][] = [
  ['provided by ResourcesModule', [ResourcesModule.forRoot({ cacheManager: true })]],
  [
    'provided by forRootAsync',
    [ResourcesModule.forRootAsync({ useFactory: () => ({ cache: { max: 5 } }), cacheManager: true })],
  ],
  [
    'of a CacheModule on the same store',
    [
      ResourcesModule.forRoot({}),
      CacheModule.registerAsync({
        inject: [ResourceCoordinator],
        useFactory: ({ cache }: ResourceCoordinator) => ({ stores: [cache.keyv] }),
      }),
    ],
  ],
];

describe.each(WAYS)('CACHE_MANAGER %s', (_, imports) => {
  it("has the coordinator's entries, and serves Nest's own interceptor", async () => {
    calls = 0;
    const module = await Test.createTestingModule({ imports, controllers: [Clock] }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const { cache } = app.get(ResourceCoordinator);
    const { manager } = app.get(Clock);
    await manager.set('a', 1);
    await cache.put('b', 2);
    expect([cache.peek('a'), await manager.get('b')]).toEqual([1, 2]);
    const url = `${await app.getUrl()}/time`;
    expect(await (await fetch(url)).text()).toBe('1');
    expect(await (await fetch(url)).text()).toBe('1');
    expect(cache.peek('/time')).toBe(1);
  });
});

describe('CACHE_MANAGER', () => {
  it('is not provided unless asked for', async () => {
    const metadata = { imports: [ResourcesModule.forRoot({})], controllers: [Clock] };
    await expect(Test.createTestingModule(metadata).compile()).rejects.toThrow('CACHE_MANAGER');
  });
});
