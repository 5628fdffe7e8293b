import { type PoolStats, sumStats } from '../../reports/pool-stats.js';
import type { Clock } from '../../time/clock.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import type { Configuration } from '../configuration.js';
import type { ChangeListener, Changeover } from '../generations/changeover.js';
import type { ChangeSettings } from '../generations/reconfigure-options.js';
import { InService } from '../../hooks/in-service.js';
import type { PoolEvents } from '../pool-events.js';
import { changeTo, type PoolOptions } from '../pool-options.js';
import { keepsReserve, ReservingResourcePool } from '../reserving-resource-pool.js';
import { ResourcePool } from '../resource-pool.js';
import { ResourceBudget } from '../sizing/resource-budget.js';
import type { KeyEntry, KeyTableHost } from './key-table.js';
import { factoryOfKey } from './keyed-factory.js';
import type { KeyedPoolSettings } from './keyed-pool-settings.js';

/** What the pools of all keys share, whatever the options. */
export interface SharedByKeys {
  readonly type: string;
  readonly clock: Clock;
  readonly ground: NeutralGround;
  readonly random: () => number;
}

/** Makes the pool of each key, and ends it. Which keys have one is decided by the table. */
export class KeyPools<T> implements KeyTableHost<T> {
  /** Whether none of them lends. */
  paused = false;
  /** Hears of each pool that is opened. */
  opened: ((key: string, pool: ResourcePool<T>) => void) | undefined;
  /** What all keys share, when that is limited. */
  private readonly budget: ResourceBudget | undefined;
  /** Of all keys: no object is lent under two of them. */
  private readonly inService = new InService();
  /** The pools of keys that have lost their place, while they close. */
  private readonly leaving = new Set<ResourcePool<T>>();
  /** What the pools that have ended counted. */
  private ended = sumStats([]);

  /** @param makeRoom to be called whenever a pool may have become one that nobody uses */
  constructor(
    private readonly shared: SharedByKeys,
    private readonly events: PoolEvents,
    private configuration: Configuration<T, KeyedPoolSettings>,
    private readonly makeRoom: () => void,
  ) {
    const { total } = configuration.settings;
    this.budget = total === Infinity ? undefined : new ResourceBudget(total);
  }

  get type(): string {
    return this.shared.type;
  }

  open(key: string): ResourcePool<T> {
    const { shared, configuration, inService, events } = this;
    const options = { ...this.optionsOfOne(configuration), ...shared, revives: false };
    const Pool = keepsReserve(options) ? ReservingResourcePool : ResourcePool;
    const pool = new Pool(factoryOfKey(configuration.handle, key), options, inService);
    if (this.paused) pool.pause();
    pool.onQuiet = this.makeRoom;
    pool.events.follow((event, isTrouble) => {
      if (isTrouble || events.observed) events.emit({ ...event, key }, isTrouble);
      if (event.kind === 'destroyed' || event.kind === 'creationFailed') this.makeRoom();
    });
    this.opened?.(key, pool);
    return pool;
  }

  /** The part of one key's pool in a change to another generation. */
  changeTo(
    next: Configuration<T, KeyedPoolSettings>,
    { key, pool }: Pick<KeyEntry<T>, 'key' | 'pool'>,
    settings: ChangeSettings,
    listener: ChangeListener,
  ): Changeover<T> {
    const factory = factoryOfKey(next.handle, key);
    const change = changeTo(pool.options, this.optionsOfOne(next));
    return pool.configured.changeTo(change, factory, settings, listener);
  }

  relax(pool: ResourcePool<T>): void {
    pool.reconfigure({ min: 0, minIdle: 0, sizing: { mode: this.isFixed ? 'elastic' : undefined } });
  }

  restore(pool: ResourcePool<T>): void {
    const { min, minIdle } = this.configuration.settings.minimum;
    pool.reconfigure({ min, minIdle, sizing: { mode: this.isFixed ? 'fixed' : undefined } });
  }

  async discard(pool: ResourcePool<T>): Promise<void> {
    this.leaving.add(pool);
    await pool.close({ deadline: 0 });
    this.leaving.delete(pool);
    this.ended = sumStats([this.ended, withoutBounds(pool.stats)]);
  }

  /** @param entries the pools that there are */
  reconfigure(configuration: Configuration<T, KeyedPoolSettings>, entries: readonly KeyEntry<T>[]): void {
    const { handle } = configuration;
    const renewed = handle !== this.configuration.handle;
    this.configuration = configuration;
    for (const { key, pool } of entries) {
      const change = changeTo(pool.options, this.optionsOfOne(configuration));
      if (renewed) pool.reconfigure(change, factoryOfKey(handle, key));
      else pool.reconfigure(change);
    }
  }

  /** The pools have come to this configuration by themselves. */
  settle(configuration: Configuration<T, KeyedPoolSettings>, entries: readonly KeyEntry<T>[]): void {
    this.configuration = configuration;
    for (const { pool } of entries) pool.reconfigure(this.optionsOfOne(configuration));
  }

  /** Of keys that have lost their place. */
  get past(): PoolStats[] {
    return [this.ended, ...[...this.leaving].map(({ stats }) => withoutBounds(stats))];
  }

  /** Resolves when the pools that close already are closed. */
  async closed(): Promise<void> {
    await Promise.all([...this.leaving].map((pool) => pool.close()));
  }

  private get isFixed(): boolean {
    return this.configuration.options.sizing?.mode === 'fixed';
  }

  /** @returns with nothing of the credentials: the handle has read them already */
  private optionsOfOne({ options: all }: Configuration<T, KeyedPoolSettings>): PoolOptions {
    const { keyed: _, credentials: __, quota, ...options } = all;
    return { ...options, quota: { ...quota, budget: this.budget } };
  }
}

function withoutBounds(stats: PoolStats): PoolStats {
  return { ...stats, min: 0, max: 0 };
}
