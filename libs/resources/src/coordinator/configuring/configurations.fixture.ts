import * as fc from 'fast-check';
import { readCacheOptions, type CacheOptions } from '../../cache/cache-options.js';
import type { CachedResourceOptions } from '../../cache/cached-resource-options.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import { readKeyedPoolOptions } from '../../pool/keyed/keyed-pool-settings.js';
import { type PoolOptions, readPoolOptions } from '../../pool/pool-options.js';
import type { CoordinatorOptions } from '../coordinator-options.js';
import type { StartOptions } from '../starting/start-options.js';
import { ResourceCoordinator } from '../resource-coordinator.js';

/*
 * Configurations of coordinators, whatever can be given to one: every option of pools and caches, types of all kinds, factories of all kinds.
 */

const span = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.constantFrom('250ms', '30s', ' 5m ', '1 h', '1d', '1.5s'),
);
const spanOrNever = fc.oneof({ weight: 4, arbitrary: span }, { weight: 1, arbitrary: fc.constant(Infinity) });
const duration = fc.oneof({ weight: 4, arbitrary: spanOrNever }, { weight: 1, arbitrary: fc.constant(0) });
const count = fc.integer({ min: 1, max: 50 });
const countOrNone = fc.oneof(count, fc.constant(Infinity));
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const foreign = fc.constantFrom(
  () => true,
  () => false,
);

/** Some of the members, some of them `undefined`: that is the same as none. */
function some<T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;
}

const readiness = fc.constantFrom('required' as const, 'ignored' as const);

const bounds = fc.oneof(
  some({
    min: fc.integer({ min: 0, max: 3 }),
    minIdle: fc.integer({ min: 0, max: 3 }),
    max: fc.integer({ min: 3, max: 20 }),
  }),
  fc.record({
    sizing: fc.record({ mode: fc.constant('adaptive' as const), least: fc.integer({ min: 1, max: 4 }) }),
  }),
  fc.record({ max: fc.integer({ min: 1, max: 5 }), sizing: fc.constant({ mode: 'fixed' as const }) }),
);

const others = some<PoolOptions>({
  acquireTimeout: spanOrNever,
  idleTimeout: spanOrNever,
  maxLifetime: spanOrNever,
  maxUses: countOrNone,
  maxLeaseTime: spanOrNever,
  maxWaiting: countOrNone,
  queue: fc.oneof(
    some({
      order: fc.constantFrom('fifo' as const, 'lifo' as const, 'fair' as const),
      coDel: some({ target: span, interval: span }),
    }),
    fc.record({ order: fc.constant('priority' as const), ageing: spanOrNever }),
  ),
  lending: some({ order: fc.constantFrom('mostRecent' as const, 'leastRecent' as const) }),
  validation: some({
    onBorrow: fc.boolean(),
    aliveBypass: duration,
    onReturn: fc.boolean(),
    keepAlive: spanOrNever,
    timeout: fc.oneof(span, some({ onBorrow: span, onReturn: span, keepAlive: span, reset: span })),
    isFatal: foreign,
  }),
  creation: fc.oneof(
    some({
      concurrency: countOrNone,
      timeout: span,
      retry: some({
        attempts: count,
        delay: fc.integer({ min: 1, max: 100 }),
        maxDelay: fc.integer({ min: 100, max: 9_000 }),
      }),
      breaker: some({
        failures: countOrNone,
        cooldown: fc.integer({ min: 1, max: 100 }),
        maxCooldown: fc.integer({ min: 200, max: 900 }),
      }),
    }),
    fc.record({ policy: fc.constant({ execute: <R>(fn: (c: never) => R) => fn({} as never) } as never) }),
  ),
  retirement: some({
    timeout: span,
    jitter: share,
    predicate: foreign,
    prune: some({ interval: span, samples: count }),
  }),
  quota: some({ max: countOrNone }),
  readiness,
  reserve: some({ health: fc.integer({ min: 0, max: 2 }) }),
  credentials: fc.oneof(
    fc.record({ secret: foreign }),
    fc.record({ secret: foreign, isAuthenticationError: foreign }),
  ),
  leaks: some({
    warnAfter: spanOrNever,
    stack: fc.constantFrom('off' as const, 'sampled' as const, 'always' as const),
    reclaimCollected: fc.boolean(),
  }),
  // oxlint-disable-next-line unicorn/no-thenable -- a word, not a function
  abandonment: some({ wait: duration, then: fc.constant('retire' as const), max: share }),
});

const keyed = fc.option(some({ max: fc.integer({ min: 3, max: 90 }), maxKeys: count }), { nil: undefined });

/** Options of a pool that can work. */
export const poolOptions: fc.Arbitrary<PoolOptions> = fc
  .tuple(bounds, others)
  .map(([sizes, rest]): PoolOptions => ({ ...rest, ...sizes }))
  .filter((options) => works(() => readPoolOptions(options, '', 'any', true)));

