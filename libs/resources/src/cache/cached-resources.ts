import { CacheFullError } from '../errors/cache/cache-full-error.js';
import { CacheTimeoutError } from '../errors/cache/cache-timeout-error.js';
import { DeadlockError } from '../errors/deadlock-error.js';
import { isError } from '../words/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { checkFactoryMethods } from '../options/factory-methods.js';
import type { Readiness } from '../options/readiness.js';
import { checkIsResource } from '../hooks/check-resource.js';
import { InService } from '../hooks/in-service.js';
import type { DestroyContext } from '../hooks/destroyer.js';
import { isAnswer } from '../hooks/final-failure.js';
import { isObject } from '../hooks/is-object.js';
import {
  type FailedLease,
  handleWorkFailure,
  type IsFatal,
  type WorkFailureListener,
} from '../hooks/work-failure.js';
import type { Duration } from '../time/duration.js';
import type { CacheListener } from '../reports/cache-event.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { CacheEvents } from './cache-events.js';
import type { CacheLease } from './live/cache-lease.js';
import type { CacheLeaseInfo } from '../reports/lease-info.js';
import { type CachedResourceOptions, readCachedResourceOptions } from './cached-resource-options.js';
import type { CacheStats } from '../reports/cache-stats.js';
import { type LeaseOptions, type LoadContext, readOptions } from './entry-options.js';
import type { CacheReport } from '../reports/cache-report.js';
import type { CacheContext } from './cache-context.js';
import { ResourceCache } from './resource-cache.js';
import { isA } from '../words/is-a.js';

/** What `create` is told. */
export interface CreateCachedContext {
  /** Which of the type's resources: a tenant's id. */
  readonly key: string;
  /** Aborted when nobody waits for the resource any more, or when the load's time is up. */
  readonly signal: AbortSignal;
  /**
   * Tells the cache that this resource has died: a connection that the other side closed. It leaves the cache at that moment, is not lent
   * again, and is destroyed when its last lease has ended. May be called at any time and any number of times.
   */
  readonly retire: (cause?: unknown) => void;
}

/**
 * Makes the resources of one cached type, one per key, and ends them. The same kind of object as a pool's factory, except that
 * `reset` is not called: others may be using the resource.
 */
export interface CachedResourceFactory<T> {
  /**
   * Makes the resource of a key. An error that is an answer, such as Nest's `NotFoundException`, reaches those who asked for the key as it is.
   */
  create(context: CreateCachedContext): T | PromiseLike<T>;
  /** Called once, when the resource has left the cache and its last lease has ended. It has `lease.destroyTimeout`. */
  destroy?(resource: T, context: DestroyContext): unknown;
  /**
   * Whether it still works. Called before it is lent, if nobody uses it and it has shown no sign of life within
   * `validation.aliveBypass`. `true` means yes; anything else, a throw or no answer within `validation.timeout` included, takes it out
   * of the cache, and the caller gets a new one. It does not run in the context of a request.
   */
  validate?(resource: T): boolean | PromiseLike<boolean>;
}

/** Options of one lease of a cached resource type. */
export type CachedLeaseOptions = Omit<LeaseOptions<unknown>, 'destroy' | 'validate' | 'ttl' | 'tags'>;

const ONE_PER_KEY = 'Give each key one of its own, or leave "destroy" out and end what keys share elsewhere';

/**
 * The resources of one type, one per key, in a cache of their own: a database client per tenant, at most `max` of them
 * at a time. It only knows how they are made; keeping, lending and ending them is the cache's job.
 */
export class CachedResources<T> {
  private readonly cache: ResourceCache;
  private readonly events: CacheEvents;
  private readonly fates = new WeakMap<object, Fate>();

  // They outlive the first caller, and so they keep nothing of the caller; nor does an error that others get, too.

