import type { Cache } from 'cache-manager';
import type { Keyv } from 'keyv';
import { CacheClosedError } from '../errors/cache/cache-closed-error.js';
import { withOwnSignal } from '../hooks/abort-signals.js';
import { systemClock } from '../time/clock.js';
import { type Duration, parseDuration } from '../time/duration.js';
import { NeutralGround } from '../time/neutral-ground.js';
import type { CacheContext } from './cache-context.js';
import { CacheEvents } from './cache-events.js';
import type { CacheListener } from '../reports/cache-event.js';
import type { CacheLease } from './live/cache-lease.js';
import type { CacheLeaseInfo } from '../reports/lease-info.js';
import { createManager } from './keyv/cache-manager.js';
import { type CacheOptions, type CacheSettings, readCacheOptions } from './cache-options.js';
import type { CacheReport } from '../reports/cache-report.js';
import { CacheCounts } from './cache-counts.js';
import type { CacheStats, RemovalCause } from '../reports/cache-stats.js';
import { CacheStore } from './cache-store.js';
import { type Timekeeping, timekeeping } from '../time/timekeeping.js';
import { checkKeyv } from './keyv/check-keyv.js';
import {
  checkKey,
  checkLoad,
  type LeaseOptions,
  type Load,
  type OriginWrapOptions,
  type PutOptions,
  readLeaseOptions,
  readOptions,
  readOwner,
  readPutOptions,
  readTags,
  readWrapOptions,
  type WrapSettings,
} from './entry-options.js';
import { SecondaryStores } from './keyv/secondary-stores.js';
import { createKeyv } from './keyv/keyv-store.js';
import { StoredLookUp } from './keyv/stored-look-up.js';
import { LiveResources } from './live/live-resources.js';
import { LONE_HOST } from './loads/load-host.js';
import { Loader } from './loads/loader.js';

/**
 * Values and live resources that are expensive to make, kept for a while: bounded by count, weight and time.
 *
 * It exists because a shared cache must not do what a `Map` with a timer does: load the same thing
 * twice, bring back what was deleted, or close a connection that somebody is using. `null`, `0`, `''` and
 * `false` are values like any other. `undefined` is not, as it denotes a miss. A live resource is reached
 * only by `lease`, so that nobody can hold one without being counted.
 *
 * {@link keyv} and {@link manager} give the same entries to whatever is built on Keyv and cache-manager.
 */
export class ResourceCache {
  /** The cache's name. */
  readonly type: string;
  /** The cache as a Keyv 5 instance. Its entries are the cache's. */
  readonly keyv: Keyv;
  /** The cache as cache-manager's `Cache`: what `CACHE_MANAGER` of `@nestjs/cache-manager` stands for. */
  readonly manager: Cache;
  private readonly settings: CacheSettings;
  private readonly time: Timekeeping;
  private readonly counts = new CacheCounts();
  private readonly events: CacheEvents;
  /** @internal */
  readonly store: CacheStore;
  private readonly loader: Loader;
  private readonly live: LiveResources;
  private readonly defaults: WrapSettings<unknown>;
  private readonly optionsAt: string;
  private closing: Promise<CacheReport> | undefined;

  /** @throws InvalidOptionsError when an option cannot work */
  constructor(options: CacheOptions = {}, context: CacheContext = {}) {
    const { type = 'cache', at = type, clock = systemClock } = context;
    const { ground = new NeutralGround(), host = LONE_HOST } = context;
    const settings = readCacheOptions(options, at);
    const { counts } = this;
    const time = timekeeping(clock, ground);
    const events = new CacheEvents(ground);
    const secondary = new SecondaryStores(type, settings.stores, settings.load.timeout, events, time);
    this.type = type;
    this.optionsAt = at;
    this.settings = settings;
    this.time = time;
    this.events = events;
    this.defaults = readWrapOptions({}, settings);
    const lost = (key: string, reason: RemovalCause): void => events.removed(type, key, reason);
    this.store = new CacheStore(settings, time, counts, secondary, (live) => this.live.left(live), lost);
    this.loader = new Loader(type, this.store, counts, events, time, host);
    this.live = new LiveResources(type, settings, this.store, counts, events, time, host);
    const lookUp = new StoredLookUp(this.store, this.loader, counts);
    this.keyv = createKeyv(this, lookUp, settings.ttl);
    this.manager = createManager(this.keyv, {
      ttl: settings.ttl,
      refreshAhead: settings.load.refreshAhead,
      wrap: (key, load, wrapOptions) => this.wrap(key, load, wrapOptions),
      remaining: (key) => this.store.remaining(key),
    });
  }

