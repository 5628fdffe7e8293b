import { Global, type INestApplication, Injectable, Module } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import {
  CachedResourceFactory,
  getCachedLeaseToken,
  getLeaseToken,
  InvalidOptionsError,
  PooledResource,
  ResourceCoordinator,
  ResourceFactory,
  ResourcesModule,
  type ScopedLease,
  UnknownResourceError,
} from 'nestjs-resources';
import { overrideResource } from 'nestjs-resources/testing';
import {
  CachedFactory,
  DefinedModule,
  FactoriesModule,
  key,
  KeyedFactory,
  madeBy,
  PlainFactory,
  ProvidedModule,
  type Session,
} from './lending-module.fixture.js';

const TYPES = ['plain', 'keyed', 'cached'] as const;
const FACTORIES = [PlainFactory, KeyedFactory, CachedFactory];

/** A double of a factory that no decorator marks. */
class Double {
  readonly create = madeBy('fake').create;
}

@ResourceFactory('plain', { max: 3 })
class MarkedPlain extends Double {}

@ResourceFactory('keyed', { keyed: {}, max: 2 })
class MarkedKeyed extends Double {}

@CachedResourceFactory('cached', { max: 5 })
class MarkedCached extends Double {}

@Module({ providers: [MarkedPlain, MarkedKeyed, MarkedCached] })
class FakeFactoriesModule {}

@Injectable()
class Maker {
  readonly double = new Double();
}

@Global()
@Module({ providers: [Maker], exports: [Maker] })
class MakerModule {}

const provided = (imports: unknown[] = []): TestingModuleBuilder =>
  Test.createTestingModule({ imports: [ProvidedModule, ...(imports as never[])] });
const defined = (): TestingModuleBuilder => Test.createTestingModule({ imports: [DefinedModule] });

function overrideAll(
  builder: TestingModuleBuilder,
  how: (override: ReturnType<TestingModuleBuilder['overrideProvider']>) => void,
): TestingModuleBuilder {
  for (const factory of FACTORIES) how(builder.overrideProvider(factory));
  return builder;
}

function overrideTypes(builder: TestingModuleBuilder): TestingModuleBuilder {
  return TYPES.reduce((all, type) => overrideResource(all, type, madeBy('fake')), builder);
}

async function serve(builder: TestingModuleBuilder): Promise<INestApplication> {
  const app = (await builder.compile()).createNestApplication();
  await app.listen(0);
  return app;
}

async function failureOf(builder: TestingModuleBuilder): Promise<unknown> {
  const module = await builder.compile();
  return await module.init().then(
    () => module.close(),
    (error: unknown) => error,
  );
}

describe.each<[string, () => TestingModuleBuilder]>([
  ['overrideProvider().useValue()', () => overrideAll(provided(), (by) => by.useValue(new Double()))],
  [
    'overrideProvider().useValue() of a plain object',
    () => overrideAll(provided(), (by) => by.useValue(madeBy('fake'))),
  ],
  ['overrideProvider().useClass()', () => overrideAll(provided(), (by) => by.useClass(Double))],
  [
    'overrideProvider().useFactory()',
    () => overrideAll(provided(), (by) => by.useFactory({ factory: () => new Double() })),
  ],
  [
    'overrideProvider().useFactory() with dependencies, later',
    () =>
      overrideAll(provided([MakerModule]), (by) =>
        by.useFactory({
          inject: [Maker],
          factory: async ({ double }: Maker) => await Promise.resolve(double),
        }),
      ),
  ],
  [
    'overrideProvider() with a decorated class',
    () => {
      const builder = provided();
      for (const [real, fake] of [
        [PlainFactory, MarkedPlain],
        [KeyedFactory, MarkedKeyed],
        [CachedFactory, MarkedCached],
      ] as const)
        builder.overrideProvider(real).useClass(fake);
      return builder;
    },
  ],
  ['overrideModule()', () => provided().overrideModule(FactoriesModule).useModule(FakeFactoriesModule)],
  ['overrideResource() where factories are provided', () => overrideTypes(provided())],
  ['overrideResource() where they stand in the options', () => overrideTypes(defined())],
])('%s', (_, builder) => {
  it.each(TYPES)('replaces a %s resource for all who ask for it', async (type) => {
    const app = await serve(builder());
    const answer = await fetch(`${await app.getUrl()}/${type}`);
    const sessions = (await answer.json()) as Session[];
    expect(sessions.map(({ made }) => made)).toEqual(['fake', 'fake', 'fake']);
    expect(new Set(sessions.map((session) => session.key)).size).toBe(1);
    await app.close();
  });

  it('leaves the options of the types as they are', async () => {
    const module = await (await builder().compile()).init();
    const { policies, pools, cachedResources } = module.get(ResourceCoordinator);
    expect([policies.get('plain')?.max, policies.get('keyed')?.max]).toEqual([3, 2]);
    expect([[...pools.keys()].toSorted(), [...cachedResources.keys()]]).toEqual([
      ['keyed', 'plain'],
      ['cached'],
    ]);
    await module.close();
  });
});

