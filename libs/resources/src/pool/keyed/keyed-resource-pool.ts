import { describeName } from '../../errors/describe-name.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { type PoolStats, sumStats } from '../../reports/pool-stats.js';
import { checkSignal } from '../../time/abort-signals.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { format } from '../../time/duration.js';
import { clockOn } from '../../time/ground-clock.js';
import { NeutralGround } from '../../time/neutral-ground.js';
import {
  type AcquireOptions,
  checkNames,
  checkPriority,
  checkType,
  checkWork,
  readCallersOptions,
  readTimeout,
} from '../acquire-options.js';
import { type DrainReport, mergeReports } from '../../reports/drain-report.js';
import { KeyTable, type KeyTableHost } from './key-table.js';
import { factoryOfKey } from './keyed-factory.js';
import { checkKeyedChange, type KeyedPoolSettings, readKeyedPoolOptions } from './keyed-pool-settings.js';
import { InService } from '../in-service.js';
import type { Lease } from '../leases/lease.js';
import type { LeaseInfo } from '../../reports/lease-info.js';
import { checkOptions } from '../../options/option-reader.js';
import type { PoolEvent, PoolListener } from '../../reports/pool-event.js';
import { PoolEvents } from '../pool-events.js';
import { mergePoolOptions, type PoolOptions } from '../pool-options.js';
import { ResourceBudget } from '../sizing/resource-budget.js';
import { checkFactory, handleOf, type ResourceFactory } from '../factory/resource-factory.js';
import { ResourcePool } from '../resource-pool.js';
import { type DrainOptions, readDeadline, type ResourcePoolOptions } from '../resource-pool-options.js';

/** What one `acquire` of a keyed pool asks for. */
export interface KeyedAcquireOptions extends AcquireOptions {
  /** For whom: a tenant's name. Any text but the empty one. */
  key: string;
}

/** What callers hear of who waits for the place of a key. */
const TOLD: readonly PoolEvent['kind'][] = ['timeout', 'aborted', 'refused'];

/**
 * Keeps a pool for each key of one type: a tenant's database, a customer's account.
 *
 * The options are those of each key's pool, and `keyed` limits the keys. A key gets its pool when it is first
 * asked for, and loses it to another key when nobody uses it; who is in use never does. What callers see of one
 * key is what they see of a {@link ResourcePool}, because it is one.
 */
export class KeyedResourcePool<T> implements KeyTableHost<T> {
  readonly type: string;
  /** Whether nothing is lent until {@link resume}. */
  paused = false;
  /** Whether it has stopped taking callers, for good. */
  closed = false;
  private readonly clock: Clock;
  private readonly ground: NeutralGround;
  private readonly events: PoolEvents;
  private readonly places: ResourcePool<unknown>;
  /** What all keys share, when that is limited. */
  private readonly budget: ResourceBudget | undefined;
  private readonly table: KeyTable<T>;
  private current: PoolOptions;
  private settings: KeyedPoolSettings;
  private factory: ResourceFactory<T>;
  private handle: ResourceFactory<T>;
  /** Of all keys: no object is lent under two of them. */
  private readonly inService = new InService();
  /** The pools of keys that have lost their place, while they close. */
  private readonly leaving = new Set<ResourcePool<T>>();
  /** What the pools that are no more have counted. */
  private past = sumStats([]);
  private closing: Promise<DrainReport> | undefined;

  /** @throws InvalidOptionsError when the factory or an option cannot work */
  constructor(factory: ResourceFactory<T>, poolOptions: ResourcePoolOptions = {}) {
    checkOptions(poolOptions, 'options');
    const {
      type = 'resource',
      clock: time = systemClock,
      ground = new NeutralGround(),
      ...options
    } = poolOptions;
    checkType(type);
    checkFactory(factory, 'factory', type);
    this.type = type;
    const clock = clockOn(ground, time);
    this.clock = clock;
    this.ground = ground;
    this.events = new PoolEvents(ground);
    this.factory = factory;
    this.handle = handleOf(factory);
    this.current = { keyed: {}, ...options };
    this.settings = readKeyedPoolOptions(this.current, type, this.handle.validate !== undefined);
    const { total } = this.settings;
    this.budget = total === Infinity ? undefined : new ResourceBudget(total);
    this.places = new ResourcePool<unknown>(
      { create: () => ({}) },
      { type, clock, ground, ...this.placeOptions },
    );
    this.places.follow((event) => {
      if (TOLD.includes(event.kind)) this.events.emit(event);
    });
    this.table = new KeyTable(this.places, this, ground);
  }