const keyedOptions = fc
  .tuple(poolOptions, keyed)
  .map(([options, keys]): PoolOptions => (keys === undefined ? options : { ...options, keyed: keys }))
  .filter(
    (options) => options.keyed === undefined || works(() => readKeyedPoolOptions(options, 'any', true)),
  );

const cacheOptions: fc.Arbitrary<CacheOptions> = some<CacheOptions>({
  max: count,
  maxWeight: countOrNone,
  weigh: fc.constant(() => 1),
  eviction: fc.constantFrom(
    'adaptive' as const,
    'w-tinylfu' as const,
    'lru' as const,
    's3-fifo' as const,
    'sieve' as const,
    'fifo' as const,
  ),
  ttl: spanOrNever,
  idleTtl: spanOrNever,
  jitter: share,
  load: some({
    timeout: span,
    staleWhileRevalidate: duration,
    staleIfError: duration,
    refreshAhead: duration,
    negativeTtl: duration,
    errorTtl: duration,
  }),
  lease: some({ timeout: span, maxWaiting: countOrNone, destroyTimeout: span }),
  validation: some({ onBorrow: fc.constant(false), aliveBypass: duration, timeout: span, isFatal: foreign }),
  abandonment: some({ wait: duration, max: share }),
  leaks: some({ stack: fc.constantFrom('off' as const, 'always' as const) }),
}).filter((options) => works(() => readCacheOptions(options, '')));

class Client {
  create(): object {
    return {};
  }

  destroy(): void {
    // Nothing to end.
  }
}

/** Factories: plain ones, with fewer or more hooks, and instances of classes. */
export const factory: fc.Arbitrary<ResourceFactory<object>> = fc.oneof(
  fc.constant({ create: () => ({}) }),
  fc.constant({ create: () => ({}), destroy: () => undefined, reset: () => undefined }),
  fc.constant({ create: () => ({}), validate: () => true }),
  fc.constant(null).map(() => new Client()),
);

const typeName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('pg', 'redis', 'sftp', 'worker') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'constructor',
      'toString',
      'a.b[0]',
      'x@1',
      'run:pg@2',
      '***',
      ' ',
      'x\r\n[Nest] LOG',
    ),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1 }).filter((name) => name !== '__proto__') },
);

const start = some<StartOptions>({
  dependsOn: fc.array(typeName, { maxLength: 2 }),
  optional: fc.boolean(),
  startTimeout: spanOrNever,
});

/** Everything that a coordinator is given, by name. */
export interface Given {
  readonly pooled: {
    readonly type: string;
    readonly factory: ResourceFactory<object>;
    readonly options: PoolOptions;
    readonly start: StartOptions;
  }[];
  readonly cached: {
    readonly type: string;
    readonly factory: Client;
    readonly options: CachedResourceOptions;
    readonly start: StartOptions;
  }[];
  readonly cache: CacheOptions;
}

export const given: fc.Arbitrary<Given> = fc.record({
  pooled: fc.uniqueArray(fc.record({ type: typeName, factory, options: keyedOptions, start }).filter(canBe), {
    minLength: 1,
    maxLength: 4,
    selector: ({ type }) => type,
  }),
  cached: fc.uniqueArray(
    fc.record({
      type: typeName,
      factory: fc.constant(null).map(() => new Client()),
      options: fc
        .tuple(cacheOptions, some({ readiness }))
        .map(([options, others]): CachedResourceOptions => ({ ...options, ...others })),
      start,
    }),
    { maxLength: 2, selector: ({ type }) => type },
  ),
  cache: cacheOptions,
});

export function coordinatorOf(
  { pooled, cached, cache }: Given,
  options: CoordinatorOptions = {},
): ResourceCoordinator {
  const coordinator = new ResourceCoordinator({ ...options, cache });
  for (const { type, factory, options, start } of pooled)
    coordinator.register(type, factory, { ...options, ...start });
  for (const { type, factory, options, start } of cached)
    coordinator.registerCached(type, factory, { ...options, ...start });
  return coordinator;
}

/** Whether the factory has what the options need. */
function canBe({ factory, options }: Pick<Given['pooled'][number], 'factory' | 'options'>): boolean {
  const canValidate = factory.validate !== undefined;
  return works(() =>
    options.keyed === undefined
      ? readPoolOptions(options, '', 'any', canValidate)
      : readKeyedPoolOptions(options, 'any', canValidate),
  );
}

/** All that is in force. */
export function inForce(coordinator: ResourceCoordinator): unknown {
  return [...coordinator.pools].map(([type, pool]) => {
    const { factory, options } = pool.configuration;
    return { type, factory, options, settings: JSON.stringify(pool.configuration.settings) };
  });
}

function works(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
