import type { CachedResourceOptions } from '../cache/cached-resource-options.js';
import type { CachedResourceFactory } from '../cache/cached-resources.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { ResourceFactory } from '../pool/factory/resource-factory.js';
import type { StackCapture } from '../policies/leases/lease-origins.js';
import type { PoolOptions } from '../pool/pool-options.js';

/** A factory that a test gives to a resource type, pooled or cached, in place of the application's. */
export type ResourceOverride<T = unknown> = ResourceFactory<T> & {
  /** Options of the type's pool, each in place of the application's of the same name. */
  pool?: PoolOptions;
  /** Options of the cached type's cache, each in place of the application's of the same name. */
  cache?: CachedResourceOptions;
};

/**
 * What a test replaces in an application, by resource type. It takes effect where a type is registered, so that there is no other way to
 * the real resource, whoever brings the type, and whoever borrows.
 */
export class ResourceOverrides {
  private readonly byType = new Map<string, ResourceOverride>();
  private inForce = false;

  /** @param tracing whether the place of acquisition is captured for every lease */
  constructor(private readonly tracing = false) {}

  /** @throws InvalidOptionsError once they are in force: what is registered already would stay real */
  add(type: string, override: ResourceOverride): void {
    if (this.inForce)
      throw new InvalidOptionsError(OVERRIDE, 'comes too late: call it before compile().', type);
    this.byType.set(type, override);
  }

  /** From now on, nothing is added. */
  enforce(): this {
    this.inForce = true;
    return this;
  }

  /** The factory and the options that a type's pool is made with. */
  ofPool(
    type: string,
    factory: ResourceFactory<unknown>,
    options: PoolOptions,
  ): [factory: ResourceFactory<unknown>, options: PoolOptions] {
    const override = this.byType.get(type);
    return [override ?? factory, this.traced(merge(options, override?.pool))];
  }

  /** The factory and the options that a cached type's cache is made with. */
  ofCache<T>(
    type: string,
    factory: CachedResourceFactory<T>,
    options: CachedResourceOptions | undefined,
  ): [factory: CachedResourceFactory<T>, options: CachedResourceOptions | undefined] {
    const override = this.byType.get(type) as ResourceOverride<T> | undefined; // the test says that it is like the application's
    return [override ?? factory, this.traced(merge(options, override?.cache))];
  }

  /** Options of a pool or a cache, with which the place of acquisition is captured if the test wants it. */
  traced<O extends Traceable | undefined>(options: O): O {
    return this.tracing ? { ...options, leaks: { ...options?.leaks, stack: 'always' } } : options;
  }

  /**
   * To be called when all types are registered.
   *
   * @throws UnknownResourceError for a type that nobody has registered, and InvalidOptionsError for options that nobody reads
   */
  check(pools: ReadonlyMap<string, unknown>, cachedResources: ReadonlyMap<string, unknown>): void {
    for (const [type, { pool, cache }] of this.byType) {
      const [pooled, cached] = [pools.has(type), cachedResources.has(type)];
      if (!pooled && !cached)
        throw UnknownResourceError.forType(type, [...pools.keys(), ...cachedResources.keys()], [OVERRIDE]);
      if (pool !== undefined && !pooled)
        throw unread('pool', 'a cached type: put its options under "cache"', type);
      if (cache !== undefined && !cached)
        throw unread('cache', 'a pooled type: put its options under "pool"', type);
    }
  }
}

/** What a group of options has in a pool and in a cache. */
interface Traceable {
  leaks?: { stack?: StackCapture };
}

const OVERRIDE = 'overrideResource()';

function unread(group: string, remedy: string, type: string): InvalidOptionsError {
  return new InvalidOptionsError(`${OVERRIDE}.${group}`, `is not for ${remedy}.`, type);
}

/** @param given the application's, not checked yet: they stay what they are where nothing is replaced */
function merge<O extends object | undefined>(given: O, override: O | undefined): O {
  return override === undefined ? given : { ...given, ...override };
}
