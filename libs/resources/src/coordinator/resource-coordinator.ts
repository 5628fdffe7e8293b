import { Observable } from 'rxjs';
import { type CacheStats, ResourceCache } from '../cache/resource-cache.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { closePools } from '../lifecycle/close-pools.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import type { LifecycleEvent, Phase } from '../lifecycle/phase.js';
import type { PoolStats } from '../policies/pool-stats.js';
import type { DrainReport } from '../pool/drain-report.js';
import { type Lease, type LeaseInfo, PoolLease } from '../pool/lease.js';
import type { PoolEvent } from '../pool/pool-events.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourceFactory } from '../pool/resource-factory.js';
import type { AcquireOptions, ResourcePool, ResourcePoolOptions } from '../pool/resource-pool.js';
import { systemClock } from '../time/clock.js';
import { parseDuration } from '../time/duration.js';
import { type CoordinatorOptions, DEFAULT_DRAIN_TIMEOUT } from './coordinator-options.js';
import { currentScope, LeaseScope, scopeOf } from './lease-scope.js';
import { PoolRegistry } from './pool-registry.js';
import { checkDefinition, checkDefinitions, type ResourceDefinitions } from './resource-definition.js';
import type { ResourceOf, ResourceTypes } from './resource-types.js';
import type { ScopeOpener } from './scoped-lease.js';

/** What {@link ResourceCoordinator.run} may be told. */
export interface RunOptions {
  /** Who works, for reports: a job's name. Default `'anonymous'`. */
  owner?: string;
}

/** The state of everything a coordinator owns. */
export interface CoordinatorStats {
  phase: Phase;
  pools: Record<string, PoolStats>;
  /** Units of work that have borrowed and are not over, a count. */
  scopes: number;
  cache: CacheStats;
}

/** Runs work as a type's {@link ResourceFactory} made it. */
export type CoordinatorUse<T, R> = (resource: T, lease: Lease<T>) => R | PromiseLike<R>;

/**
 * The one place that knows all types, pools, scopes and the cache.
 *
 * It exists so that a request, a job or a tick can borrow from several pools and give everything back
 * together, and so that one answer says who holds what. What it lends belongs to the current scope, if there
 * is one. It moves no resources itself (the pools do), and knows no framework: the module feeds it with
 * scopes and calls it at start and shutdown.
 */
export class ResourceCoordinator implements ScopeOpener {
  readonly cache: ResourceCache;
  /** How the last shutdown went; undefined before. */
  drainReport: DrainReport | undefined;
  private readonly registry = new PoolRegistry();
  private readonly lifecycle = new Lifecycle();
  private readonly scopes = new Set<LeaseScope>();
  /** Most milliseconds that a shutdown waits for the work in progress. */
  readonly drainTimeout: number;
  private scopesGone: (() => void)[] = [];

  /** Everything that happens in the pools. While nobody subscribes, it costs nothing. */
  readonly events$: Observable<PoolEvent> = new Observable((subscriber) =>
    this.registry.observe((event) => subscriber.next(event)),
  );
  /** Starting, running, draining, closed. */
  readonly lifecycle$: Observable<LifecycleEvent> = this.lifecycle.events$;

  /** @throws InvalidOptionsError when a factory or an option cannot work */
  constructor(private readonly options: CoordinatorOptions = {}) {
    this.drainTimeout = parseDuration(options.drainTimeout ?? DEFAULT_DRAIN_TIMEOUT, 'drainTimeout');
    this.cache = new ResourceCache(options.cache);
    this.registerAll(options.resources ?? {});
  }

  /** The pools by resource type. */
  get pools(): ReadonlyMap<string, ResourcePool<unknown>> {
    return this.registry.pools;
  }

  /** The options in force, by resource type. */
  get policies(): ReadonlyMap<string, PoolOptions> {
    return new Map([...this.pools].map(([type, pool]) => [type, pool.policies]));
  }

  get draining(): boolean {
    return this.lifecycle.reached('draining');
  }

  /** Adds a resource type. @throws InvalidOptionsError when it is taken or cannot work */
  register<T>(type: string, factory: ResourceFactory<T>, options: PoolOptions = {}): void {
    checkDefinition(type, factory, options, 'resources');
    this.registry.add(type, factory, this.withClock(options));
  }

