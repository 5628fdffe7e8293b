import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Cache,
  CACHE_MANAGER,
  CacheInterceptor,
  CacheKey,
  CacheModule,
  CacheTTL,
} from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Post,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Keyv } from 'keyv';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourcesModule } from '../resources.module.js';

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

let calls = 0;

@Controller()
@UseInterceptors(CacheInterceptor)
class Clock {
  constructor(
    @Inject(CACHE_MANAGER) readonly manager: Cache,
    @Inject(Cache) readonly byClass: Cache,
  ) {}

  @Get('time')
  time(): number {
    return ++calls;
  }

  @Get('named')
  @CacheKey('a name')
  @CacheTTL(60_000)
  named(): number {
    return ++calls;
  }

  @Get('for-ever')
  @CacheTTL(0)
  forEver(): number {
    return ++calls;
  }

  @Get('nothing')
  nothing(): void {
    calls++;
  }

  @Get('stream')
  stream(): StreamableFile {
    return new StreamableFile(Readable.from([`${++calls}`]));
  }

  @Post('time')
  post(): number {
    return ++calls;
  }
}

@Injectable()
class Elsewhere {
  constructor(readonly cache: Cache) {}
}

@Module({ providers: [Elsewhere], exports: [Elsewhere] })
class FeatureModule {}

const OURS: [string, ModuleMetadata['imports']][] = [
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
        isGlobal: true,
        inject: [ResourceCoordinator],
        useFactory: ({ cache }: ResourceCoordinator) => ({ stores: [cache.keyv] }),
      }),
    ],
  ],
];

const THEIRS: (typeof OURS)[number] = [
  'of @nestjs/cache-manager alone',
  [CacheModule.register({ isGlobal: true })],
];

async function start(imports: ModuleMetadata['imports'] = []): Promise<INestApplication> {
  calls = 0;
  const metadata = { imports: [...imports, FeatureModule], controllers: [Clock] };
  const module = await Test.createTestingModule(metadata).compile();
  app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

describe.each(OURS)('CACHE_MANAGER %s', (_, imports) => {
  it("has the coordinator's entries", async () => {
    const started = await start(imports);
    const { cache } = started.get(ResourceCoordinator);
    const { manager } = started.get(Clock);
    await manager.set('a', 1);
    await cache.put('b', 2);
    expect([cache.peek('a'), await manager.get('b')]).toEqual([1, 2]);
    expect(await (await fetch(`${await started.getUrl()}/time`)).text()).toBe('1');
    expect(cache.peek('/time')).toBe(1);
  });
});

describe.each([THEIRS, ...OURS])('CACHE_MANAGER %s', (_, imports) => {
  it("serves Nest's interceptor with its decorators", async () => {
    const started = await start(imports);
    const url = await started.getUrl();
    const { manager } = started.get(Clock);
    const seen: unknown[] = [];
    for (const path of [
      'time',
      'named',
      'for-ever',
      'nothing',
      'stream',
      'time',
      'named',
      'for-ever',
      'nothing',
      'stream',
    ]) {
      const answer = await fetch(`${url}/${path}`);
      seen.push([path, await answer.text(), answer.headers.get('x-cache')]);
    }
    const posted = await fetch(`${url}/time`, { method: 'POST' });
    expect([seen, await posted.text(), posted.headers.get('x-cache')]).toEqual([
      [
        ['time', '1', 'MISS'],
        ['named', '2', 'MISS'],
        ['for-ever', '3', 'MISS'],
        ['nothing', '', 'MISS'],
        ['stream', '5', 'MISS'],
        ['time', '1', 'HIT'],
        ['named', '2', 'HIT'],
        ['for-ever', '3', 'HIT'],
        ['nothing', '', 'MISS'],
        ['stream', '7', 'MISS'],
      ],
      '8',
      null,
    ]);
    expect(await manager.mget(['/time', 'a name', '/stream'])).toEqual([1, 2, undefined]);
    expect([await manager.ttl('/for-ever'), typeof (await manager.ttl('a name'))]).toEqual([
      undefined,
      'number',
    ]);
  });

  it('is there by its class, too, in every module', async () => {
    const started = await start(imports);
    const { manager, byClass } = started.get(Clock);
    expect([byClass, started.get(Elsewhere).cache, started.get(Cache)]).toEqual([manager, manager, manager]);
    expect(byClass).toBe(manager);
  });
});

describe('CACHE_MANAGER', () => {
  it('is not provided unless asked for', async () => {
    const metadata = { imports: [ResourcesModule.forRoot({})], controllers: [Clock] };
    await expect(Test.createTestingModule(metadata).compile()).rejects.toThrow('CACHE_MANAGER');
  });

  it('is what a test puts in its place, by its class, too', async () => {
    const imports = [ResourcesModule.forRoot({ cacheManager: true })];
    const replacement = { get: () => 'replaced' };
    const module = await Test.createTestingModule({ imports })
      .overrideProvider(CACHE_MANAGER)
      .useValue(replacement)
      .compile();
    expect(module.get(Cache)).toBe(replacement);
    await module.close();
  });

  it('has secondary stores as a CacheModule takes them: Keyv instances, storage adapters and maps', async () => {
    const map = new Map<string, unknown>();
    const started = await start([
      ResourcesModule.forRoot({ cache: { stores: [map, new Keyv()] }, cacheManager: true }),
    ]);
    await started.get(Clock).manager.set('a', 1);
    expect([...map.keys()]).toEqual(['keyv:a']);
  });
});
