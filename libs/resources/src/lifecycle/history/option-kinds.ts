import type {
  CacheAbandonmentOptions,
  CacheLeakOptions,
  CacheLeaseOptions,
  CacheLoadOptions,
  CacheOptions,
} from '../../cache/cache-options.js';
import type { CachedResourceOptions, CachedValidationOptions } from '../../cache/cached-resource-options.js';
import type { CredentialsOptions } from '../../pool/creation/credentials-options.js';
import type { Readiness } from '../../options/readiness.js';
import type { ReserveOptions } from '../../pool/sizing/reserve-options.js';
import type {
  CreationBreakerOptions,
  CreationOptions,
  CreationRetryOptions,
} from '../../pool/creation/creation-options.js';
import type { KeyedOptions } from '../../pool/keyed/keyed-options.js';
import type { AbandonmentOptions } from '../../pool/leases/abandonment-options.js';
import type { LeakOptions } from '../../pool/leases/leak-options.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { CoDelOptions, QueueOptions } from '../../pool/queue/queue-options.js';
import type { QuotaOptions } from '../../pool/queue/quota-options.js';
import type { SizingOptions } from '../../pool/sizing/sizing-options.js';
import type { LendingOptions } from '../../pool/slots/lending-options.js';
import type { PruneOptions, RetirementOptions } from '../../pool/upkeep/retirement-options.js';
import type { ValidationOptions, ValidationTimeouts } from '../../pool/upkeep/validation-options.js';

/**
 * What the value of an option may be. `foreign` is whatever else an application gives: a function, an object of its own, a secret. Of
 * these nothing is shown and nothing is written.
 */
export type OptionKind =
  | { readonly is: 'number' }
  | { readonly is: 'flag' }
  | { readonly is: 'duration' }
  | { readonly is: 'name'; readonly names: readonly string[] }
  | { readonly is: 'foreign' }
  | GroupKind;

/** A group of options, which may have a value in place of a group. */
export interface GroupKind {
  readonly is: 'group';
  readonly members: Readonly<Record<string, OptionKind>>;
  readonly otherwise: OptionKind;
}

/** Every option of an interface has its kind: one that is added and forgotten here does not compile. */
type KindsOf<O> = { readonly [N in keyof Required<O>]: OptionKind };

const NUMBER = { is: 'number' } as const;
const FLAG = { is: 'flag' } as const;
const DURATION = { is: 'duration' } as const;
/** Of what is not listed here, too: it can't be known to be harmless. */
export const FOREIGN = { is: 'foreign' } as const;

/** One of several names. @param names all of them: one that is missing does not compile */
function oneOf<N extends string>(names: Readonly<Record<N, true>>): OptionKind {
  return { is: 'name', names: Object.keys(names) };
}

function group<O>(members: KindsOf<O>, otherwise: OptionKind = FOREIGN): GroupKind {
  return { is: 'group', members, otherwise };
}

type Given<O, N extends keyof O> = NonNullable<O[N]>;

/** The options of a pool, which are all the policies that it has. */
export const POOL_KINDS = group<PoolOptions>({
  min: NUMBER,
  minIdle: NUMBER,
  max: NUMBER,
  acquireTimeout: DURATION,
  idleTimeout: DURATION,
  maxLifetime: DURATION,
  maxUses: NUMBER,
  maxLeaseTime: DURATION,
  maxWaiting: NUMBER,
  queue: group<QueueOptions>({
    order: oneOf<Given<QueueOptions, 'order'>>({ fifo: true, lifo: true, priority: true, fair: true }),
    ageing: DURATION,
    coDel: group<CoDelOptions>({ target: DURATION, interval: DURATION }),
  }),
  lending: group<LendingOptions>({
    order: oneOf<Given<LendingOptions, 'order'>>({ mostRecent: true, leastRecent: true }),
  }),
  validation: group<ValidationOptions>({
    onBorrow: FLAG,
    aliveBypass: DURATION,
    onReturn: FLAG,
    keepAlive: DURATION,
    timeout: group<ValidationTimeouts>(
      { onBorrow: DURATION, onReturn: DURATION, keepAlive: DURATION, reset: DURATION },
      DURATION,
    ),
    isFatal: FOREIGN,
  }),
  creation: group<CreationOptions>({
    concurrency: NUMBER,
    timeout: DURATION,
    retry: group<CreationRetryOptions>({ attempts: NUMBER, delay: DURATION, maxDelay: DURATION }),
    breaker: group<CreationBreakerOptions>({ failures: NUMBER, cooldown: DURATION, maxCooldown: DURATION }),
    policy: FOREIGN,
  }),
  retirement: group<RetirementOptions>({
    timeout: DURATION,
    jitter: NUMBER,
    predicate: FOREIGN,
    prune: group<PruneOptions>({ interval: DURATION, samples: NUMBER }),
  }),
  sizing: group<SizingOptions>({
    mode: oneOf<Given<SizingOptions, 'mode'>>({ elastic: true, fixed: true, adaptive: true }),
    least: NUMBER,
    most: NUMBER,
    interval: DURATION,
  }),
  quota: group<QuotaOptions>({ max: NUMBER, budget: FOREIGN }),
  leaks: group<LeakOptions>({
    warnAfter: DURATION,
    stack: oneOf<Given<LeakOptions, 'stack'>>({ off: true, sampled: true, always: true }),
    reclaimCollected: FLAG,
  }),
  abandonment: group<AbandonmentOptions>({
    wait: DURATION,
    // oxlint-disable-next-line unicorn/no-thenable -- a word, not a function
    then: oneOf<Given<AbandonmentOptions, 'then'>>({ retire: true }),
    max: NUMBER,
  }),
  keyed: group<KeyedOptions>({ max: NUMBER, maxKeys: NUMBER }),
  readiness: oneOf<Readiness>({ required: true, ignored: true }),
  reserve: group<ReserveOptions>({ health: NUMBER }),
  credentials: group<CredentialsOptions>({ secret: FOREIGN, isAuthenticationError: FOREIGN }),
});

/** The options of a cache, that of a cached type included. */
export const CACHE_KINDS = group<CacheOptions & Omit<CachedResourceOptions, keyof CacheOptions>>({
  max: NUMBER,
  maxWeight: NUMBER,
  weigh: FOREIGN,
  eviction: oneOf<Given<CacheOptions, 'eviction'>>({
    adaptive: true,
    'w-tinylfu': true,
    lru: true,
    's3-fifo': true,
    sieve: true,
    fifo: true,
  }),
  ttl: DURATION,
  idleTtl: DURATION,
  jitter: NUMBER,
  stores: FOREIGN,
  load: group<CacheLoadOptions>({
    timeout: DURATION,
    staleWhileRevalidate: DURATION,
    staleIfError: DURATION,
    refreshAhead: DURATION,
    negativeTtl: DURATION,
    errorTtl: DURATION,
  }),
  lease: group<CacheLeaseOptions>({ timeout: DURATION, maxWaiting: NUMBER, destroyTimeout: DURATION }),
  validation: group<CachedValidationOptions>({
    onBorrow: FLAG,
    aliveBypass: DURATION,
    keepAlive: DURATION,
    timeout: DURATION,
    isFatal: FOREIGN,
  }),
  abandonment: group<CacheAbandonmentOptions>({ wait: DURATION, max: NUMBER }),
  leaks: group<CacheLeakOptions>({
    stack: oneOf<Given<CacheLeakOptions, 'stack'>>({ off: true, sampled: true, always: true }),
  }),
  readiness: oneOf<Readiness>({ required: true, ignored: true }),
});
