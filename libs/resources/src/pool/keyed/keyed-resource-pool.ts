import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { ReconfigurationInProgressError } from '../../errors/reconfiguration-in-progress-error.js';
import { type PoolStats, sumStats } from '../../reports/pool-stats.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { describeValue } from '../../words/describe-value.js';
import { clockOn } from '../../time/ground-clock.js';
import { NeutralGround } from '../../time/neutral-ground.js';
import { readCallersOptions } from '../../options/callers-options.js';
import { checkType, readTimeout, type TryAcquireOptions } from '../acquire-options.js';
import type { DrainReport } from '../../reports/drain-report.js';
import { endKeys } from './end-keys.js';
import { type KeyedAcquireOptions, ofKey, readKeyedOptions } from './keyed-acquire-options.js';
import { KeyedChange } from './keyed-change.js';
import { KeyPools } from './key-pools.js';
import { KeyTable } from './key-table.js';
import { checkKeyedChange, type KeyedPoolSettings, readKeyedPoolOptions } from './keyed-pool-settings.js';
import type { Lease } from '../leases/lease.js';
import type { LeaseInfo } from '../../reports/lease-info.js';
import { checkOptions } from '../../options/option-reader.js';
import type { PoolEvent, PoolListener } from '../../reports/pool-event.js';
import { PoolEvents } from '../pool-events.js';
import { Configuration } from '../configuration.js';
import { type ChangeOutcome, GenerationChange } from '../generations/generation-change.js';
import { type BegunChange, type Change, refuseForData } from '../generations/reconfiguration.js';
import { workWith } from '../leases/work-with.js';
import type { PoolOptions } from '../pool-options.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import { ResourcePool } from '../resource-pool.js';
import {
  type DrainOptions,
  type FlushOptions,
  readDeadline,
  readSpread,
  type ResourcePoolOptions,
} from '../resource-pool-options.js';

/** What is reported of callers that wait for the place of a key. */
const TOLD: readonly PoolEvent['kind'][] = ['timeout', 'aborted', 'refused'];

/**
 * Keeps a pool for each key of one type: a tenant's database, a customer's account.
 *
 * The options are those of each key's pool, and `keyed` limits the keys. A key gets its pool when it is first
 * asked for, and may lose it to another key while nobody uses it; a key in use never does. What callers see of one
 * key is what they see of a {@link ResourcePool}, because it is one.
 */
export class KeyedResourcePool<T> {
  readonly type: string;
  /** Whether it has stopped taking callers, for good. */
  closed = false;
  private readonly clock: Clock;
  private readonly ground: NeutralGround;
  /** @internal */
  readonly events: PoolEvents;
  private readonly places: ResourcePool<unknown>;
  private readonly pools: KeyPools<T>;
  private readonly table: KeyTable<T>;
  /** @internal */
  configuration: Configuration<T, KeyedPoolSettings>;
  private closing: Promise<DrainReport> | undefined;
  private change: GenerationChange | undefined;

  /** @throws InvalidOptionsError when the factory or an option cannot work */
  constructor(factory: ResourceFactory<T>, poolOptions: ResourcePoolOptions = {}) {
    checkOptions(poolOptions, 'options');
    const {
      type = 'resource',
      clock: time = systemClock,
      random = Math.random,
      ground = new NeutralGround(),
      ...options
    } = poolOptions;
    checkType(type);
    this.type = type;
    const clock = clockOn(ground, time);
    const events = new PoolEvents(ground);
    this.clock = clock;
    this.ground = ground;
    this.events = events;
    this.configuration = Configuration.of(type, factory, { keyed: {}, ...options }, readKeyedPoolOptions);
    const shared = { type, clock, random, ground };
    this.places = new ResourcePool<unknown>({ create: () => ({}) }, { ...shared, ...this.placeOptions });
    this.places.events.follow((event, isTrouble) => {
      if (TOLD.includes(event.kind)) events.emit(event, isTrouble);
    });
    this.pools = new KeyPools(shared, events, this.configuration, () => this.table.makeRoom());
    this.table = new KeyTable(this.places, this.pools, ground);
  }

