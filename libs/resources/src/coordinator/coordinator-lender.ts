import { types } from 'node:util';
import { type CacheLease, CountedLease } from '../cache/live/cache-lease.js';
import { checkKey } from '../cache/entry-options.js';
import type { CachedLeaseOptions } from '../cache/cached-resources.js';
import { CacheClosedError } from '../errors/cache/cache-closed-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { TypeLives } from '../lifecycle/type-lives.js';
import { checkWork } from '../pool/acquire-options.js';
import { isLease } from '../pool/leases/collected-leases.js';
import type { Lease } from '../pool/leases/lease.js';
import { ResourcePool } from '../pool/resource-pool.js';
import {
  type BorrowOptions,
  type LoanOptions,
  readBorrowOptions,
  type TryLoanOptions,
} from '../scopes/borrow-options.js';
import type { CacheRegistry } from './cache-registry.js';
import type { DeadlockWatch } from '../scopes/deadlock-watch.js';
import type { LeaseScope } from '../scopes/lease-scope.js';
import type { PoolRegistry } from './pool-registry.js';
import type { ScopeRegistry } from '../scopes/scope-registry.js';
import { HoldReference, type ScopeHold } from '../scopes/scope-hold.js';
import type { ScopeLender } from '../scopes/scope-lender.js';
import { isA } from '../words/is-a.js';

/** What {@link ResourceCoordinator.use} runs. */
export type CoordinatorUse<T, R> = (resource: T, lease: Lease<T>) => R | PromiseLike<R>;

/** {@link CoordinatorUse} without types, which only the caller knows. */
export type BorrowedUse<R> = (resource: never, lease: Lease<never>) => R | PromiseLike<R>;

/**
 * Brings a caller of the coordinator together with the pool of the type: a scope, to which the lease then
 * belongs, or nobody in particular. The pools lend; this class says to whom, and who is refused.
 */
export class CoordinatorLender implements ScopeLender<LeaseScope> {
  constructor(
    private readonly registry: PoolRegistry,
    private readonly caches: CacheRegistry,
    private readonly scopes: ScopeRegistry,
    private readonly deadlocks: DeadlockWatch,
    private readonly lifecycle: Lifecycle,
    private readonly lives: TypeLives,
  ) {}

  /** Whether a scope, or work without one, gets nothing any more: work that begins while draining, but not work that had begun. */
  refuses(scope: LeaseScope | undefined): boolean {
    const { lifecycle } = this;
    return lifecycle.draining && (scope === undefined || scope.late || lifecycle.phase === 'stopped');
  }

  /** @throws UnknownResourceError, unless the scope gets nothing any more: that is what it is told then, as soon as it borrows */
  check(scope: LeaseScope | undefined, type: string): void {
    if (!this.refuses(scope)) this.registry.require(type);
  }

  async use<R>(
    scope: LeaseScope | undefined,
    type: string,
    work: BorrowedUse<R>,
    options: BorrowOptions | undefined,
  ): Promise<R> {
    checkWork(work, type);
    const run = (lease: Lease<unknown>): R | PromiseLike<R> =>
      work(lease.resource as never, lease as Lease<never>); // the registry knows no types; the caller does
    if (scope !== undefined) return await scope.use(type, run, options);
    const lease = await this.lendTo(scope, type, options);
    try {
      return await run(lease);
    } catch (error) {
      this.workFailed({ source: 'pool', type, key: options?.key, lease }, error);
      throw error;
    } finally {
      void lease.release(); // never rejects, and the caller need not wait for a reset
    }
  }

  /** A lease on a cached resource, which ends with the scope at the latest. */
  async acquireCached(
    scope: LeaseScope | undefined,
    type: string,
    key: string,
    options: CachedLeaseOptions | undefined,
  ): Promise<CacheLease<unknown>> {
    const lease = await this.lendCached(scope, type, key, options);
    if (scope === undefined) return lease;
    if (!scope.open) {
      void lease.release(); // it ended meanwhile
      throw new LeaseReleasedError(type, scope.owner);
    }
    scope.adopt(lease, type);
    return lease;
  }

  /** Work with a resource has thrown: it may be broken. */
  workFailed(
    { source, type, key, lease }: Pick<ScopeHold, 'source' | 'type' | 'key' | 'lease'>,
    error: unknown,
  ): void {
    if (lease === undefined) return;
    if (lease instanceof HoldReference) this.workFailed(lease.hold, error);
    else if (source === 'pool') this.registry.poolOf(type, key)?.workFailed(lease, error);
    else this.caches.types.get(type)?.workFailed(key ?? '', lease, error);
  }

