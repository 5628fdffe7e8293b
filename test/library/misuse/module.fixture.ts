import { Module } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { ResourcesModule } from 'nestjs-resources';
import { create, type Misuse, start, startWith } from './misuse.fixture.js';

type Import = (...args: unknown[]) => ReturnType<typeof ResourcesModule.forRoot>;

/** The module's methods as whoever has no compiler sees them. */
const forRoot: Import = (...args) => (ResourcesModule.forRoot as Import)(...args);
const forRootAsync: Import = (...args) => (ResourcesModule.forRootAsync as Import)(...args);
const forFeature: Import = (...args) => (ResourcesModule.forFeature as Import)(...args);

const PG = { pg: { create } };

/** How the module is imported. */
export const MODULE: readonly Misuse[] = [
  {
    misuse: '`imports: [ResourcesModule]`, without `forRoot()`',
    attempt: () => start({ imports: [ResourcesModule] }),
    message:
      '"ResourcesModule" is imported without options, by AppModule. Write ResourcesModule.forRoot({ ... }) in the root module; it is global, and no other module has to import it.',
    remedy: '`imports: [ResourcesModule.forRoot({ … })]`',
  },
  {
    misuse: '`imports: [ResourcesModule]` in the module of a feature, besides the root',
    attempt: () => {
      @Module({ imports: [ResourcesModule] })
      class OrdersModule {}
      return start({ imports: [forRoot({ resources: PG }), OrdersModule] });
    },
    message:
      '"ResourcesModule" is imported without options, by OrdersModule. Write ResourcesModule.forRoot({ ... }) in the root module; it is global, and no other module has to import it.',
    remedy: 'nothing: the root is global',
  },
  {
    misuse: '`forRoot()` without options',
    attempt: () => forRoot(),
    message:
      '"ResourcesModule.forRoot()" needs options, such as { resources: { pg: factory } }; got undefined.',
    remedy: '`forRoot({ resources: { pg } })`, or `forRoot({})` for none',
  },
  {
    misuse: '`forRoot([pg])`',
    attempt: () => forRoot([{ create }]),
    message:
      '"ResourcesModule.forRoot()" needs options, such as { resources: { pg: factory } }; got an array.',
    remedy: '`forRoot({ resources: { pg } })`',
  },
  {
    misuse: '`forRoot(() => options)`',
    attempt: () => forRoot(() => ({})),
    message: '"ResourcesModule.forRoot()" got a function. Write forRootAsync({ useFactory }), or call it.',
    remedy: '`forRootAsync({ useFactory: () => options })`',
  },
  {
    misuse: '`forRoot(loadOptions())`, which is a promise',
    attempt: () => forRoot(Promise.resolve({})),
    message:
      '"ResourcesModule.forRoot()" got a promise. Await it, or write forRootAsync({ useFactory: () => promise }).',
    remedy: '`forRootAsync({ useFactory: loadOptions })`',
  },
  {
    misuse: '`forRoot({ useFactory })`',
    attempt: () => forRoot({ useFactory: () => ({}) }),
    message:
      '"ResourcesModule.forRoot()" has "useFactory", which belongs to forRootAsync(). Write that instead.',
    remedy: '`forRootAsync({ useFactory })`',
  },
  {
    misuse: "`forRoot({ cacheManager: 'yes' })`",
    attempt: () => forRoot({ cacheManager: 'yes' }),
    message: '"ResourcesModule.forRoot().cacheManager" must be true or false; got "yes".',
    remedy: '`cacheManager: true`',
  },
  {
    misuse: '`forRoot({ isGlobal: true })`, or any other unknown option',
    attempt: () => startWith({ isGlobal: true }),
    message:
      '"isGlobal" is not an option. Known options: resources, cache, cachedResources, drainTimeout, startTimeout, announceFor, deadlockTimeout, history, clock.',
    remedy: 'nothing: the root is global',
  },
  {
    misuse: '`forRoot()` twice in one module',
    attempt: () => start({ imports: [forRoot({ resources: PG }), forRoot({ cache: { max: 10 } })] }),
    message:
      '"ResourcesModule.forRoot()" is imported 2 times, by AppModule: each would have pools of its own. Keep one, in the root module, and add types elsewhere by ResourcesModule.forFeature().',
    remedy: 'one `forRoot()` with all options',
  },
  {
    misuse: '`forRoot()` in the root, and `forRootAsync()` in the module of a feature',
    attempt: () => {
      @Module({ imports: [forRootAsync({ useFactory: () => ({}) })] })
      class OrdersModule {}
      return start({ imports: [forRoot({ resources: PG }), OrdersModule] });
    },
    message:
      '"ResourcesModule.forRoot()" is imported 2 times, by AppModule and OrdersModule: each would have pools of its own. Keep one, in the root module, and add types elsewhere by ResourcesModule.forFeature().',
    remedy: '`forFeature()` there',
  },
  {
    misuse: '`forRootAsync()` without arguments',
    attempt: () => forRootAsync(),
    message:
      '"ResourcesModule.forRootAsync()" needs { useFactory }, { useClass } or { useExisting }; got undefined.',
    remedy: '`forRootAsync({ useFactory })`',
  },
  {
    misuse: '`forRootAsync({})`',
    attempt: () => forRootAsync({}),
    message:
      '"ResourcesModule.forRootAsync()" needs one of "useFactory", "useClass" and "useExisting"; got none.',
    remedy: '`forRootAsync({ useFactory })`',
  },
  {
    misuse: '`forRootAsync({ useFactory, useClass })`',
    attempt: () => forRootAsync({ useFactory: () => ({}), useClass: class {} }),
    message:
      '"ResourcesModule.forRootAsync()" needs one of "useFactory", "useClass" and "useExisting"; got useFactory and useClass.',
    remedy: 'one of them',
  },
  {
    misuse: '`forRootAsync({ resources, useFactory })`',
    attempt: () => forRootAsync({ resources: PG, useFactory: () => ({}) }),
    message:
      '"ResourcesModule.forRootAsync()" has "resources", which is never read there. Return it from "useFactory", or write forRoot(). Known members: useFactory, useClass, useExisting, inject, imports, provideInjectionTokensFrom, cacheManager.',
    remedy: '`useFactory: () => ({ resources })`',
  },
  {
    misuse: '`forRootAsync({ useFactory: options })`, which is not a function',
    attempt: () => forRootAsync({ useFactory: { resources: PG } }),
    message: '"ResourcesModule.forRootAsync().useFactory" must be a function; got an object.',
    remedy: '`useFactory: () => options`',
  },
  {
    misuse: '`forRootAsync({ useFactory, inject: ConfigService })`',
    attempt: () => forRootAsync({ useFactory: () => ({}), inject: class ConfigService {} }),
    message: '"ResourcesModule.forRootAsync().inject" must be an array of tokens; got a function.',
    remedy: '`inject: [ConfigService]`',
  },
  {
    misuse: 'a `useFactory` that returns nothing',
    attempt: () => start({ imports: [forRootAsync({ useFactory: () => undefined })] }),
    message:
      '"ResourcesModule.forRootAsync()" got no options: useFactory must return an object, and returned undefined (is a "return" missing?).',
    remedy: '`return` the options',
  },
  {
    misuse: 'an asynchronous `useFactory` that returns nothing',
    attempt: () => start({ imports: [forRootAsync({ useFactory: async () => null })] }),
    message:
      '"ResourcesModule.forRootAsync()" got no options: useFactory must return an object, and returned null (is a "return" missing?).',
    remedy: '`return` the options',
  },
  {
    misuse: "a `useFactory` that throws what is not an error: `throw 'no database'`",
    attempt: () =>
      start({
        imports: [
          forRootAsync({
            useFactory: () => {
              // oxlint-disable-next-line no-throw-literal -- is what is tested
              throw 'no database';
            },
          }),
        ],
      }),
    message:
      '"ResourcesModule.forRootAsync()" got no options: useFactory threw what is not an error: no database. Throw an Error.',
    remedy: "`throw new Error('no database')`",
  },
  {
    misuse: 'a `useFactory` that injects what is made per request',
    attempt: () => start({ imports: [forRootAsync({ inject: [REQUEST], useFactory: () => ({}) })] }),
    message:
      '"ResourcesModule.forRootAsync()" injects something that is made per request, and its options are read once, when the application starts. Inject singletons.',
    remedy: 'singletons',
  },
  {
    misuse: 'a `useClass` without `createResourcesOptions()`',
    attempt: () => start({ imports: [forRootAsync({ useClass: class ResourcesConfig {} })] }),
    message:
      '"ResourcesModule.forRootAsync()" got a class without a method createResourcesOptions(), which returns the options. Add it.',
    remedy: 'the method',
  },
  {
    misuse: '`forFeature()` without definitions',
    attempt: () => forFeature(),
    message: '"forFeature" must be an object of factories by resource type; got undefined.',
    remedy: '`forFeature({ scanner })`',
  },
  {
    misuse: '`forFeature([scanner])`',
    attempt: () => forFeature([{ create }]),
    message: '"forFeature" must be an object of factories by resource type; got an array.',
    remedy: '`forFeature({ scanner })`',
  },
  {
    misuse: '`forFeature({ resources: { scanner } })`',
    attempt: () => start({ imports: [forRoot({}), forFeature({ resources: { scanner: { create } } })] }),
    message: '"forFeature.resources.create" must be a function that makes a resource; got undefined.',
    remedy: '`forFeature({ scanner })`',
  },
  {
    misuse: '`forFeature()` without `forRoot()`',
    attempt: () => {
      @Module({ imports: [forFeature({ scanner: { create } })] })
      class ScansModule {}
      return start({ imports: [ScansModule] });
    },
    message:
      '"ResourcesModule.forFeature() of ScansModule" needs a root, which is not imported: RESOURCES:LEASE:scanner finds no ResourceCoordinator. Import ResourcesModule.forRoot() in the root module, too.',
    remedy: '`forRoot()` in the root module, too',
  },
];
