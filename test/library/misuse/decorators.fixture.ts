import { Get } from '@nestjs/common';
import {
  Cached,
  CachedResource,
  CachedResourceFactory,
  Evicts,
  PooledResource,
  ResourceFactory,
} from 'nestjs-resources';
import type { Misuse } from './misuse.fixture.js';

/** The decorators as whoever has no compiler sees them. */
const [Pooled, CachedLease, Factory, CachedFactory, Caches, EvictsTags] = [
  PooledResource,
  CachedResource,
  ResourceFactory,
  CachedResourceFactory,
  Cached,
  Evicts,
].map((decorator) => decorator as (...args: unknown[]) => void);

class OrdersService {}

/** What decorators are given. */
export const DECORATORS: readonly Misuse[] = [
  {
    misuse: '`@PooledResource()` without a type',
    attempt: () => Pooled(),
    message: `"@PooledResource()" needs the name of a resource type, such as @PooledResource('pg'); got undefined.`,
    remedy: "`@PooledResource('pg')`",
  },
  {
    misuse: "`@PooledResource('')`",
    attempt: () => Pooled(''),
    message: `"@PooledResource()" needs the name of a resource type, such as @PooledResource('pg'); got "".`,
    remedy: "`@PooledResource('pg')`",
  },
  {
    misuse: '`@PooledResource(7)`',
    attempt: () => Pooled(7),
    message: `"@PooledResource()" needs the name of a resource type, such as @PooledResource('pg'); got 7.`,
    remedy: "`@PooledResource('pg')`",
  },
  {
    misuse: '`@PooledResource` without parentheses',
    attempt: () => {
      class OrdersController {
        @Get()
        find(@Pooled _pg: unknown): void {}
      }
      return OrdersController;
    },
    message: `"@PooledResource" stands in OrdersController without its arguments, or got a class in their place. Write @PooledResource('pg').`,
    remedy: "`@PooledResource('pg')`",
  },
  {
    misuse: "a text in place of options: `@PooledResource('pg', 'acme')`",
    attempt: () => Pooled('pg', 'acme'),
    message: '"@PooledResource()" takes an object after the type, such as { key: tenantOf }; got "acme".',
    remedy: "`@PooledResource('pg', { key: tenantOf })`",
  },
  {
    misuse: "an unknown option: `@PooledResource('pg', { timeout: '1s' })`",
    attempt: () => Pooled('pg', { timeout: '1s' }),
    message: '"@PooledResource().timeout" is not an option. Known options: key, tenant, priority.',
    remedy: '`acquireTimeout` of the pool, or `timeout` of `acquire()`',
  },
  {
    misuse: "a number in place of a function: `@PooledResource('pg', { priority: NaN })`",
    attempt: () => Pooled('pg', { priority: NaN }),
    message: '"@PooledResource().priority" must be a function; got NaN.',
    remedy: '`{ priority: () => 5 }`',
  },
  {
    misuse: "`@CachedResource('tenantDb')` without a key",
    attempt: () => CachedLease('tenantDb'),
    message: `"@CachedResource('tenantDb')" needs a key, or a function that finds it in the request; got undefined.`,
    remedy: "`@CachedResource('tenantDb', tenantOf)`",
  },
  {
    misuse: "the options of the other decorator: `@CachedResource('tenantDb', { key: tenantOf })`",
    attempt: () => CachedLease('tenantDb', { key: () => 'acme' }),
    message: `"@CachedResource('tenantDb')" needs a key, or a function that finds it in the request; got an object.`,
    remedy: "`@CachedResource('tenantDb', tenantOf)`",
  },
  {
    misuse: '`@CachedResource()` without a type',
    attempt: () => CachedLease(),
    message: `"@CachedResource()" needs the name of a cached resource type, such as @CachedResource('tenantDb', tenantOf); got undefined.`,
    remedy: "`@CachedResource('tenantDb', tenantOf)`",
  },
  {
    misuse: '`@ResourceFactory` without parentheses',
    attempt: () => Factory(OrdersService),
    message: `"@ResourceFactory" stands in OrdersService without its arguments, or got a class in their place. Write @ResourceFactory('sftp').`,
    remedy: "`@ResourceFactory('sftp')`",
  },
  {
    misuse: '`@CachedResourceFactory()` without a type',
    attempt: () => CachedFactory(),
    message: `"@CachedResourceFactory()" needs the name of a resource type, such as @CachedResourceFactory('tenantDb'); got undefined.`,
    remedy: "`@CachedResourceFactory('tenantDb')`",
  },
  {
    misuse: "a number in place of options: `@ResourceFactory('sftp', 4)`",
    attempt: () => Factory('sftp', 4),
    message: `"@ResourceFactory('sftp')" must be an object; got 4.`,
    remedy: "`@ResourceFactory('sftp', { max: 4 })`",
  },
  {
    misuse: '`@Cached` without parentheses',
    attempt: () => Caches(OrdersService.prototype, 'total', {}),
    message:
      '"@Cached" stands in OrdersService without its arguments, or got a class in their place. Write @Cached().',
    remedy: '`@Cached()`',
  },
  {
    misuse: "a text in place of options: `@Cached('prices')`",
    attempt: () => Caches('prices'),
    message: '"@Cached()" must be an object; got "prices".',
    remedy: "`@Cached({ name: 'prices' })`",
  },
  {
    misuse: "`@Cached({ ttl: 'soon' })`",
    attempt: () => Caches({ ttl: 'soon' }),
    message:
      '"@Cached().ttl" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got "soon".',
    remedy: "`@Cached({ ttl: '30s' })`",
  },
  {
    misuse: '`@Cached({ timeToLive: 5 })`',
    attempt: () => Caches({ timeToLive: 5 }),
    message:
      '"@Cached().timeToLive" is not an option. Known options: key, by, name, ttl, tags, staleWhileRevalidate, staleIfError, refreshAhead, negativeTtl.',
    remedy: '`ttl`',
  },
  {
    misuse: '`@Evicts()` without tags',
    attempt: () => EvictsTags({}),
    message: '"@Evicts().tags" is required: the tags of the entries to evict.',
    remedy: "`@Evicts({ tags: ['prices'] })`",
  },
  {
    misuse: "`@Evicts({ tags: 'prices' })`",
    attempt: () => EvictsTags({ tags: 'prices' }),
    message: '"@Evicts().tags" must be an array of strings or a function of the arguments; got "prices".',
    remedy: "`@Evicts({ tags: ['prices'] })`",
  },
];