  /** @throws UnknownResourceError for something that is not on loan to this scope or to none */
  async release(scope: LeaseScope | undefined, leaseOrResource: unknown): Promise<void> {
    if (isAnyLease(leaseOrResource)) return await leaseOrResource.release();
    const holder = scope?.holdOf(leaseOrResource)?.latest;
    if (holder !== undefined) return await holder.release();
    const lease = this.registry.leaseOf(leaseOrResource, (lease) => this.scopes.ownerOf(lease) === undefined);
    if (lease === undefined) throw UnknownResourceError.forResource(this.registry.types);
    await lease.release();
  }

  /** Borrows for a scope, or for nobody in particular. */
  lendTo(
    scope: LeaseScope | undefined,
    type: string,
    given: LoanOptions | undefined,
  ): Promise<Lease<unknown>> {
    try {
      return this.lend(scope, type, readBorrowOptions(given, type));
    } catch (error) {
      return Promise.reject(error); // ours
    }
  }

  /** Like {@link lendTo}, for a scope that has other leases: while it waits, others may wait for it. */
  async lendMoreTo(
    scope: LeaseScope,
    hold: ScopeHold,
    options: LoanOptions | undefined,
  ): Promise<Lease<unknown>> {
    const { type } = hold;
    // Waiting for a load is watched there, and what is kept for somebody is not lent to who waits.
    if (hold.source === 'cache' || options?.reserve !== undefined)
      return await this.lendTo(scope, type, options);
    return await this.deadlocks.wait(scope, hold, options, (watched) => this.lendTo(scope, type, watched));
  }

  watch(scope: LeaseScope): void {
    this.deadlocks.notice(scope);
  }

  /** Like {@link lendTo}, but only what is idle, at once or not at all. */
  tryLendTo(
    scope: LeaseScope | undefined,
    type: string,
    options: TryLoanOptions | undefined,
  ): Lease<unknown> | undefined {
    const owner = options?.owner ?? scope?.owner;
    if (this.lifecycle.draining && this.refuses(scope)) return undefined;
    if (this.lives.refusing && this.lives.refusal(type, owner) !== undefined) return undefined;
    if (options?.source === 'cache') return this.caches.require(type).tryLease(options.key ?? '', owner);
    const pool = this.registry.pools.get(type);
    // A literal costs a third of a spread.
    const asked = { key: options?.key, owner, tenant: options?.tenant, unit: scope };
    const direct = pool instanceof ResourcePool && asked.key === undefined;
    return direct ? pool.tryAcquire(asked) : this.registry.tryAcquire(type, asked);
  }

  private lend(
    scope: LeaseScope | undefined,
    type: string,
    options: LoanOptions | undefined,
  ): Promise<Lease<unknown>> {
    if (options?.source === 'cache') return this.lendCached(scope, type, options.key ?? '', options);
    const owner = options?.owner ?? scope?.owner;
    if (this.refuses(scope)) throw new PoolClosedError(type, owner ?? 'a new caller');
    if (this.lives.refusing) this.refuseDependent(type, owner);
    return this.registry.acquire(type, {
      key: options?.key,
      signal: options?.signal,
      timeout: options?.timeout,
      owner,
      tenant: options?.tenant,
      priority: options?.priority,
      reserve: options?.reserve,
      unit: scope,
    });
  }

  /** @throws DependencyError for a type whose dependency is not ready */
  private refuseDependent(type: string, owner: string | undefined): void {
    const refusal = this.lives.refusal(type, owner);
    if (refusal !== undefined) throw refusal;
  }

  private async lendCached(
    scope: LeaseScope | undefined,
    type: string,
    key: string,
    given: CachedLeaseOptions | undefined,
  ): Promise<CacheLease<unknown>> {
    checkKey(key);
    const options = readBorrowOptions(given, type);
    const owner = options?.owner ?? scope?.owner;
    if (this.refuses(scope)) throw new CacheClosedError(type, key, owner);
    if (this.lives.refusing) this.refuseDependent(type, owner);
    const { signal, timeout } = options ?? {};
    return await this.caches.require(type).lease(key, { signal, timeout, owner });
  }
}

function isAnyLease(value: unknown): value is { release(): Promise<void> } {
  if (types.isProxy(value)) return false; // ours are not, and somebody else's may throw when it is asked
  return isLease(value) || isA(value, HoldReference) || isA(value, CountedLease);
}