  /**
   * Borrows a resource of a key: as {@link ResourcePool.acquire} does. While all places are taken by other keys that are in
   * use, the caller of a new key waits for one within the same deadline.
   *
   * @throws InvalidOptionsError without a key, and whatever {@link ResourcePool.acquire} does
   */
  async acquire(options: KeyedAcquireOptions): Promise<Lease<T>> {
    const { key, ...asked } = readCallersOptions(options, this.type, (given) =>
      readKeyedOptions(given, this.type),
    );
    this.checkKey(key);
    const pool = this.table.find(key);
    if (this.closed) throw new PoolClosedError(this.type, asked.owner ?? 'a new caller', this.stats);
    if (pool !== undefined) return await pool.acquire(asked);
    const { timeout = this.settings.acquireTimeout } = asked;
    const limit = readTimeout(timeout, this.type);
    const start = this.clock.now();
    const opened = await this.table.open(key, asked);
    // At the very end, the last millisecond is for what needs no waiting.
    return await opened.acquire({ ...asked, timeout: Math.max(1, limit - (this.clock.now() - start)) });
  }

  /** Borrows an idle resource of a key, or does without: as {@link ResourcePool.tryAcquire} does. */
  tryAcquire(options: Pick<KeyedAcquireOptions, 'key' | 'owner' | 'tenant'>): Lease<T> | undefined {
    const { key, ...asked } = readCallersOptions(options, this.type, (given) =>
      readKeyedOptions(given, this.type),
    );
    this.checkKey(key);
    return this.table.find(key)?.tryAcquire(asked);
  }

  /** Borrows a resource of a key for the time of `work`. */
  async use<R>(
    work: (resource: T, lease: Lease<T>) => R | PromiseLike<R>,
    options: KeyedAcquireOptions,
  ): Promise<R> {
    checkWork(work, this.type);
    const lease = await this.acquire(options);
    try {
      return await work(lease.resource, lease);
    } catch (error) {
      this.table.peek(options.key)?.workFailed(lease, error);
      throw error;
    } finally {
      void lease.release(); // never rejects, and the caller need not wait for a reset
    }
  }

  /** Creates nothing: which keys there will be is not known before somebody asks. */
  async warmUp(): Promise<void> {
    if (this.closed) throw new PoolClosedError(this.type, 'warmUp()', this.stats);
  }

  /** Changes each key's bounds at run time: as {@link ResourcePool.resize} does. */
  resize(size: Pick<PoolOptions, 'min' | 'max'>): void {
    this.reconfigure(size);
  }

  /** Changes any options of all keys at run time: as {@link ResourcePool.reconfigure} does. */
  reconfigure(change: PoolOptions, factory: ResourceFactory<T> = this.factory): void {
    checkFactory(factory, 'factory', this.type);
    const handle = factory === this.factory ? this.handle : handleOf(factory);
    const options = mergePoolOptions(this.current, change);
    const settings = readKeyedPoolOptions(options, this.type, handle.validate !== undefined);
    checkKeyedChange(this.settings, settings, this.table.keys.length, this.type);
    this.settings = settings;
    this.current = options;
    for (const { key, pool } of this.table.entries) {
      if (factory === this.factory) pool.reconfigure(this.optionsOfOne);
      else pool.reconfigure(this.optionsOfOne, factoryOfKey(handle, key));
    }
    this.factory = factory;
    this.handle = handle;
    const { max, ...others } = this.placeOptions;
    this.places.reconfigure(others);
    this.table.resize(max);
  }

  /** Retires all of today's resources of all keys: as {@link ResourcePool.flush} does. */
  flush(): Promise<void> {
    return this.ground.run(async () => {
      await Promise.all(this.table.entries.map(({ pool }) => pool.flush()));
    });
  }

  /** Lends nothing until {@link resume}: as {@link ResourcePool.pause} does. */
  pause(): void {
    this.paused = true;
    for (const { pool } of this.table.entries) pool.pause();
  }

  resume(): void {
    this.paused = false;
    for (const { pool } of this.table.entries) pool.resume();
  }

  /** The options in force, where they differ from the defaults. */
  get options(): Readonly<PoolOptions> {
    return this.current;
  }

  /** The keys that have a pool now. */
  get keys(): string[] {
    return this.table.keys;
  }

  /** The pool of a key that has one now. */
  poolOf(key: string): ResourcePool<T> | undefined {
    return this.table.peek(key);
  }