describe('a double of a factory', () => {
  it('that serves two types is the factory of both', async () => {
    const double = new Double();
    const builder = provided();
    builder.overrideProvider(PlainFactory).useValue(double);
    builder.overrideProvider(KeyedFactory).useValue(double);
    const module = await (await builder.compile()).init();
    const coordinator = module.get(ResourceCoordinator);
    expect(await coordinator.use<Session, string>('plain', ({ made }) => made)).toBe('fake');
    expect(await coordinator.use<Session, string>('keyed', ({ made }) => made, { key: 'a' })).toBe('fake');
    await module.close();
  });

  it('is one, in however many modules the factory is', async () => {
    @Module({ providers: [PlainFactory] })
    class Again {}
    const builder = provided([Again]).overrideProvider(PlainFactory).useValue(new Double());
    expect(await failureOf(builder)).toBeUndefined();
  });

  it.each([undefined, null, 'a double', () => undefined, {}])(
    'is refused by name when it is none: %p',
    async (value) => {
      const failure = await failureOf(provided().overrideProvider(PlainFactory).useValue(value));
      expect(failure).toBeInstanceOf(InvalidOptionsError);
      expect(failure).toMatchObject({ type: 'plain', option: expect.stringContaining('resources.plain') });
    },
  );

  it('is refused when its class is the factory of another type', async () => {
    const failure = await failureOf(provided().overrideProvider(PlainFactory).useClass(MarkedKeyed));
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({
      type: 'plain',
      message:
        '"PlainFactory" is the factory of "plain", and the MarkedKeyed that is provided for it is one of "keyed". ' +
        'Provide a factory of "plain", or one of a class without a decorator.',
    });
  });
});

describe('a lease that a test provides beside ResourcesModule', () => {
  const client: Session = { made: 'fake' };
  const handMade = { resource: client, acquire: () => Promise.resolve(client) };

  it.each([
    ['plain', getLeaseToken('plain'), "getLeaseToken('plain')"],
    ['cached', getCachedLeaseToken('cached', key), "getCachedLeaseToken('cached')"],
  ])('is refused by name, since others would get the real %s', async (type, token, option) => {
    for (const builder of [provided(), defined()]) {
      const failure = await failureOf(builder.overrideProvider(token).useValue(handMade));
      expect(failure).toBeInstanceOf(InvalidOptionsError);
      expect(failure).toMatchObject({
        type,
        option,
        message: expect.stringContaining(`overrideResource(builder, '${type}'`),
      });
    }
  });

  it.each<[string, (builder: TestingModuleBuilder) => TestingModuleBuilder]>([
    ['a class', (builder) => builder.overrideProvider(getLeaseToken('plain')).useClass(Double)],
    [
      'a function',
      (builder) => builder.overrideProvider(getLeaseToken('plain')).useFactory({ factory: () => handMade }),
    ],
  ])('is refused when %s makes it', async (_, override) => {
    expect(await failureOf(override(provided()))).toMatchObject({ option: "getLeaseToken('plain')" });
  });

  it('is refused in a module of its own, where it would hide the real one', async () => {
    @Injectable()
    class Reports {
      constructor(@PooledResource('plain') readonly plain: ScopedLease<Session>) {}
    }
    @Module({ providers: [Reports, { provide: getLeaseToken('plain'), useValue: handMade }] })
    class ReportsModule {}
    expect(await failureOf(provided([ReportsModule]))).toMatchObject({
      message: expect.stringContaining('in ReportsModule'),
    });
  });
});

describe('a coordinator that a test provides beside ResourcesModule', () => {
  it.each([{ acquire: () => undefined }, {}, undefined, null])('is refused by name: %p', async (value) => {
    const compiling = provided().overrideProvider(ResourceCoordinator).useValue(value).compile();
    await expect(compiling).rejects.toThrow(InvalidOptionsError);
    await expect(compiling).rejects.toThrow('"ResourceCoordinator" must be one, beside ResourcesModule');
  });

  it('may be a coordinator', async () => {
    const resources = { session: madeBy('fake') };
    const module = await Test.createTestingModule({ imports: [ResourcesModule.forRoot({ logging: false })] })
      .overrideProvider(ResourceCoordinator)
      .useValue(new ResourceCoordinator({ resources }))
      .compile();
    await module.init();
    const coordinator = module.get(ResourceCoordinator);
    expect(await coordinator.use<Session, string>('session', ({ made }) => made)).toBe('fake');
    await module.close();
  });
});

