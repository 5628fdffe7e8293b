import type { CacheLease } from '../cache/live/cache-lease.js';
import type { CachedLeaseOptions } from '../cache/cached-resources.js';
import type { ResourceCache } from '../cache/resource-cache.js';
import { checkWork } from '../pool/acquire-options.js';
import type { Lease } from '../pool/leases/lease.js';
import type { Clock } from '../time/clock.js';
import { type BorrowOptions, readBorrowOptions, type TryBorrowOptions } from '../scopes/borrow-options.js';
import { openScopeOf } from '../scopes/current-scope.js';
import type { LeaseScope } from '../scopes/lease-scope.js';
import { runInScope } from '../scopes/run-in-scope.js';
import type { ScopeRegistry } from '../scopes/scope-registry.js';
import { acquireAll } from './acquire-all.js';
import type { BorrowedUse, CoordinatorLender, CoordinatorUse } from './coordinator-lender.js';
import { readOwner, type RunOptions } from './coordinator-options.js';
import type { Borrowed, NameFor, ResourceOf, ResourceTypeName, Unstated } from './resource-types.js';

/**
 * How to borrow by a coordinator: each way finds out for which scope, and leaves the rest to its lender. It exists so that borrowing
 * is read apart from what concerns the types themselves, their life and their state.
 */
export abstract class Lending {
  /** @internal */
  abstract readonly clock: Clock;
  /** @internal */
  abstract readonly scopes: ScopeRegistry;
  /** @internal */
  abstract readonly lender: CoordinatorLender;
  /** Whether work that begins now gets nothing any more. */
  abstract readonly draining: boolean;
  /** The cache for values, and for live resources without a type. */
  abstract readonly cache: ResourceCache;

  /**
   * Borrows a resource; inside a scope, the lease ends with the scope at the latest.
   *
   * @throws UnknownResourceError, and whatever `ResourcePool.acquire` does
   */
  acquire<T = Unstated, K extends NameFor<T> = NameFor<T>>(
    type: K,
    options?: BorrowOptions,
  ): Promise<Lease<Borrowed<T, K>>>;
  acquire(type: string, options?: BorrowOptions): Promise<Lease<unknown>> {
    const scope = openScopeOf(this);
    return scope === undefined ? this.lender.lendTo(undefined, type, options) : scope.borrow(type, options);
  }

  /**
   * A lease on a key's resource of a cached type, which others may use at the same time; inside a scope, it ends
   * with the scope at the latest.
   *
   * @throws UnknownResourceError, and whatever `CachedResources.lease` does
   */
  acquireCached<T = Unstated, K extends NameFor<T> = NameFor<T>>(
    type: K,
    key: string,
    options?: CachedLeaseOptions,
  ): Promise<CacheLease<Borrowed<T, K>>>;
  acquireCached(type: string, key: string, options?: CachedLeaseOptions): Promise<CacheLease<unknown>> {
    return this.lender.acquireCached(openScopeOf(this), type, key, options);
  }

  /** Borrows an idle resource now, or returns `undefined`. */
  tryAcquire<T = Unstated, K extends NameFor<T> = NameFor<T>>(
    type: K,
    options?: TryBorrowOptions,
  ): Lease<Borrowed<T, K>> | undefined;
  tryAcquire(type: string, options?: TryBorrowOptions): Lease<unknown> | undefined {
    const scope = openScopeOf(this);
    return scope === undefined
      ? this.lender.tryLendTo(undefined, type, readBorrowOptions(options, type))
      : scope.tryBorrow(type, options);
  }

  /** Borrows a resource while `work` runs. */
  use<T = Unstated, R = unknown, K extends NameFor<T> = NameFor<T>>(
    type: K,
    work: CoordinatorUse<Borrowed<T, K>, R>,
    options?: BorrowOptions,
  ): Promise<R>;
  use<R>(type: string, work: BorrowedUse<R>, options?: BorrowOptions): Promise<R> {
    return this.lender.use(openScopeOf(this), type, work, options);
  }

  /**
   * Borrows one of each type, all or none. They are taken in one fixed order, whatever order is asked for,
   * so that two callers can't each hold what the other waits for. A `timeout` applies to all of them together.
   *
   * @throws InvalidOptionsError when a type is named twice, and whatever {@link acquire} does
   */
  async acquireAll<const K extends readonly ResourceTypeName[]>(
    types: K,
    options: BorrowOptions = {},
  ): Promise<{ -readonly [I in keyof K]: Lease<ResourceOf<K[I]>> }> {
    const leases = await acquireAll(types, readBorrowOptions(options) ?? {}, this.clock, {
      check: (type) => this.lender.check(openScopeOf(this), type),
      acquire: (type, options) => this.acquire(type, options),
    });
    return leases as { -readonly [I in keyof K]: Lease<ResourceOf<K[I]>> }; // one lease per type, in the order asked for
  }

  /**
   * Gives back a lease, or the lease of this resource; that only if it is of the current scope or of none, so that a late call can't
   * touch another request's loan.
   *
   * @throws UnknownResourceError for something that is not on loan here
   */
  release(leaseOrResource: unknown): Promise<void> {
    return this.lender.release(openScopeOf(this), leaseOrResource);
  }

  /** Runs work in a scope of its own: a job, a tick, a script. All that it borrows goes back when it is done. */
  async run<R>(work: () => R | PromiseLike<R>, options: RunOptions = {}): Promise<R> {
    checkWork(work);
    return await this.runIn('run', readOwner(options), () => work());
  }

  /** @internal This makes it a `ScopeOpener`, which it does not declare: the published types have not all that one must have. */
  async runIn<R>(kind: string, place: string, work: (scope: LeaseScope) => R | PromiseLike<R>): Promise<R> {
    return await runInScope(this, kind, place, work);
  }

  /** The cached value under a key, or `undefined`. */
  getCached<T>(key: string): Promise<T | undefined> {
    return this.cache.get<T>(key);
  }
}