  /**
   * Takes no more callers, and waits until all leases are back or the deadline has passed. Who waits for the place of a
   * key is refused. It ends no lease; {@link close} does.
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => {
      const deadline = readDeadline(options, this.type);
      return await this.end((pool) => pool.drain({ deadline }));
    });
  }

  /** Drains, then revokes what is still on loan and destroys everything: as {@link ResourcePool.close} does. */
  close(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => {
      const deadline = readDeadline(options, this.type);
      return await (this.closing ??= this.endAll(deadline));
    });
  }

  /** All keys together. Reads every key's pool. */
  get stats(): PoolStats {
    const { places, settings } = this;
    const past = [this.past, ...[...this.leaving].map(statsOfPast)];
    const sum = sumStats([...past, ...this.table.entries.map(({ pool }) => pool.stats)]);
    const { pending, timeouts } = places.stats;
    sum.pending += pending;
    sum.timeouts += timeouts;
    const most = settings.max * (places.options.max ?? 0);
    return { ...sum, max: Math.min(most, settings.total) };
  }

  /** Who holds what since when. */
  leases(): LeaseInfo[] {
    return this.table.entries.flatMap(({ key, pool }) => pool.leases().map((lease) => ofKey(lease, key)));
  }

  /** The lease that holds this resource now, if any. Looks at every resource: not for hot paths. */
  leaseOf(resource: unknown): Lease<T> | undefined {
    for (const { pool } of this.table.entries) {
      const lease = pool.leaseOf(resource);
      if (lease !== undefined) return lease;
    }
    return undefined;
  }

  /** Hears of everything that happens. @returns stops listening */
  observe(listener: PoolListener): () => void {
    return this.events.observe(listener);
  }

  /** @internal */
  open(key: string): ResourcePool<T> {
    const { type, clock, ground } = this;
    const options = { ...this.optionsOfOne, type, clock, ground };
    const pool = new ResourcePool(factoryOfKey(this.handle, key), options, this.inService);
    if (this.paused) pool.pause();
    pool.onQuiet = () => this.table.makeRoom();
    pool.follow((event) => {
      if (this.events.observed) this.events.emit({ ...event, key });
      if (event.kind === 'destroyed' || event.kind === 'creationFailed') this.table.makeRoom();
    });
    return pool;
  }

  /** @internal */
  relax(pool: ResourcePool<T>): void {
    pool.reconfigure({ min: 0, sizing: { mode: this.isFixed ? 'elastic' : undefined } });
  }

  /** @internal */
  restore(pool: ResourcePool<T>): void {
    pool.reconfigure({ min: this.settings.min, sizing: { mode: this.isFixed ? 'fixed' : undefined } });
  }

  /** @internal */
  async discard(pool: ResourcePool<T>): Promise<void> {
    this.leaving.add(pool);
    await pool.close({ deadline: 0 });
    this.leaving.delete(pool);
    this.past = sumStats([this.past, statsOfPast(pool)]);
  }

  private get isFixed(): boolean {
    return this.current.sizing?.mode === 'fixed';
  }

  private async endAll(deadline: number): Promise<DrainReport> {
    const report = await this.end((pool) => pool.close({ deadline }));
    await this.table.close();
    await Promise.all([...this.leaving].map((pool) => pool.close()));
    return report;
  }

  private async end(how: (pool: ResourcePool<T>) => Promise<DrainReport>): Promise<DrainReport> {
    this.closed = true;
    this.table.dismiss((owner) => new PoolClosedError(this.type, owner, this.stats));
    const { entries } = this.table;
    const reports = await Promise.all(entries.map(({ pool }) => how(pool)));
    return mergeReports(
      reports.map((report, index) => {
        return { ...report, held: report.held.map((lease) => ofKey(lease, entries[index].key)) };
      }),
    );
  }

  private get optionsOfOne(): PoolOptions {
    const { keyed: _, quota, ...options } = this.current;
    return { ...options, quota: { ...quota, budget: this.budget } };
  }

  private get placeOptions(): Required<Pick<PoolOptions, 'max' | 'acquireTimeout' | 'maxWaiting'>> &
    PoolOptions {
    const { keys, acquireTimeout, maxWaiting } = this.settings;
    return {
      max: keys,
      acquireTimeout,
      maxWaiting,
      idleTimeout: Infinity,
      maxLifetime: Infinity,
    };
  }

  private checkKey(key: unknown): void {
    if (typeof key === 'string' && key !== '') return;
    const problem = `must be a text that is not empty, because "${this.type}" has a pool for each key; got ${format(key)}.`;
    throw new InvalidOptionsError('key', problem, this.type);
  }
}

function statsOfPast({ stats }: { stats: PoolStats }): PoolStats {
  return { ...stats, min: 0, max: 0 };
}

/** Each is read once: what was checked is what is used. */
function readKeyedOptions(options: KeyedAcquireOptions, type: string): KeyedAcquireOptions {
  const { key, signal, timeout, owner, tenant, priority } = options;
  checkSignal(signal, type);
  checkNames(owner === undefined ? '' : owner, tenant === undefined ? '' : tenant, type);
  if (priority !== undefined) checkPriority(priority, type);
  if (timeout !== undefined) readTimeout(timeout, type);
  return { key, signal, timeout, owner, tenant, priority };
}

function ofKey(lease: LeaseInfo, key: string): LeaseInfo {
  const type = describeName(lease.type);
  return { ...lease, key, id: `${type}[${describeName(key)}]${lease.id.slice(type.length)}` };
}
