import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { TryAcquireOptions } from '../pool/acquire-options.js';
import type { Lease } from '../pool/leases/lease.js';
import type { PoolListener } from '../reports/pool-event.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { factoryOfType } from '../hooks/factory-of-type.js';
import type { ResourceFactory } from '../pool/factory/resource-factory.js';
import { KeyedResourcePool } from '../pool/keyed/keyed-resource-pool.js';
import { keepsReserve, ReservingResourcePool } from '../pool/reserving-resource-pool.js';
import { ResourcePool } from '../pool/resource-pool.js';
import type { TypeLives } from '../lifecycle/type-lives.js';
import type { StartSettings } from '../lifecycle/type-life.js';
import type { Clock } from '../time/clock.js';
import { describeValue } from '../words/describe-value.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import type { BorrowOptions, TryBorrowOptions } from '../scopes/borrow-options.js';
import { checkDefinitions, checkFactoryOf, type ResourceDefinitions } from './resource-definition.js';
import type { ResourceOverrides } from './resource-overrides.js';
import { type StartOptions, withoutStartOptions } from './starting/start-options.js';
import type { TroubleWatch } from './trouble-watch.js';
import { partOfPool, watchPool } from './type-parts.js';

/** The pool of a type, which has one for each key if the type is keyed. */
export type RegisteredPool = ResourcePool<unknown> | KeyedResourcePool<unknown>;

/** Which pool serves which resource type. One type, one pool. */
export class PoolRegistry {
  private readonly byType = new Map<string, RegisteredPool>();
  private readonly starts = new Map<string, StartSettings>();
  private sealed = false;
  private readonly listeners = new Map<PoolListener, Map<RegisteredPool, () => void>>();

  /**
   * @param clock of all pools
   * @param ground of all pools, whoever registers them and when
   * @param watch hears of their trouble
   * @param lives of all types
   * @param overrides what a test replaces
   * @param isCached whether there is a cached type of that name
   */
  constructor(
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
    private readonly watch: TroubleWatch,
    private readonly lives: TypeLives,
    private readonly overrides: ResourceOverrides,
    private readonly isCached: (type: string) => boolean,
  ) {}

  get pools(): ReadonlyMap<string, RegisteredPool> {
    return this.byType;
  }

  get types(): string[] {
    return [...this.byType.keys()];
  }

  /** @throws UnknownResourceError naming the known types */
  require(type: string): RegisteredPool {
    const pool = this.byType.get(type);
    if (pool === undefined) throw UnknownResourceError.forType(type, this.types, [], this.isCached(type));
    return pool;
  }

  /** Like {@link require}, to change it, or to tell of its changes. @throws UnknownResourceError */
  requireConfigurationOf(type: string): RegisteredPool {
    const pool = this.byType.get(type);
    if (pool !== undefined) return pool;
    throw UnknownResourceError.forConfigurationOf(type, this.types, this.isCached(type));
  }

  /** How a type starts. @throws UnknownResourceError */
  startOf(type: string): StartSettings {
    const settings = this.starts.get(type);
    if (settings === undefined) throw UnknownResourceError.forType(type, this.types, [], this.isCached(type));
    return settings;
  }

  /**
   * Borrows of the type's pool.
   *
   * @throws InvalidOptionsError for a keyed type without a key, and for a key with a type that is not keyed
   */
  acquire(type: string, options: BorrowOptions): Promise<Lease<unknown>> {
    const pool = this.byType.get(type) ?? this.require(type);
    if (pool instanceof KeyedResourcePool) return pool.acquire({ ...options, key: options.key ?? '' }); // it refuses the empty one
    if (options.key !== undefined) refuseKey(type);
    return pool.acquire(options);
  }

  /** Like {@link acquire}, but only what is idle, at once or not at all. */
  tryAcquire(type: string, options: TryBorrowOptions & TryAcquireOptions): Lease<unknown> | undefined {
    const pool = this.byType.get(type) ?? this.require(type);
    if (pool instanceof KeyedResourcePool) return pool.tryAcquire({ ...options, key: options.key ?? '' });
    if (options.key !== undefined) refuseKey(type);
    return pool.tryAcquire(options);
  }

  /** The pool that serves a type, and a key of it, if there is one now. */
  poolOf(type: string, key: string | undefined): ResourcePool<unknown> | undefined {
    const pool = this.byType.get(type);
    return pool instanceof KeyedResourcePool ? pool.poolOf(key ?? '') : pool;
  }