  private readonly create = async ({ key, signal }: LoadContext): Promise<T> => {
    const fate: Fate = { death: undefined, lent: false, told: false };
    let made: T | undefined;
    const retire = (cause?: unknown): void => {
      fate.death ??= { cause: cause ?? new Error('it died before its first loan') };
      if (made !== undefined) this.cache.store.retire(key, made);
    };
    try {
      const resource = await this.factory.create({ key, signal, retire });
      if (this.inService === undefined) checkIsResource(resource, this.type);
      else this.inService.enter(resource, this.type);
      made = resource;
      if (isObject(resource)) this.fates.set(resource, fate);
      return resource;
    } catch (error) {
      if (isA(error, DeadlockError)) throw error; // it is not the factory that failed
      if (!isAnswer(error)) this.events.emit({ kind: 'creationFailed', type: this.type, key, cause: error });
      throw new Failure(error);
    }
  };

  private readonly destroy = async (resource: unknown, context: DestroyContext): Promise<void> => {
    try {
      await this.factory.destroy?.(resource as T, context); // `create` made it
    } finally {
      this.inService?.leave(resource);
    }
  };

  /** What is never destroyed may stand under several keys. */
  private readonly inService: InService | undefined;

  /** Whether the application is not ready while the type is closed. */
  readonly readiness: Readiness;
  /** Whether it has stopped taking callers, for good. */
  closed = false;
  private readonly validate: LeaseOptions<unknown>['validate'];
  private readonly isFatal: IsFatal | undefined;
  private readonly ground: NeutralGround;

  /**
   * @param type the name of the resource type
   * @throws InvalidOptionsError when the factory or an option cannot work
   */
  constructor(
    readonly type: string,
    private readonly factory: CachedResourceFactory<T>,
    options: CachedResourceOptions = {},
    context: Omit<CacheContext, 'type'> = {},
  ) {
    const { at = type, ground = new NeutralGround(), ...others } = context;
    checkFactoryMethods(factory, at, type, ['destroy', 'validate']);
    if (typeof options === 'object' && options !== null && 'stores' in options)
      throw new InvalidOptionsError(
        `${at}.cache.stores`,
        'is for values only: a live resource stays in the process.',
        type,
      );
    const { isFatal, readiness, cacheOptions } = readCachedResourceOptions(options, `${at}.cache`, type);
    this.isFatal = isFatal;
    this.readiness = readiness;
    this.cache = new ResourceCache(cacheOptions, { ...others, ground, type, at: `${at}.cache` });
    this.ground = ground;
    this.events = new CacheEvents(ground);
    this.inService = factory.destroy && new InService(ONE_PER_KEY);
    // Whether there is a `validate` is asked once; the method is looked up at each call, where a getter that throws is a failed validation.
    this.validate = factory.validate && ((resource) => factory.validate?.(resource as T) ?? false);
    const { onBorrow, keepAlive } = options.validation ?? {};
    const needing =
      onBorrow === true ? 'onBorrow' : (keepAlive ?? Infinity) !== Infinity ? 'keepAlive' : undefined;
    if (this.validate === undefined && needing !== undefined)
      throw new InvalidOptionsError(
        `${at}.cache.validation.${needing}`,
        'needs a factory with a "validate" method; add one, or leave the option out.',
        type,
      );
  }

  /**
   * A lease on a key's resource, which is created when there is none.
   *
   * @throws ResourceCreationError, CacheTimeoutError, CacheAbortedError, CacheFullError, CacheClosedError
   */
  async lease(key: string, options: CachedLeaseOptions = {}): Promise<CacheLease<T>> {
    const asked = readOptions(options, (given) => ({
      ...given,
      destroy: this.destroy,
      validate: this.validate,
    }));
    let lease: CacheLease<T>;
    try {
      lease = await this.cache.lease(key, this.create, asked);
    } catch (error) {
      this.gotNone(key, asked.owner, error);
      // One failure for all waiting callers, and an error of its own for each.
      if (!isA(error, Failure)) throw error;
      throw isAnswer(error.reason) ? error.reason : this.failed(error.reason, asked.owner);
    }
    const stillborn = this.refuseStillborn(key, lease);
    if (stillborn === undefined) return lease;
    throw this.failed(stillborn.cause, asked.owner);
  }

