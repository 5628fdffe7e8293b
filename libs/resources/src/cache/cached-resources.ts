import { DeadlockError } from '../errors/deadlock-error.js';
import { isError } from '../errors/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { checkFactoryMethods } from '../options/factory-methods.js';
import { type Duration, format } from '../time/duration.js';
import type { CacheListener } from '../reports/cache-event.js';
import type { CacheLease } from './live/cache-lease.js';
import type { CacheLeaseInfo } from '../reports/lease-info.js';
import type { CacheOptions } from './cache-options.js';
import type { CacheStats } from '../reports/cache-stats.js';
import { type LeaseOptions, readOptions } from './entry-options.js';
import type { CacheReport } from '../reports/cache-report.js';
import { type CacheContext, ResourceCache } from './resource-cache.js';

/** What `create` is told. */
export interface CreateCachedContext {
  /** Which of the type's resources: a tenant's id. */
  readonly key: string;
  /** Aborted when nobody waits for the resource any more, or when its time is up. */
  readonly signal: AbortSignal;
}

/** Makes the resources of one cached type, one per key, and ends them. */
export interface CachedResourceFactory<T> {
  create(context: CreateCachedContext): T | PromiseLike<T>;
  /** Called once, when the resource has left the cache and its last lease has ended. */
  destroy?(resource: T): unknown;
}

/** Options of a cached resource type: those of its cache, but for what concerns values only. */
export type CachedResourceOptions = Omit<CacheOptions, 'stores'>;

/** Options of one lease of a cached resource type. */
export type CachedLeaseOptions = Omit<LeaseOptions<unknown>, 'destroy' | 'ttl' | 'tags'>;

/**
 * The resources of one type, one per key, in a cache of their own: a database client per tenant, of which at most
 * `max` live at a time. It only knows how they are made; keeping, lending and ending them is its cache's.
 */
export class CachedResources<T> {
  private readonly cache: ResourceCache;

  // They outlive whoever asks first, and so they hold nothing of him; nor does an error that others get, too.

  private readonly create = async (context: CreateCachedContext): Promise<T> => {
    let resource: T;
    try {
      resource = await this.factory.create(context);
    } catch (error) {
      if (isError(error) && error instanceof DeadlockError) throw error; // it is not the factory that failed
      throw new Failure(error);
    }
    if (resource === undefined || resource === null) throw new Failure(noResource(resource, this.type));
    return resource;
  };

  private readonly destroy = (resource: unknown): unknown => this.factory.destroy?.(resource as T); // `create` made it

  /**
   * @param type the name of the resource type
   * @param at where the options stand, for errors
   * @throws InvalidOptionsError when the factory or an option cannot work
   */
  constructor(
    readonly type: string,
    private readonly factory: CachedResourceFactory<T>,
    options: CachedResourceOptions = {},
    { at = type, clock, ground, host }: Omit<CacheContext, 'type'> = {},
  ) {
    checkFactoryMethods(factory, at, type, ['destroy']);
    if (typeof options === 'object' && options !== null && 'stores' in options)
      throw new InvalidOptionsError(
        `${at}.cache.stores`,
        'is for values only: a live resource stays in the process.',
        type,
      );
    this.cache = new ResourceCache(options, { type, at: `${at}.cache`, clock, ground, host });
  }

  /**
   * A lease on a key's resource, which is created when there is none.
   *
   * @throws ResourceCreationError, CacheTimeoutError, CacheAbortedError, CacheFullError, CacheClosedError
   */
  async lease(key: string, options: CachedLeaseOptions = {}): Promise<CacheLease<T>> {
    const asked = readOptions(options, (given) => ({ ...given, destroy: this.destroy }));
    try {
      return await this.cache.lease(key, this.create, asked);
    } catch (error) {
      // The same failure for all who wait, and to each an error of its own.
      if (!(isError(error) && error instanceof Failure)) throw error;
      throw new ResourceCreationError(this.type, error.reason, undefined, asked.owner);
    }
  }

  /** The same if the resource is there already, or else `undefined`. Never waits. */
  tryLease(key: string, owner?: string): CacheLease<T> | undefined {
    return this.cache.tryLease<T>(key, owner);
  }

  /** Takes a key's resource out of the cache: nobody gets it again, and it ends with its last lease. @returns whether there was one */
  delete(key: string): Promise<boolean> {
    return this.cache.delete(key);
  }

  /** The same for all. */
  clear(): Promise<void> {
    return this.cache.clear();
  }

  get stats(): CacheStats {
    return this.cache.stats;
  }

  /** Who holds which resource since when. */
  leases(): CacheLeaseInfo[] {
    return this.cache.leases();
  }

  /** Reports failures of destructions. @returns stops listening */
  observe(listener: CacheListener): () => void {
    return this.cache.observe(listener);
  }

  /** Ends all resources. @param options `deadline` until which leases may end by themselves */
  close(options?: { deadline?: Duration }): Promise<CacheReport> {
    return this.cache.close(options);
  }
}

/** What `create` has failed with, on its way to those who wait. */
class Failure extends Error {
  constructor(readonly reason: unknown) {
    super('a resource could not be created');
  }
}

function noResource(brought: unknown, type: string): InvalidOptionsError {
  const problem = `must make a resource; it brought ${format(brought)}: is a "return" missing?`;
  return new InvalidOptionsError('factory.create', problem, type);
}