describe('overrideResource()', () => {
  it('merges options with those of the type', async () => {
    const builder = overrideResource(provided(), 'plain', {
      ...madeBy('fake'),
      pool: { max: 1, acquireTimeout: 5 },
    });
    const module = await (await builder.compile()).init();
    expect(module.get(ResourceCoordinator).policies.get('plain')).toMatchObject({
      max: 1,
      acquireTimeout: 5,
    });
    await module.close();
  });

  it('replaces a type that is registered while the application runs', async () => {
    const builder = overrideResource(provided(), 'plain', madeBy('fake'));
    const module = await (await builder.compile()).init();
    const coordinator = module.get(ResourceCoordinator);
    await coordinator.unregister('plain');
    coordinator.register('plain', madeBy('real'));
    expect(await coordinator.use<Session, string>('plain', ({ made }) => made)).toBe('fake');
    await module.close();
  });

  it('spares the real factory every call', async () => {
    let calls = 0;
    const real = { create: () => ++calls, validate: () => ++calls > 0, destroy: () => ++calls };
    const builder = Test.createTestingModule({
      imports: [
        ResourcesModule.forRoot({ logging: false, resources: { plain: { ...real, pool: { min: 1 } } } }),
      ],
    });
    const module = await (await overrideResource(builder, 'plain', madeBy('fake')).compile()).init();
    await module.get(ResourceCoordinator).use('plain', () => undefined);
    await module.close();
    expect(calls).toBe(0);
  });

  it('replaces the factory of a name that is pooled and cached', async () => {
    const builder = Test.createTestingModule({
      imports: [
        ResourcesModule.forRoot({
          logging: false,
          resources: { both: madeBy('real') },
          cachedResources: { both: madeBy('real') },
        }),
      ],
    });
    const definition = { ...madeBy('fake'), pool: { max: 1 }, cache: { max: 2 } };
    const module = await (await overrideResource(builder, 'both', definition).compile()).init();
    const coordinator = module.get(ResourceCoordinator);
    const cached = await coordinator.acquireCached<Session>('both', 'a');
    expect(await coordinator.use<Session, string>('both', ({ made }) => made)).toBe('fake');
    expect(cached.resource.made).toBe('fake');
    await cached.release();
    await module.close();
  });

  it('refuses a type that the application does not have', async () => {
    const failure = await failureOf(overrideResource(provided(), 'palin', madeBy('fake')));
    expect(failure).toBeInstanceOf(UnknownResourceError);
    expect((failure as Error).message).toContain(
      'No resource type "palin" is registered (known: plain, keyed, cached). overrideResource() asks for it.',
    );
  });

  it.each([
    ['cached', { pool: { max: 1 } }, '"overrideResource().pool" is not for a cached type'],
    ['plain', { cache: { max: 1 } }, '"overrideResource().cache" is not for a pooled type'],
  ])('refuses options that nobody would read: of the %s type, %j', async (type, options, message) => {
    const failure = await failureOf(overrideResource(provided(), type, { ...madeBy('fake'), ...options }));
    expect(failure).toMatchObject({ message: expect.stringContaining(message) });
  });

  it.each([
    [{}, '"overrideResource(\'plain\').create" must be a function'],
    [null, '"overrideResource(\'plain\')" must be a factory'],
    [{ ...madeBy('fake'), max: 3 }, '"overrideResource(\'plain\').max" is an option of the pool'],
    [{ ...madeBy('fake'), ttl: 3 }, '"overrideResource(\'plain\').ttl" is an option of the cache'],
  ])('refuses at once what is no factory: %p', (definition, message) => {
    expect(() => overrideResource(provided(), 'plain', definition as never)).toThrow(message);
  });

  it.each([undefined, null, {}, 'builder'])('refuses at once what is no builder: %p', (builder) => {
    expect(() => overrideResource(builder as never, 'plain', madeBy('fake'))).toThrow(InvalidOptionsError);
  });

  it('refuses to come after compile()', async () => {
    const builder = overrideResource(provided(), 'plain', madeBy('fake'));
    const module = await builder.compile();
    expect(() => overrideResource(builder, 'keyed', madeBy('fake'))).toThrow('call it before compile()');
    await module.close();
  });
});
