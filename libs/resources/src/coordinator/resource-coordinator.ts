import type { Observable } from 'rxjs';
import type { CoordinatorEvent } from '../reports/coordinator-event.js';
import type { CachedResourceOptions } from '../cache/cached-resource-options.js';
import type { CachedResourceFactory, CachedResources } from '../cache/cached-resources.js';
import type { ResourceCache } from '../cache/resource-cache.js';
import type { DrainHook } from '../lifecycle/drain-hooks.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { ShutdownSteps } from '../lifecycle/shutdown-steps.js';
import { TypeLives } from '../lifecycle/type-lives.js';
import type { LifecycleEvent, Phase } from '../reports/phase.js';
import type { DrainReport, ShutdownReport } from '../reports/drain-report.js';
import type { CacheLeaseInfo, LeaseInfo } from '../reports/lease-info.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourceFactory } from '../pool/factory/resource-factory.js';
import type { Clock } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import { clockOn } from '../time/ground-clock.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { BackupAndRestore } from './configuring/backup-and-restore.js';
import { ConfigurationChanges } from './configuring/configuration-changes.js';
import { CoordinatorLender } from './coordinator-lender.js';
import { CacheRegistry } from './cache-registry.js';
import { type CoordinatorOptions, readCoordinatorOptions, readDeadline } from './coordinator-options.js';
import type { CoordinatorStats } from '../reports/coordinator-stats.js';
import { openScopeOf } from '../scopes/current-scope.js';
import { DeadlockWatch } from '../scopes/deadlock-watch.js';
import { HostedLoads } from '../scopes/hosted-loads.js';
import { eventsOf } from './events-of.js';
import { Configuring } from './configuring/configuring.js';
import { phasesOf } from './phases-of.js';
import { processorStats } from './processors/processor-stats.js';
import { PoolRegistry, type RegisteredPool } from './pool-registry.js';
import type { ResourceDefinitions } from './resource-definition.js';
import { ResourceOverrides } from './resource-overrides.js';
import type { ResourceOf, ResourceTypeName } from './resource-types.js';
import { StartAndStop } from './starting/start-and-stop.js';
import type { StartOptions } from './starting/start-options.js';
import { ScopeRegistry } from '../scopes/scope-registry.js';
import { TroubleWatch } from './trouble-watch.js';

/**
 * The one place that knows all types, pools, scopes and the cache.
 *
 * It exists so that a request, a job or a tick can borrow from several pools and give everything back together, and so that one
 * place knows who holds what. What it lends belongs to the current scope, if there is one. It moves no resources itself (the pools
 * do), and knows no framework: the module provides the scopes and calls it at start and shutdown.
 */
export class ResourceCoordinator extends Configuring {
  /** Most milliseconds that a shutdown waits for the work in progress. */
  readonly drainTimeout: number;
  /** @internal */
  readonly clock: Clock;
  /** @internal */
  readonly ground = new NeutralGround();
  /** @internal */
  readonly scopes: ScopeRegistry;
  /** @internal */
  readonly troubles: TroubleWatch;
  private readonly registry: PoolRegistry;
  /** @internal */
  readonly lender: CoordinatorLender;
  private readonly caches: CacheRegistry;
  private readonly lifecycle: Lifecycle;
  private readonly lives: TypeLives;
  private readonly life: StartAndStop;
  /** @internal */
  readonly shutdown: ShutdownSteps;
  /** @internal */
  readonly changes: ConfigurationChanges;
  /** @internal */
  readonly backups: BackupAndRestore;

  /** Everything that happens in the pools, and everything that fails in the caches. While nobody subscribes, it costs nothing. */
  readonly events$: Observable<CoordinatorEvent>;
  /**
   * The phases of the coordinator and of each type: the present ones at once, then each as it is entered. Completes when the coordinator is
   * stopped.
   */
  readonly lifecycle$: Observable<LifecycleEvent>;