  /**
   * Borrows a resource of a key, as {@link ResourcePool.acquire} does. While all places are taken by other keys that are in
   * use, a caller with a new key waits for one within the same deadline.
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
    const { timeout = this.configuration.settings.acquireTimeout } = asked;
    const limit = readTimeout(timeout, this.type);
    const start = this.clock.now();
    const opened = await this.table.open(key, { ...asked, reserve: undefined });
    // At the very end, the last millisecond is for what needs no waiting.
    return await opened.acquire({ ...asked, timeout: Math.max(1, limit - (this.clock.now() - start)) });
  }

  /** Borrows an idle resource of a key, or returns `undefined`, as {@link ResourcePool.tryAcquire} does. */
  tryAcquire(options: TryAcquireOptions & Pick<KeyedAcquireOptions, 'key'>): Lease<T> | undefined {
    const { key, ...asked } = readCallersOptions(options, this.type, (given) =>
      readKeyedOptions(given, this.type),
    );
    this.checkKey(key);
    return this.table.find(key)?.tryAcquire(asked);
  }

  /** Borrows a resource of a key while `work` runs, as {@link ResourcePool.use} does. */
  use<R>(
    work: (resource: T, lease: Lease<T>) => R | PromiseLike<R>,
    options: KeyedAcquireOptions,
  ): Promise<R> {
    const failed = (lease: Lease<T>, error: unknown): void =>
      this.table.peek(options.key)?.workFailed(lease, error);
    return workWith(this.type, work, () => this.acquire(options), failed);
  }

  /** Creates nothing: which keys there will be is not known until a caller asks. */
  async warmUp(): Promise<void> {
    if (this.closed) throw new PoolClosedError(this.type, 'warmUp()', this.stats);
  }

  /** Changes each key's bounds at run time, as {@link ResourcePool.resize} does. */
  resize(size: Pick<PoolOptions, 'min' | 'minIdle' | 'max'>): void {
    this.reconfigure(size);
  }

  /** Changes any options of all keys at run time, as {@link ResourcePool.reconfigure} does. */
  reconfigure(change: PoolOptions, factory?: ResourceFactory<T>): void {
    const changed = this.changed(change, factory);
    this.adopt(changed);
    this.pools.reconfigure(changed, this.table.entries);
  }

  /** @internal Changes what is data at once, and begins a change of all keys to the next generation where there is one. */
  beginChange(...[change, factory, settings]: Change<T>): BegunChange {
    const { ground, clock, pools, table, configuration: before } = this;
    const after = this.changed(change, factory);
    if (after.handle === before.handle) {
      refuseForData(settings, this.type);
      this.reconfigure(change);
      return { before, after, run: undefined };
    }
    const generationChange = new GenerationChange(this.type, { ground, clock }, settings);
    const adopt = (configuration: typeof after): void => this.adopt(configuration);
    const keyed = new KeyedChange({ pools, table, before, after, adopt }, settings, generationChange);
    this.change = generationChange;
    const run = (giveUp: AbortSignal): Promise<ChangeOutcome> =>
      generationChange.run(keyed, giveUp).finally(() => (this.change = undefined));
    return { before, after, run };
  }

  /** Retires all of today's resources of all keys, as {@link ResourcePool.flush} does. */
  flush(options: FlushOptions = {}): Promise<void> {
    return this.ground.run(async () => {
      const spread = readSpread(options, this.type);
      await Promise.all(this.table.entries.map(({ pool }) => pool.flush({ spread })));
    });
  }

  /** Lends nothing until {@link resume}, as {@link ResourcePool.pause} does. */
  pause(): void {
    this.pools.paused = true;
    for (const { pool } of this.table.entries) pool.pause();
  }

  resume(): void {
    this.pools.paused = false;
    for (const { pool } of this.table.entries) pool.resume();
  }