  /** Adds several resource types, all or none. */
  registerAll(definitions: ResourceDefinitions, at = 'resources'): void {
    checkDefinitions(definitions, at);
    for (const type of Object.keys(definitions)) this.registry.refuseTaken(type, at);
    for (const [type, definition] of Object.entries(definitions)) {
      this.registry.add(type, definition, this.withClock(definition.pool ?? {}));
    }
  }

  /** Drains a type's pool, closes it and forgets it. */
  async unregister(type: string): Promise<DrainReport> {
    const report = await this.registry.require(type).close({ deadline: this.drainTimeout });
    this.registry.remove(type);
    return report;
  }

  /** Changes a type's options, and its factory if one is given, under load: all or none. */
  reconfigure<T>(type: string, change: PoolOptions & { factory?: ResourceFactory<T> }): void {
    const { factory, ...options } = change;
    this.registry.require(type).reconfigure(options, factory);
  }

  /**
   * Borrows a resource; inside a scope, the lease ends with the scope at the latest.
   *
   * @throws UnknownResourceError, and whatever {@link ResourcePool.acquire} does
   */
  acquire<K extends keyof ResourceTypes>(type: K, options?: AcquireOptions): Promise<Lease<ResourceTypes[K]>>;
  acquire<T = unknown>(type: string, options?: AcquireOptions): Promise<Lease<T>>;
  async acquire(type: string, options?: AcquireOptions): Promise<Lease<unknown>> {
    const scope = this.openScope;
    const lease = await this.lend(type, options, scope);
    if (scope === undefined) return lease;
    if (!scope.open) {
      void lease.release(); // the scope ended while its work still waited
      throw new LeaseReleasedError(type, scope.owner);
    }
    scope.adopt(lease);
    return lease;
  }

  /** Borrows an idle resource now, or does without. */
  tryAcquire<K extends keyof ResourceTypes>(type: K): Lease<ResourceTypes[K]> | undefined;
  tryAcquire<T = unknown>(type: string): Lease<T> | undefined;
  tryAcquire(type: string): Lease<unknown> | undefined {
    const scope = this.openScope;
    if (this.refuses(scope)) return undefined;
    const lease = this.registry.require(type).tryAcquire({ owner: scope?.owner });
    if (lease !== undefined) scope?.adopt(lease);
    return lease;
  }

  /** Borrows a resource for the time of `work`. */
  use<K extends keyof ResourceTypes, R>(
    type: K,
    work: CoordinatorUse<ResourceTypes[K], R>,
    options?: AcquireOptions,
  ): Promise<R>;
  use<T = unknown, R = unknown>(
    type: string,
    work: CoordinatorUse<T, R>,
    options?: AcquireOptions,
  ): Promise<R>;
  async use<R>(type: string, work: CoordinatorUse<never, R>, options?: AcquireOptions): Promise<R> {
    const lease = await this.lend(type, options, this.openScope);
    try {
      return await work(lease.resource as never, lease as Lease<never>); // the registry knows no types; the caller does
    } finally {
      void lease.release(); // never rejects, and the caller need not wait for a reset
    }
  }

  /**
   * Borrows one of each, all or none. They are taken in one fixed order whatever order is asked for,
   * so that two callers can't each hold what the other waits for.
   */
  async acquireAll<const K extends readonly string[]>(
    types: K,
    options?: AcquireOptions,
  ): Promise<{ -readonly [I in keyof K]: Lease<ResourceOf<K[I]>> }> {
    for (const type of types) this.registry.require(type);
    const order = types
      .map((type, index) => ({ type, index }))
      .toSorted((a, b) => (a.type < b.type ? -1 : 1));
    const leases: Lease<unknown>[] = [];
    try {
      for (const { type, index } of order) leases[index] = await this.acquire(type, options);
    } catch (error) {
      await Promise.all(leases.map((lease) => lease?.release()));
      throw error;
    }
    return leases as { -readonly [I in keyof K]: Lease<ResourceOf<K[I]>> }; // one lease per type, in the order asked for
  }

  /**
   * Gives back a lease, or the lease of this resource. By resource only the current scope's leases
   * and those of no scope are found, so that a late call can't touch another request's loan.
   *
   * @throws UnknownResourceError for something that is not on loan here
   */
  async release(leaseOrResource: unknown): Promise<void> {
    if (leaseOrResource instanceof PoolLease) return await leaseOrResource.release();
    const scope = this.openScope;
    for (const pool of this.pools.values()) {
      const lease = pool.leaseOf(leaseOrResource);
      if (lease !== undefined && this.mayRelease(lease, scope)) return await lease.release();
    }
    throw UnknownResourceError.forResource(this.registry.types);
  }