  /** @param overrides of a test @throws InvalidOptionsError when a factory or an option cannot work */
  constructor(options: CoordinatorOptions = {}, overrides = new ResourceOverrides()) {
    super();
    const { resources, cache, cachedResources, ...rest } = readCoordinatorOptions(options);
    const { ground } = this;
    this.drainTimeout = rest.drainTimeout;
    this.clock = clockOn(ground, rest.clock);
    this.scopes = new ScopeRegistry(this.clock);
    this.lifecycle = new Lifecycle(this.clock, ground);
    this.lifecycle$ = phasesOf(this.lifecycle);
    const { lifecycle } = this;
    this.lives = new TypeLives(lifecycle, this.clock, ground, () => this.life.follow());
    this.troubles = new TroubleWatch(this.clock, ground);
    const isCached = (type: string): boolean => this.caches.types.has(type);
    this.registry = new PoolRegistry(this.clock, ground, this.troubles, this.lives, overrides, isCached);
    const deadlocks = new DeadlockWatch(this.clock, rest.deadlockTimeout, ({ type, key }) =>
      this.registry.poolOf(type, key),
    );
    const loads = new HostedLoads(this, ground, deadlocks);
    this.caches = new CacheRegistry(
      cache,
      cachedResources,
      this.clock,
      ground,
      loads,
      overrides,
      this.pools,
      this.lives,
    );
    this.lender = new CoordinatorLender(
      this.registry,
      this.caches,
      this.scopes,
      deadlocks,
      lifecycle,
      this.lives,
    );
    this.caches.lookOut(this.troubles.cacheEvent);
    this.events$ = eventsOf(this.registry, this.caches);
    this.shutdown = new ShutdownSteps(this.clock, ground, rest);
    this.life = new StartAndStop(
      this.registry,
      this.caches,
      this.lives,
      this.scopes,
      lifecycle,
      this.clock,
      this.shutdown,
      rest.startTimeout,
    );
    this.changes = new ConfigurationChanges(this.registry, rest.history, this.clock, ground);
    this.backups = new BackupAndRestore(this.registry, this.caches, this.changes, this.clock, ground);
    this.registerAll(resources);
  }

  /** The pools by resource type. */
  get pools(): ReadonlyMap<ResourceTypeName, RegisteredPool> {
    return this.registry.pools;
  }

  /** The cache for values, and for live resources without a type. */
  get cache(): ResourceCache {
    return this.caches.cache;
  }

  /** The cached resources by resource type. */
  get cachedResources(): ReadonlyMap<ResourceTypeName, CachedResources<unknown>> {
    return this.caches.types;
  }

  /** The options in force, by resource type. */
  get policies(): ReadonlyMap<ResourceTypeName, PoolOptions> {
    return new Map([...this.pools].map(([type, pool]) => [type, pool.options]));
  }

  /** How the shutdown went; undefined before. */
  get drainReport(): ShutdownReport | undefined {
    return this.life.report;
  }

  get draining(): boolean {
    return this.lifecycle.draining;
  }

  /** Adds a resource type. @throws InvalidOptionsError when it is taken or cannot work, PoolClosedError when draining */
  register<T extends ResourceOf<K>, K extends ResourceTypeName = ResourceTypeName>(
    type: K,
    factory: ResourceFactory<T>,
    options: PoolOptions & StartOptions = {},
  ): void {
    this.registry.add(type, factory, options);
    this.changes.meetAll();
  }

  /** @internal Adds several resource types, all or none. */
  registerAll(definitions: ResourceDefinitions, at = 'resources'): void {
    this.registry.addAll(definitions, at);
    this.changes.meetAll();
  }

  /** Adds a cached resource type. @throws InvalidOptionsError when it is taken or cannot work, CacheClosedError when closed */
  registerCached<T extends ResourceOf<K>, K extends ResourceTypeName = ResourceTypeName>(
    type: K,
    factory: CachedResourceFactory<T>,
    options?: CachedResourceOptions & StartOptions,
  ): void {
    this.caches.add(type, factory, options, 'cachedResources');
  }

