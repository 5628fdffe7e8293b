import {
  type CreateContext,
  ResourceCreationError,
  type ResourceDefinition,
  UnknownResourceError,
} from 'nestjs-resources';
import { create, type Misuse, startWith } from './misuse.fixture.js';

const pooled = (pg: unknown) => () => startWith({ resources: { pg } });
const cached = (tenantDb: unknown) => () => startWith({ cachedResources: { tenantDb } });

class PgFactory {
  create = create;
}

/** What stands under `resources` and `cachedResources`. */
export const DEFINITIONS: readonly Misuse[] = [
  {
    misuse: 'an option of the pool beside the factory: `pg: { create, max: 3 }`',
    attempt: pooled({ create, max: 3 }),
    message: '"resources.pg.max" is an option of the pool: put it under "pool".',
    remedy: '`pool: { max: 3 }`',
  },
  {
    misuse: 'an option of the cache beside the factory: `tenantDb: { create, max: 3 }`',
    attempt: cached({ create, max: 3 }),
    message: '"cachedResources.tenantDb.max" is an option of the cache: put it under "cache".',
    remedy: '`cache: { max: 3 }`',
  },
  {
    misuse: 'the hook of another library: `pg: { create, dispose }`',
    attempt: pooled({ create, dispose: () => undefined }),
    message: '"resources.pg.dispose" is never called; what ends the life of a resource is called "destroy".',
    remedy: '`destroy`',
  },
  {
    misuse: 'a hook whose name is misspelt: `pg: { create, destory }`',
    attempt: pooled({ create, destory: () => undefined }),
    message:
      '"resources.pg.destory" is never read. Known members: create, destroy, validate, reset, transactions, pool, dependsOn, optional, startTimeout. Whatever else a factory needs belongs around it, or in a class.',
    remedy: 'one of the known names; what else the factory needs, in a closure or a class',
  },
  {
    misuse: 'the hook of a pool on a cached type: `tenantDb: { create, reset }`',
    attempt: cached({ create, reset: () => undefined }),
    message:
      '"cachedResources.tenantDb.reset" is never called: others may be using the resource. Remove it, or lend the type from a pool, under "resources".',
    remedy: 'remove `reset`, or make it a pooled type',
  },
  {
    misuse: 'the group of the other kind: `pg: { create, cache: {} }`',
    attempt: pooled({ create, cache: {} }),
    message:
      '"resources.pg.cache" belongs to cached types: put the type under "cachedResources", or its options under "pool".',
    remedy: '`cachedResources`, or `pool`',
  },
  {
    misuse: 'the group of the other kind: `tenantDb: { create, pool: {} }`',
    attempt: cached({ create, pool: {} }),
    message:
      '"cachedResources.tenantDb.pool" belongs to pooled types: put the type under "resources", or its options under "cache".',
    remedy: '`resources`, or `cache`',
  },
  {
    misuse: 'stores for live resources: `tenantDb: { create, cache: { stores } }`',
    attempt: cached({ create, cache: { stores: [] } }),
    message:
      '"cachedResources.tenantDb.cache.stores" is for values only: a live resource stays in the process.',
    remedy: 'remove `stores`',
  },
  {
    misuse: 'a factory without `create`: `pg: { make }`',
    attempt: pooled({ make: create }),
    message: '"resources.pg.create" must be a function that makes a resource; got undefined.',
    remedy: '`create`',
  },
  {
    misuse: 'a hook that is not a function: `pg: { create, validate: true }`',
    attempt: pooled({ create, validate: true }),
    message: '"resources.pg.validate" must be a function when given; got true.',
    remedy: 'a function, or nothing',
  },
  {
    misuse: 'the class in place of an instance: `pg: PgFactory`',
    attempt: pooled(PgFactory),
    message:
      '"resources.pg" must be a factory with a "create" method; got a class. Give it an instance, or decorate the class with @ResourceFactory() or @CachedResourceFactory() and provide it.',
    remedy: "`new PgFactory()`, or `@ResourceFactory('pg')` on the class",
  },
  {
    misuse: 'a function in place of a factory: `pg: () => connect()`',
    attempt: pooled(create),
    message:
      '"resources.pg" must be a factory with a "create" method; got a function. Write { create: thatFunction }.',
    remedy: '`{ create: () => connect() }`',
  },
  {
    misuse: 'nothing, such as what a circular import has not exported yet: `pg: undefined`',
    attempt: pooled(undefined),
    message: '"resources.pg" must be a factory with a "create" method; got undefined.',
    remedy: 'a factory',
  },
  {
    misuse: '`pool: null`',
    attempt: pooled({ create, pool: null }),
    message: '"resources.pg.pool" must be an object; got null.',
    remedy: 'an object, or nothing',
  },
  {
    misuse: 'a list of factories: `resources: [pg]`',
    attempt: () => startWith({ resources: [{ create }] }),
    message: '"resources" must be an object of factories by resource type; got an array.',
    remedy: '`resources: { pg }`',
  },
  {
    misuse: "a map of factories: `resources: new Map([['pg', pg]])`",
    attempt: () => startWith({ resources: new Map([['pg', { create }]]) }),
    message:
      '"resources" must be a plain object of factories by resource type, such as { pg: factory }: what it inherits, or holds as a Map does, is never read.',
    remedy: '`resources: { pg }`, or `Object.fromEntries(map)`',
  },
  {
    misuse: "a type named `''`",
    attempt: () => startWith({ resources: { '': { create } } }),
    message: '"resources" has a resource type without a name; give it one, such as "pg".',
    remedy: 'a name',
  },
  {
    misuse: "a type named `'__proto__'`, as a property",
    attempt: () => startWith({ resources: { ['__proto__']: { create } } }),
    message:
      '"resources" has a resource type "__proto__", and objects by type, such as stats(), could not tell it from their prototype; give it another name, such as "pg".',
    remedy: 'another name',
  },
  {
    misuse: 'a type named `__proto__`, as a literal, which names the prototype',
    attempt: () => startWith({ resources: { __proto__: { create } } }),
    message:
      '"resources" must be a plain object of factories by resource type, such as { pg: factory }: what it inherits, or holds as a Map does, is never read.',
    remedy: 'another name',
  },
  {
    misuse:
      'proving each loan without a way to prove it: `pg: { create, pool: { validation: { onBorrow: true } } }`',
    attempt: pooled({ create, pool: { validation: { onBorrow: true } } }),
    message:
      '"resources.pg.pool.validation.onBorrow" needs a factory with a "validate" method; add one, or leave the option out.',
    remedy: '`validate`',
  },
  {
    misuse: 'a factory that brings nothing, because of a forgotten `return`, with `pool: { min: 1 }`',
    attempt: pooled({
      create: (_context: CreateContext) => undefined,
      pool: { min: 1, creation: { retry: { attempts: 1 } } },
    } satisfies ResourceDefinition),
    error: ResourceCreationError,
    message:
      'The factory of "pg" could not create a resource: "factory.create" must return a resource; it returned undefined (is a "return" missing?). Change the factory.',
    remedy: '`return` what it has made',
  },
  {
    misuse:
      "types that depend on each other: `pg: { create, dependsOn: ['tunnel'] }, tunnel: { create, dependsOn: ['pg'] }`",
    attempt: () =>
      startWith({
        resources: { pg: { create, dependsOn: ['tunnel'] }, tunnel: { create, dependsOn: ['pg'] } },
      }),
    message:
      '"resources.pg.dependsOn" makes a circle: pg -> tunnel -> pg. None of them could start before the others: take one of these dependencies out.',
    remedy: 'one of the two dependencies',
  },
  {
    misuse: "a dependency that nobody registered: `pg: { create, dependsOn: ['tunel'] }`",
    attempt: pooled({ create, dependsOn: ['tunel'] }),
    error: UnknownResourceError,
    message:
      'No resource type "tunel" is registered (known: pg). "dependsOn" of pg asks for it. Check the spelling, add it to "resources" of ResourcesModule.forRoot(), or provide a @ResourceFactory("tunel") class.',
    remedy: 'the name of a type',
  },
  {
    misuse: "a name in place of names: `pg: { create, dependsOn: 'tunnel' }`",
    attempt: pooled({ create, dependsOn: 'tunnel' }),
    message: '"resources.pg.dependsOn" must be an array of resource types, such as ["tunnel"]; got "tunnel".',
    remedy: "`dependsOn: ['tunnel']`",
  },
];