  /** A resource may die on its way into the cache, which knows nothing of it then. @returns why, if it has; then the lease has ended */
  private refuseStillborn(key: string, lease: CacheLease<T>): Fate['death'] {
    const { resource } = lease;
    const fate = isObject(resource) ? this.fates.get(resource) : undefined;
    if (fate === undefined || fate.lent) return undefined;
    const { death, told } = fate;
    fate.lent = death === undefined;
    if (death === undefined) return undefined;
    void lease.invalidate();
    fate.told = true;
    if (!told) this.events.emit({ kind: 'creationFailed', type: this.type, key, cause: death.cause });
    return death;
  }

  private failed(cause: unknown, owner: string | undefined): ResourceCreationError {
    return new ResourceCreationError(this.type, cause, undefined, owner);
  }

  private gotNone(key: string, owner = 'anonymous', error: unknown): void {
    const { type, events } = this;
    if (!isError(error)) return;
    if (isA(error, CacheFullError)) events.emit({ kind: 'refused', type, key, owner });
    else if (!isA(error, CacheTimeoutError)) return;
    else if (error.waitedFor === 'load') events.emit({ kind: 'creationFailed', type, key, cause: error });
    else events.emit({ kind: 'timeout', type, key, owner });
  }

  /** Like {@link lease}, but only if the resource is there already and need not be validated first; otherwise `undefined`. Never waits. */
  tryLease(key: string, owner?: string): CacheLease<T> | undefined {
    const lease = this.cache.tryLease<T>(key, owner);
    return lease === undefined || this.refuseStillborn(key, lease) !== undefined ? undefined : lease;
  }

  /** @internal Work with a lease on a key's resource has thrown. */
  workFailed(key: string, lease: FailedLease, error: unknown): void {
    const { isFatal, type, events } = this;
    if (isFatal === undefined) return;
    const listener: WorkFailureListener = {
      workFailed: (cause) => events.emit({ kind: 'workFailed', type, key, cause }),
      isFatalFailed: (cause) => events.emit({ kind: 'isFatalFailed', type, key, cause }),
    };
    this.ground.run(() => handleWorkFailure(lease, error, isFatal, listener));
  }

  /** Takes a key's resource out of the cache: it is not lent again, and ends with its last lease. @returns whether there was one */
  delete(key: string): Promise<boolean> {
    return this.cache.delete(key);
  }

  /** Takes all resources out of the cache, as {@link delete} does with one. */
  clear(): Promise<void> {
    return this.cache.clear();
  }

  get stats(): CacheStats {
    return this.cache.stats;
  }

  /** Who holds which resource, and since when. */
  leases(): CacheLeaseInfo[] {
    return this.cache.leases();
  }

  /** Reports what fails, and callers that get nothing. @returns a function that stops listening */
  observe(listener: CacheListener): () => void {
    const stop = [this.cache, this.events].map((source) => source.observe(listener));
    return () => stop.forEach((end) => end());
  }

  /** @internal Hears of failures only. */
  lookOut(lookout: CacheListener): void {
    for (const source of [this.cache, this.events]) source.lookOut(lookout);
  }

  /** Ends all resources. @param options `deadline`: how long leases may take to end by themselves */
  close(options?: { deadline?: Duration }): Promise<CacheReport> {
    this.closed = true;
    return this.cache.close(options);
  }
}

/** What became of a resource that `create` has made. */
interface Fate {
  death: { readonly cause: unknown } | undefined;
  /** Whether it came into the cache alive: its death is the cache's business. */
  lent: boolean;
  /** Whether it was told that it came dead. */
  told: boolean;
}

/** What `create` has failed with, on its way to the waiting callers. */
class Failure extends Error {
  constructor(readonly reason: unknown) {
    super('a resource could not be created');
  }
}