  /** Whether it has secondary stores, which others may share: then its keys must have one meaning for all of them. */
  get hasStores(): boolean {
    return !this.store.secondary.none;
  }

  /** The value under a key, from memory or a secondary store, or `undefined`. */
  // The caller says what a key holds, as with every cache.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  async get<T>(key: string): Promise<T | undefined> {
    checkKey(key);
    const { store, counts } = this;
    const value = store.fresh(key);
    if (value !== undefined || store.secondary.none) return counts.lookUp(value) as T | undefined; // whoever puts and whoever gets agree on what a key holds
    return counts.lookUp((await this.loader.find(key))?.value) as T | undefined; // see above
  }

  /** The value under a key that is in memory, or `undefined`. Counts as {@link get} does. */
  // The caller says what a key holds, as with every cache.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  getSync<T>(key: string): T | undefined {
    checkKey(key);
    return this.counts.lookUp(this.store.fresh(key)) as T | undefined; // see above
  }

  /** The value under a key that is in memory, or `undefined`. Neither counts nor keeps the entry from leaving. */
  // The caller says what a key holds, as with every cache.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  peek<T>(key: string): T | undefined {
    checkKey(key);
    return this.store.peek(key)?.value as T | undefined; // see above
  }

  /** Whether memory holds a value under a key that is fresh. Neither counts nor keeps the entry from leaving. */
  has(key: string): boolean {
    checkKey(key);
    return this.store.peek(key)?.value !== undefined;
  }

  /** The keys of all fresh values in memory, in no particular order. Live resources are told of by {@link leases}. */
  keys(): IterableIterator<string> {
    return this.store.keys();
  }

  /**
   * Keeps a value under a key, replacing what was there, whatever is being loaded for it. `undefined` only
   * deletes. A value with tags stays in memory, and the secondary stores lose the key.
   *
   * @throws InvalidOptionsError when the key or an option cannot work
   */
  async put(key: string, value: unknown, options: PutOptions = {}): Promise<void> {
    checkKey(key);
    const keeping = readPutOptions(options, this.settings);
    this.supersede(key);
    if (value === undefined) await this.forget(key);
    else await this.store.keepValue(key, value, keeping);
  }

  /**
   * The value under a key; made by `load` when there is none, once for all concurrent callers. A caller that needed no
   * load of its own counts as a hit. When the key is put, deleted or cleared, or its tag is invalidated, during a load,
   * the callers that wait for it still get what it brings, but it is not kept.
   *
   * @throws what `load` throws, for all that wait for it; CacheTimeoutError when it does not settle in time;
   * CacheAbortedError; InvalidOptionsError
   */
  async wrap<T>(key: string, load: Load<T>, options?: OriginWrapOptions<T>): Promise<T> {
    checkKey(key);
    checkLoad(load);
    const asked = options as OriginWrapOptions<unknown> | undefined; // its functions get what the load brings
    const settings = asked === undefined ? this.defaults : readWrapOptions(asked, this.settings);
    if (settings.signal === undefined) return (await this.loader.wrap(key, load, settings)) as T; // see get
    return (await withOwnSignal(settings.signal, (signal) =>
      this.loader.wrap(key, load, { ...settings, signal }),
    )) as T; // see get
  }

  /**
   * A lease on the resource under a key; made by `load` when there is none, once for all concurrent callers. Many
   * may hold it at a time. It is destroyed once: when it has left the cache (evicted, expired, deleted,
   * replaced) and its last lease has ended. A resource in use is not evicted: when `max` of them are in use, callers
   * wait, first come first served.
   *
   * @throws CacheTimeoutError when the deadline passes first, CacheAbortedError, CacheFullError, CacheClosedError,
   * and what `load` throws, for all that wait for it
   */
  async lease<T>(key: string, load: Load<T>, options: LeaseOptions<T> = {}): Promise<CacheLease<T>> {
    checkKey(key);
    checkLoad(load);
    const { making, patience } = readLeaseOptions(load, options, this.settings);
    return (await withOwnSignal(patience.signal, (signal) =>
      this.live.lease(key, making, { ...patience, signal }),
    )) as CacheLease<T>; // whoever leases under a key agrees on what it is
  }

  /** Like {@link lease}, but only if the resource is there already and need not be validated first; otherwise `undefined`. Never waits. */
  tryLease<T>(key: string, owner?: string): CacheLease<T> | undefined {
    checkKey(key);
    readOwner(owner);
    return this.live.tryLease(key, owner) as CacheLease<T> | undefined; // see above
  }

  /** Deletes what is under a key. @returns whether memory held something under it */
  async delete(key: string): Promise<boolean> {
    checkKey(key);
    this.supersede(key);
    return await this.forget(key);
  }

  /** Deletes all entries that carry one of these tags. @returns how many */
  invalidateTags(tags: readonly string[]): number {
    let forgotten = 0;
    for (const tag of readTags(tags)) {
      this.loader.supersedeTagged(tag);
      this.live.supersedeTagged(tag);
      for (const key of this.store.keysTagged(tag)) {
        this.supersede(key);
        if (this.store.delete(key)) forgotten++;
      }
    }
    return forgotten;
  }

  /** Deletes all entries; the counts stay. */
  async clear(): Promise<void> {
    this.loader.supersedeAll();
    this.live.supersedeAll();
    this.store.engine.clear();
    if (!this.store.secondary.none) await this.store.secondary.clear();
  }

  get stats(): CacheStats {
    return this.counts.with(this.store.engine, this.live);
  }

  /** Who holds which resource, and since when. */
  leases(): CacheLeaseInfo[] {
    return this.live.leases();
  }

  /**
   * Reports what nobody else would hear of: failed validations, destructions and refreshes, failures of secondary stores, and which values
   * leave.
   *
   * @returns a function that stops listening
   */
  observe(listener: CacheListener): () => void {
    return this.events.observe(listener);
  }

  /** @internal Hears of failures only, for as long as the cache lives. */
  lookOut(lookout: CacheListener): void {
    this.events.lookOut(lookout);
  }

  /** Checks at the start that every Keyv works. @throws InvalidOptionsError that names the version to install */
  async check(): Promise<void> {
    await checkKeyv(this.keyv, 'keyv');
    for (const [index, store] of this.settings.stores.entries())
      await checkKeyv(store, `${this.optionsAt}.stores[${index}]`);
  }

  /**
   * Ends the cache: lends no more, lets leases end until the deadline, ends those that have not, destroys all
   * resources, and disconnects the secondary stores that no other cache uses. Bounded by the deadline plus
   * `lease.destroyTimeout`. Afterwards it keeps nothing. A second call gets the first one's report; with a deadline of 0, it ends the wait.
   *
   * @param options `deadline`: how long leases may take to end by themselves. Default 0
   * @throws InvalidOptionsError for an unreadable deadline
   */
  async close(options: { deadline?: Duration } = {}): Promise<CacheReport> {
    const deadline = readOptions(options, ({ deadline = 0 }) => parseDuration(deadline, 'deadline'));
    if (deadline === 0) void this.live.drain(0); // ends the wait of an earlier call
    return await (this.closing ??= this.time.ground.run(() => this.end(deadline)));
  }

  private async end(deadline: number): Promise<CacheReport> {
    const start = this.time.clock.now();
    this.loader.close((key) => new CacheClosedError(this.type, key));
    this.live.refuse();
    this.store.close();
    await this.live.drain(deadline);
    const [held] = await Promise.all([
      this.live.close(),
      this.store.secondary.close(this.settings.lease.destroyTimeout),
    ]);
    this.time.wheel.close();
    return { clean: held.length === 0, held, duration: this.time.clock.now() - start };
  }

  private supersede(key: string): void {
    this.loader.supersede(key);
    this.live.supersede(key);
  }

  private async forget(key: string): Promise<boolean> {
    const forgotten = this.store.delete(key);
    if (!this.store.secondary.none) await this.store.secondary.delete(key);
    return forgotten;
  }
}