  /**
   * @throws InvalidOptionsError when the type is taken, or the factory or an option cannot work, UnknownResourceError for a
   * dependency that there is not, and PoolClosedError after {@link seal}
   */
  add(type: string, factory: ResourceFactory<unknown>, options: PoolOptions & StartOptions): void {
    const poolOptions = withoutStartOptions(options);
    const settings = checkFactoryOf(type, factory, options, poolOptions, 'resources');
    this.checkFree(type, 'resources');
    this.lives.check([{ type, ...settings }]);
    this.live(type, this.open(type, factory, poolOptions), settings);
  }

  /**
   * Adds several, all or none.
   *
   * @param at where the definitions stand, for the error
   */
  addAll(definitions: ResourceDefinitions, at: string): void {
    const entries = checkDefinitions(definitions, at);
    for (const { type } of entries) this.checkFree(type, at);
    this.lives.check(entries.map(({ type, settings }) => ({ type, ...settings })));
    const opened = new Map<string, RegisteredPool>();
    try {
      for (const { type, definition } of entries)
        opened.set(type, this.open(type, definition, definition.pool ?? {}));
    } catch (error) {
      // What several pools share, such as a budget, is refused only when the last of them is opened.
      for (const [type, pool] of opened) {
        void pool.close({ deadline: 0 }); // nobody has borrowed from it
        this.remove(type);
      }
      throw error;
    }
    for (const { type, settings } of entries) {
      const pool = opened.get(type);
      if (pool !== undefined) this.live(type, pool, settings);
    }
  }

  /** From now on, takes no more types: nobody would close their pools. */
  seal(): void {
    this.sealed = true;
  }

  /** Of closed pools: there are none any more, and nothing of them is told. */
  end(): void {
    for (const type of this.types) this.remove(type);
    this.watch.stop();
  }

  remove(type: string): void {
    const pool = this.byType.get(type);
    this.byType.delete(type);
    this.starts.delete(type);
    if (pool === undefined) return;
    this.watch.forget(type);
    for (const detachers of this.listeners.values()) {
      detachers.get(pool)?.();
      detachers.delete(pool);
    }
  }

  /** Hears of all pools, those to come included. @returns stops listening */
  observe(listener: PoolListener): () => void {
    const detachers = new Map<RegisteredPool, () => void>();
    for (const pool of this.byType.values()) detachers.set(pool, pool.observe(listener));
    this.listeners.set(listener, detachers);
    return () => {
      this.listeners.delete(listener);
      for (const detach of detachers.values()) detach();
    };
  }

  /** A lease that holds this resource now, in whatever pool. */
  leaseOf(resource: unknown, where: (lease: Lease<unknown>) => boolean): Lease<unknown> | undefined {
    for (const pool of this.byType.values()) {
      const lease = pool.leaseOf(resource);
      if (lease !== undefined && where(lease)) return lease;
    }
    return undefined;
  }

  private live(type: string, pool: RegisteredPool, settings: StartSettings): void {
    this.starts.set(type, settings);
    this.lives.add(type, partOfPool(pool), settings);
    watchPool(pool, () => this.lives.look());
  }

  private open(type: string, given: ResourceFactory<unknown>, givenOptions: PoolOptions): RegisteredPool {
    const [chosen, options] = this.overrides.ofPool(type, given, givenOptions);
    const factory = factoryOfType(chosen, type, this.clock);
    const pool = new (kindOf(options))(factory, { ...options, type, clock: this.clock, ground: this.ground });
    this.byType.set(type, pool);
    pool.events.lookOut(this.watch.poolEvent);
    for (const [listener, detachers] of this.listeners) detachers.set(pool, pool.observe(listener));
    return pool;
  }

  private checkFree(type: string, at: string): void {
    if (this.sealed) throw new PoolClosedError(type, 'register()');
    if (!this.byType.has(type)) return;
    throw new InvalidOptionsError(
      `${at}.${type}`,
      'is registered already, and a type has one factory. Unregister it first, or use reconfigure().',
      type,
    );
  }
}

function kindOf(
  options: PoolOptions,
): typeof ResourcePool | typeof ReservingResourcePool | typeof KeyedResourcePool {
  if (options.keyed !== undefined) return KeyedResourcePool;
  return keepsReserve(options) ? ReservingResourcePool : ResourcePool;
}

function refuseKey(type: string): never {
  const problem = `can't be used with ${describeValue(type)}, which has one pool for all. Give its pool "keyed" to have one for each key.`;
  throw new InvalidOptionsError('key', problem, type);
}