  /** Runs work in a scope of its own: a job, a tick, a script. All that it borrows goes back when it is done. */
  run<R>(work: () => R | PromiseLike<R>, { owner = 'anonymous' }: RunOptions = {}): Promise<R> {
    return this.runIn('run', owner, work);
  }

  /** @internal */
  async runIn<R>(kind: string, place: string, work: () => R | PromiseLike<R>): Promise<R> {
    const scope = new LeaseScope(this, kind, place, currentScope.getStore());
    scope.enter();
    try {
      return await currentScope.run(scope, work);
    } finally {
      scope.leave();
    }
  }

  /** The cached value under a key, or `undefined`. */
  getCached<T>(key: string): Promise<T | undefined> {
    return this.cache.get<T>(key);
  }

  stats(): CoordinatorStats {
    return {
      phase: this.lifecycle.phase,
      pools: Object.fromEntries([...this.pools].map(([type, pool]) => [type, pool.stats])),
      scopes: this.scopes.size,
      cache: this.cache.stats,
    };
  }

  /** Who holds what since when, over all pools. */
  leases(): LeaseInfo[] {
    return [...this.pools.values()].flatMap((pool) => pool.leases());
  }

  /** Fills all pools to their `min`. @throws ResourceCreationError; then all pools are closed */
  async warmUp(): Promise<void> {
    const results = await Promise.allSettled([...this.pools.values()].map((pool) => pool.warmUp()));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) {
      await this.cleanup({ deadline: 0 });
      throw failure.reason;
    }
    this.lifecycle.enter('running');
  }

  /** From now on work that begins borrows nothing; work that has begun still does. */
  startDraining(): void {
    this.lifecycle.enter('draining');
  }

  /** Waits until every scope is over. @param deadline milliseconds @returns whether all are */
  async scopesOver(deadline: number): Promise<boolean> {
    if (this.scopes.size === 0) return true;
    const clock = this.options.clock ?? systemClock;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, deadline);
      this.scopesGone.push(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
    return this.scopes.size === 0;
  }

  /** Ends everything: drains and closes all pools, and empties the cache. Afterwards there are no pools. */
  async cleanup({ deadline = this.drainTimeout }: { deadline?: number } = {}): Promise<DrainReport> {
    this.startDraining();
    const report = await closePools(this.pools.values(), deadline);
    for (const type of this.registry.types) this.registry.remove(type);
    await this.cache.clear();
    this.drainReport = report;
    this.lifecycle.enter('closed');
    return report;
  }

  /** @internal */
  async lendTo(
    scope: LeaseScope,
    type: string,
    options: AcquireOptions | undefined,
  ): Promise<Lease<unknown>> {
    return await this.lend(type, options, scope);
  }

  /** @internal */
  tryLendTo(scope: LeaseScope, type: string): Lease<unknown> | undefined {
    return this.refuses(scope) ? undefined : this.registry.require(type).tryAcquire({ owner: scope.owner });
  }

  /** @internal */
  scopeBegan(scope: LeaseScope): void {
    this.scopes.add(scope);
  }

  /** @internal */
  scopeEnded(scope: LeaseScope): void {
    this.scopes.delete(scope);
    if (this.scopes.size === 0) for (const listener of this.scopesGone.splice(0)) listener();
  }

  private get openScope(): LeaseScope | undefined {
    const scope = scopeOf(this);
    return scope?.open === true ? scope : undefined;
  }

  /** Work that begins while draining gets nothing; work that had begun goes on. */
  private refuses(scope: LeaseScope | undefined): boolean {
    return this.draining && (scope === undefined || scope.late || this.lifecycle.phase === 'closed');
  }

  private async lend(
    type: string,
    options: AcquireOptions | undefined,
    scope: LeaseScope | undefined,
  ): Promise<Lease<unknown>> {
    const owner = options?.owner ?? scope?.owner;
    if (this.refuses(scope)) throw new PoolClosedError(type, owner ?? 'a new caller');
    return await this.registry.require(type).acquire({ ...options, owner });
  }

  private mayRelease(lease: Lease<unknown>, current: LeaseScope | undefined): boolean {
    return current?.owns(lease) === true || ![...this.scopes].some((scope) => scope.owns(lease));
  }

  private withClock(options: PoolOptions): ResourcePoolOptions {
    return { ...options, clock: this.options.clock };
  }
}