  /** Drains a type's pool, closes it and forgets it. */
  async unregister(type: ResourceTypeName): Promise<DrainReport> {
    const report = await this.life.unregister(type, this.drainTimeout);
    if (!this.pools.has(type)) this.changes.history.forget(type);
    return report;
  }

  /** Where a type, pooled or cached, is in its life. @throws UnknownResourceError */
  phaseOf(type: ResourceTypeName): Phase {
    return this.lives.phaseOf(type);
  }

  stats(): CoordinatorStats {
    return {
      phase: this.lifecycle.phase,
      phases: this.lives.phases,
      pools: Object.fromEntries([...this.pools].map(([type, pool]) => [type, pool.stats])),
      scopes: this.scopes.size,
      cache: this.cache.stats,
      cachedResources: this.caches.stats(),
      ...processorStats(this.pools),
      troubles: this.troubles.all,
    };
  }

  /** Who holds what, and since when, over all pools and caches. */
  leases(): (LeaseInfo | CacheLeaseInfo)[] {
    return [...[...this.pools.values()].flatMap((pool) => pool.leases()), ...this.caches.leases()];
  }

  /**
   * Starts all types: each when what it depends on is ready, its pool filled to its `min`. Checks that the cache's stores work. A second call
   * waits for the first one's start.
   *
   * @throws InvalidOptionsError or UnknownResourceError for dependencies that cannot work, before anything starts; ResourceCreationError,
   * StartTimeoutError, DependencyError, when all that had started is stopped; PoolClosedError when it was closed meanwhile;
   * IllegalTransitionError when it was closed before
   */
  async warmUp(): Promise<void> {
    await this.life.start();
  }

  /** Whether the end has been announced, or draining has begun without: readiness answers 503 from then on. */
  get announced(): boolean {
    return this.shutdown.announced || this.draining;
  }

  /**
   * Announces the end: readiness answers 503, and everything is served for `announceFor`, until load balancers have heard of it.
   * Nest 12 has it called before every hook; elsewhere, call it before `close()`. It never fails, and nothing takes it back.
   *
   * @returns resolves when `announceFor` is over, or draining has begun; a second call waits for the same end
   */
  announce(): Promise<void> {
    return this.shutdown.announce();
  }

  /**
   * Has something paused when a shutdown begins, before draining does: a queue's consumer, a schedule. It is called once per
   * registration, in their order, and in no request's context; all together are waited for at most half of `drainTimeout`, and
   * at most five seconds. What it throws goes into the report. Registered later, it is called at once.
   *
   * @param pause may return a promise
   * @returns a function that takes it back
   * @throws InvalidOptionsError if it is no function
   */
  onDrain(pause: DrainHook): () => void {
    return this.shutdown.onDrain(pause);
  }

  /** @internal From now on, nothing of a shutdown waits for work. */
  hasten(): void {
    this.shutdown.haste.make();
    this.life.hasten();
  }

  /** @internal From now on, new work borrows nothing; work that has begun still does. */
  startDraining(): void {
    this.life.startDraining();
  }

  /**
   * Ends everything: has paused what {@link onDrain} was given, lets work that has begun go on until the deadline, then drains and
   * closes all pools and caches. Afterwards there are no pools. A second call gets the first one's report; with a deadline of 0, it
   * ends the wait. It announces nothing: {@link announce} before it does.
   *
   * @param options `deadline`; default: `drainTimeout`
   * @throws InvalidOptionsError for an unreadable deadline
   */
  async cleanup(options: { deadline?: Duration } = {}): Promise<ShutdownReport> {
    const deadline = readDeadline(options, this.drainTimeout);
    const inside = openScopeOf(this) !== undefined;
    if (deadline === 0) this.hasten();
    const since = this.clock.now();
    const paused = this.shutdown.pause(deadline);
    if (paused !== undefined) await paused;
    return await this.life.stop(Math.max(0, deadline - (this.clock.now() - since)), inside);
  }
}
