import { getCachedLeaseToken, getLeaseToken, ResourceBudget, ResourceCoordinator } from 'nestjs-resources';
import { CachedResources, ResourceCache } from 'nestjs-resources/cache';
import { ResourcePool } from 'nestjs-resources/pool';
import { create, type Misuse, startWith } from './misuse.fixture.js';
import { make, untyped } from './untyped.fixture.js';

const cache = () => untyped(new ResourceCache());

class PgFactory {
  create = create;
}

/** Values of options, and what the other functions are given. */
export const VALUES: readonly Misuse[] = [
  {
    misuse: "`drainTimeout: 'soon'`",
    attempt: () => make(ResourceCoordinator, { drainTimeout: 'soon' }),
    message:
      '"drainTimeout" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got "soon".',
    remedy: "`'10s'`, or milliseconds",
  },
  {
    misuse: '`drainTimeout: -1`',
    attempt: () => make(ResourceCoordinator, { drainTimeout: -1 }),
    message:
      '"drainTimeout" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got -1.',
    remedy: 'a duration from 0',
  },
  {
    misuse: '`drainTimeout: NaN`',
    attempt: () => make(ResourceCoordinator, { drainTimeout: NaN }),
    message:
      '"drainTimeout" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got NaN.',
    remedy: 'a duration from 0',
  },
  {
    misuse: '`deadlockTimeout: 0`',
    attempt: () => make(ResourceCoordinator, { deadlockTimeout: 0 }),
    message: '"deadlockTimeout" must be more than 0; use Infinity for no limit.',
    remedy: '`Infinity` for never',
  },
  {
    misuse: '`clock: {}`',
    attempt: () => make(ResourceCoordinator, { clock: {} }),
    message: '"clock.now" must be a function, as a clock has; got undefined.',
    remedy: 'an object with the methods of a clock',
  },
  {
    misuse: "`logging: 'debug'`",
    attempt: () => startWith({ logging: 'debug' }),
    message: '"logging" must be one of "error", "warn", "log"; got "debug".',
    remedy: "`'error'`, `'warn'`, `'log'`, `true` or `false`",
  },
  {
    misuse: '`cache: []`',
    attempt: () => make(ResourceCoordinator, { cache: [] }),
    message: '"cache" must be an object; got an array.',
    remedy: '`cache: { max: 1_000 }`',
  },
  {
    misuse: '`pool: { max: 0 }`',
    attempt: () => make(ResourceCoordinator, { resources: { pg: { create, pool: { max: 0 } } } }),
    message: '"resources.pg.pool.max" must be a whole number of at least 1; got 0.',
    remedy: 'at least 1',
  },
  {
    misuse: '`pool: { min: 3, max: 2 }`',
    attempt: () => make(ResourceCoordinator, { resources: { pg: { create, pool: { min: 3, max: 2 } } } }),
    message: '"resources.pg.pool.min" must not be greater than "max"; got min 3 and max 2.',
    remedy: '`min` up to `max`',
  },
  {
    misuse: "`pool: { acquireTimeout: '10 parsecs' }`",
    attempt: () =>
      make(ResourceCoordinator, { resources: { pg: { create, pool: { acquireTimeout: '10 parsecs' } } } }),
    message:
      '"resources.pg.pool.acquireTimeout" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got "10 parsecs".',
    remedy: "`'2s'`, or milliseconds",
  },
  {
    misuse: '`pool: { size: 3 }`',
    attempt: () => make(ResourceCoordinator, { resources: { pg: { create, pool: { size: 3 } } } }),
    message:
      '"resources.pg.pool.size" is not an option. Known options: min, minIdle, max, acquireTimeout, idleTimeout, maxLifetime, maxUses, maxLeaseTime, maxWaiting, readiness, reserve, queue, lending, validation, creation, credentials, retirement, sizing, quota, leaks, abandonment, keyed.',
    remedy: '`max`',
  },
  {
    misuse: '`new ResourcePool(PgFactory)`',
    attempt: () => make(ResourcePool, PgFactory),
    message:
      '"factory" must be a factory with a "create" method; got a class. Give it an instance, or decorate the class with @ResourceFactory() or @CachedResourceFactory() and provide it.',
    remedy: '`new ResourcePool(new PgFactory())`',
  },
  {
    misuse: '`new ResourcePool(factory, { type: 5 })`',
    attempt: () => make(ResourcePool, { create }, { type: 5 }),
    message: '"type" must be a non-empty string; got 5.',
    remedy: 'a name',
  },
  {
    misuse: '`new ResourceBudget({ max: 20 })`',
    attempt: () => make(ResourceBudget, { max: 20 }),
    message: '"total" must be a whole number of at least 1; got an object.',
    remedy: '`new ResourceBudget(20)`',
  },
  {
    misuse: "`new CachedResources('users', UsersFactory)`",
    attempt: () => make(CachedResources, 'users', PgFactory),
    message:
      '"users" must be a factory with a "create" method; got a class. Give it an instance, or decorate the class with @ResourceFactory() or @CachedResourceFactory() and provide it.',
    remedy: '`new UsersFactory()`',
  },
  {
    misuse: "`cache.wrap('key')` without a load",
    attempt: () => cache().wrap('key'),
    message: '"load" must be a function that makes the value; got undefined.',
    remedy: "`cache.wrap('key', () => load())`",
  },
  {
    misuse: "`cache.wrap('key', load, 5_000)`",
    attempt: () => cache().wrap('key', create, 5_000),
    message: '"options" must be an object; got 5000.',
    remedy: '`{ ttl: 5_000 }`',
  },
  {
    misuse: '`cache.put(5, value)`',
    attempt: () => cache().put(5, 'value'),
    message: '"key" must be a string; got 5. Build it from what identifies the value.',
    remedy: 'a string that says what the value is',
  },
  {
    misuse: "`cache.invalidateTags('prices')`",
    attempt: () => cache().invalidateTags('prices'),
    message: '"tags" must be an array of strings; got "prices".',
    remedy: "`cache.invalidateTags(['prices'])`",
  },
  {
    misuse: '`getLeaseToken()` without a type',
    attempt: () => untyped({ getLeaseToken }).getLeaseToken(),
    message: `"getLeaseToken()" needs the name of a resource type, such as getLeaseToken('pg'); got undefined.`,
    remedy: "`getLeaseToken('pg')`",
  },
  {
    misuse: "`getCachedLeaseToken('tenantDb')` without a key",
    attempt: () => untyped({ getCachedLeaseToken }).getCachedLeaseToken('tenantDb'),
    message: `"getCachedLeaseToken('tenantDb')" needs a key, or a function that finds it in the request; got undefined.`,
    remedy: "`getCachedLeaseToken('tenantDb', tenantOf)`",
  },
];