  get paused(): boolean {
    return this.pools.paused;
  }

  /** The options in force, where they differ from the defaults. */
  get options(): Readonly<PoolOptions> {
    return this.configuration.options;
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
   * Takes no more callers, and waits until all leases are back or the deadline has passed. Callers that wait for the place of
   * a key are refused. It ends no lease; {@link close} does.
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => {
      const deadline = readDeadline(options, this.type);
      return await this.end((pool) => pool.drain({ deadline }));
    });
  }

  /** Drains, then revokes what is still on loan and destroys everything, as {@link ResourcePool.close} does. */
  close(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => {
      const deadline = readDeadline(options, this.type);
      if (this.closing !== undefined && deadline === 0) void this.end((pool) => pool.close({ deadline }));
      return await (this.closing ??= this.endAll(deadline));
    });
  }

  /** All keys together. Reads every key's pool. */
  get stats(): PoolStats {
    const { places, configuration } = this;
    const { settings } = configuration;
    const sum = sumStats([...this.pools.past, ...this.table.entries.map(({ pool }) => pool.stats)]);
    const { pending, timeouts } = places.stats;
    sum.pending += pending;
    sum.timeouts += timeouts;
    const most = (settings.max + settings.reserved) * (places.options.max ?? 0);
    return { ...sum, max: Math.min(most, settings.total) };
  }

  /** Who holds what, and since when. */
  leases(): LeaseInfo[] {
    return this.table.entries.flatMap(({ key, pool }) => pool.leases().map((lease) => ofKey(lease, key)));
  }

  /** The lease that holds this resource now, if any. Looks at every resource, so it is not for hot paths. */
  leaseOf(resource: unknown): Lease<T> | undefined {
    for (const { pool } of this.table.entries) {
      const lease = pool.leaseOf(resource);
      if (lease !== undefined) return lease;
    }
    return undefined;
  }

  /** Hears of everything that happens. @returns a function that stops listening */
  observe(listener: PoolListener): () => void {
    return this.events.observe(listener);
  }

  /** @throws InvalidOptionsError, ReconfigurationInProgressError */
  private changed(change: PoolOptions, factory?: ResourceFactory<T>): Configuration<T, KeyedPoolSettings> {
    const changed = this.configuration.changed(change, factory);
    checkKeyedChange(this.configuration.settings, changed.settings, this.table.keys.length, this.type);
    if (this.change !== undefined) throw new ReconfigurationInProgressError(this.type);
    return changed;
  }

  /** Puts another configuration in force, but for the keys that have a pool. */
  private adopt(configuration: Configuration<T, KeyedPoolSettings>): void {
    this.configuration = configuration;
    const { max, ...others } = this.placeOptions;
    this.places.reconfigure(others);
    this.table.resize(max);
  }

  private async endAll(deadline: number): Promise<DrainReport> {
    const report = await this.end((pool) => pool.close({ deadline }));
    await this.table.close();
    await this.pools.closed();
    return report;
  }

  private async end(how: (pool: ResourcePool<T>) => Promise<DrainReport>): Promise<DrainReport> {
    this.closed = true;
    this.change?.closed();
    this.table.dismiss((owner) => new PoolClosedError(this.type, owner, this.stats));
    return await endKeys(this.table.entries, how);
  }

  private get placeOptions(): Required<Pick<PoolOptions, 'max' | 'acquireTimeout' | 'maxWaiting'>> &
    PoolOptions {
    const { keys, acquireTimeout, maxWaiting } = this.configuration.settings;
    return { max: keys, acquireTimeout, maxWaiting, idleTimeout: Infinity, maxLifetime: Infinity };
  }

  private checkKey(key: unknown): void {
    if (typeof key === 'string' && key !== '') return;
    const problem = `must be a non-empty string, because "${this.type}" has a pool for each key; got ${describeValue(key)}.`;
    throw new InvalidOptionsError('key', problem, this.type);
  }
}
