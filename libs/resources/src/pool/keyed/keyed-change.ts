import type { GenerationStats } from '../../reports/generation-stats.js';
import type { Configuration } from '../configuration.js';
import type { ChangeListener, Changeover } from '../generations/changeover.js';
import type { ChangingPool, CreatingInBake } from '../generations/generation-change.js';
import { checkCanaries, type ChangeSettings } from '../generations/reconfigure-options.js';
import type { ResourcePool } from '../resource-pool.js';
import type { KeyPools } from './key-pools.js';
import type { KeyEntry, KeyTable } from './key-table.js';
import type { KeyedPoolSettings } from './keyed-pool-settings.js';

/** The keyed pool whose generation changes. */
export interface KeyedChangeHost<T> {
  readonly pools: KeyPools<T>;
  readonly table: Pick<KeyTable<T>, 'entries'>;
  readonly before: Configuration<T, KeyedPoolSettings>;
  readonly after: Configuration<T, KeyedPoolSettings>;
  /** Puts one of the two in force, but for the pools of keys. */
  adopt(configuration: Configuration<T, KeyedPoolSettings>): void;
}

/** One key's pool in it. */
interface Part<T> {
  readonly changeover: Changeover<T>;
  /** Resolves when the key has lost its place meanwhile: nobody used it. */
  readonly gone: Promise<void>;
}

/**
 * A change of generations in the pools of all keys: all of them, or none. Each key that has resources makes its own canaries. A key that
 * gets a pool meanwhile starts with the generation that is in force, and goes back with the others.
 */
export class KeyedChange<T> implements ChangingPool {
  private readonly parts = new Map<ResourcePool<T>, Part<T>>();

  /** @throws InvalidOptionsError when there can't be so many canaries */
  constructor(
    private readonly host: KeyedChangeHost<T>,
    private readonly settings: ChangeSettings,
    private readonly listener: Pick<ChangeListener, 'failed'>,
  ) {
    const { before, after } = host;
    checkCanaries(settings, Math.min(before.settings.max, after.settings.max), host.pools.type);
  }

  get paused(): boolean {
    return this.host.pools.paused;
  }

  async prepare(): Promise<void> {
    const used = this.host.table.entries.filter(({ pool }) => pool.stats.size > 0);
    const parts = used.map((entry) => this.join(entry));
    await Promise.all(parts.map(({ changeover, gone }) => Promise.race([changeover.prepare(), gone])));
  }

  switchOver(): void {
    const { pools, table, after } = this.host;
    this.host.adopt(after);
    for (const entry of table.entries) this.join(entry).changeover.switchOver();
    pools.opened = (key, pool) => this.join({ key, pool }).changeover.switchOver();
  }

  get creations(): CreatingInBake {
    const all = this.changeovers.map(({ creations }) => creations);
    return {
      grow: () => all.forEach((each) => each.grow()),
      renew: () => all.forEach((each) => each.renew()),
      underWay: all.some(({ underWay }) => underWay),
    };
  }

  stats(): GenerationStats {
    const all = this.changeovers.map((part) => part.stats());
    const sum = (name: keyof GenerationStats): number => all.reduce((total, each) => total + each[name], 0);
    const most = (name: keyof GenerationStats): number => Math.max(0, ...all.map((each) => each[name]));
    const [acquired, failures] = [sum('acquired'), sum('failures')];
    return {
      age: most('age'),
      size: sum('size'),
      acquired,
      failures,
      errorRate: acquired === 0 ? 0 : failures / acquired,
      pending: sum('pending'),
      waiting: most('waiting'),
      timeouts: sum('timeouts'),
    };
  }

  async finish(): Promise<void> {
    const gone = Promise.all(this.changeovers.map((part) => part.finish()));
    this.settle(this.host.after);
    await gone;
  }

  goBack(): void {
    for (const part of this.changeovers) part.goBack();
    this.host.adopt(this.host.before);
    this.settle(this.host.before);
  }

  stop(): void {
    for (const part of this.changeovers) part.stop();
    this.host.pools.opened = undefined;
  }

  private get changeovers(): Changeover<T>[] {
    return [...this.parts.values()].map(({ changeover }) => changeover);
  }

  private settle(configuration: Configuration<T, KeyedPoolSettings>): void {
    const { pools, table } = this.host;
    pools.opened = undefined;
    pools.settle(configuration, table.entries);
  }

  private join(entry: Pick<KeyEntry<T>, 'key' | 'pool'>): Part<T> {
    const { host, parts, settings, listener } = this;
    const { pool } = entry;
    const known = parts.get(pool);
    if (known !== undefined) return known;
    let leave: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (leave = resolve));
    const changeover = host.pools.changeTo(host.after, entry, settings, {
      failed: (cause) => listener.failed(cause),
      closed: () => {
        changeover.stop();
        parts.delete(pool);
        leave();
      },
    });
    const part = { changeover, gone };
    parts.set(pool, part);
    return part;
  }
}
