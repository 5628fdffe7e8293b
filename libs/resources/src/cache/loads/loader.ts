import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { DeadlockError } from '../../errors/deadlock-error.js';
import { forgetFrames } from '../../words/forget-frames.js';
import { warnOf } from '../../words/warn-of.js';
import { TimeLimitError } from '../../hooks/time-limit.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheCounts } from '../cache-counts.js';
import type { CacheStore } from '../cache-store.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import { type Load, NO_TAGS, type WrapSettings } from '../entry-options.js';
import { ENDLESS, type Flight } from './flight.js';
import { SingleFlight } from './single-flight.js';
import type { Found } from '../keyv/secondary-stores.js';
import { CachedFailure, CachedValue } from '../live/held.js';
import type { HostedLoad, LoadHost } from './load-host.js';
import { entryName } from '../entry-name.js';
import { timedLoad } from './timed-load.js';
import { isA } from '../../words/is-a.js';

/**
 * Brings values that are not in memory: from a secondary store, or by a load. One load per key is in flight,
 * whoever asks. Whatever changes a key meanwhile wins: the load's result then goes to the callers that wait for
 * it, and is not kept.
 */
export class Loader {
  private readonly flights: SingleFlight<unknown>;
  private readonly lookUps: SingleFlight<Found | undefined>;

  constructor(
    private readonly type: string,
    private readonly store: CacheStore,
    private readonly counts: CacheCounts,
    private readonly events: CacheEvents,
    private readonly time: Timekeeping,
    private readonly host: LoadHost,
  ) {
    this.flights = new SingleFlight(type, time);
    this.lookUps = new SingleFlight(type, time);
  }

  /**
   * The value under a key, made by `load` if need be.
   *
   * @throws CacheAbortedError, CacheTimeoutError, and what the load throws
   */
  async wrap(key: string, load: Load<unknown>, settings: WrapSettings<unknown>): Promise<unknown> {
    const { signal } = settings;
    if (signal?.aborted === true) throw new CacheAbortedError(this.type, key, signal.reason);
    if (settings.grace > 0) this.store.keepStale(settings.grace);
    const held = this.store.get(key);
    if (settings.forced) {
      if (this.flights.get(key)?.forced !== true) this.supersede(key); // what began before may bring what is not good enough
      return await this.load(key, load, settings, held instanceof CachedValue ? held : undefined);
    }
    if (held instanceof CachedFailure) {
      this.counts.hits++;
      throw held.reason;
    }
    if (!(held instanceof CachedValue)) return await this.load(key, load, settings, undefined);
    const age = this.age(held);
    if (age >= settings.staleWhileRevalidate && age >= 0) return await this.load(key, load, settings, held);
    this.counts.hits++;
    const ahead = this.refreshAhead(held, settings);
    const due = age >= 0 || (ahead > 0 && this.store.remaining(key) < ahead);
    if (due && this.flights.get(key) === undefined) this.start(key, load, settings, held, true);
    return held.value;
  }

  private refreshAhead(
    { value }: CachedValue,
    { refreshAhead, refreshAheadOf }: WrapSettings<unknown>,
  ): number {
    return refreshAheadOf === undefined ? refreshAhead : this.time.ground.run(() => refreshAheadOf(value));
  }

  /** The value of a secondary store, which memory gets a copy of. Never fails. */
  async find(key: string): Promise<Found | undefined> {
    if (this.store.secondary.none) return undefined;
    const known = this.lookUps.get(key);
    if (known !== undefined) return await known.join(ENDLESS);
    const flight = this.lookUps.start(key, NO_TAGS);
    const answer = flight.join(ENDLESS);
    const found = await this.store.secondary.find(key, () => !flight.superseded);
    this.lookUps.end(flight);
    if (found !== undefined && !flight.superseded) this.keepCopy(key, found);
    flight.land(() => found);
    return await answer;
  }

  /** A value that can't be weighed is not kept, but is returned all the same. */
  private keepCopy(key: string, { value, remaining }: Found): void {
    try {
      this.store.keepCopy(key, value, remaining);
    } catch (error) {
      warnOf(error);
    }
  }

  supersede(key: string): void {
    this.flights.supersede(key);
    this.lookUps.supersede(key);
  }

  supersedeTagged(tag: string): void {
    this.flights.supersedeTagged(tag);
  }

  supersedeAll(): void {
    this.flights.supersedeAll();
    this.lookUps.supersedeAll();
  }

  /** Fails all loads in flight. */
  close(reason: (key: string) => Error): void {
    this.lookUps.supersedeAll();
    this.flights.failAll(({ key }) => reason(key));
  }

  /** Milliseconds since a value's end of life, negative before it. */
  private age({ freshUntil }: CachedValue): number {
    return freshUntil === Infinity ? -Infinity : this.time.clock.now() - freshUntil;
  }

  /** @param stale what is there, and may be given out when the load fails */
  private async load(
    key: string,
    load: Load<unknown>,
    settings: WrapSettings<unknown>,
    stale: CachedValue | undefined,
  ): Promise<unknown> {
    const joined = this.flights.get(key);
    const flight = joined ?? this.start(key, load, settings, stale, false);
    try {
      const value = await flight.wait({ signal: settings.signal, timeout: settings.patience });
      if (joined === undefined && flight.waitsFor === 'load') this.counts.misses++;
      else this.counts.hits++;
      return value;
    } catch (error) {
      this.counts.misses++;
      const usable = !settings.forced && stale !== undefined && this.age(stale) < settings.staleIfError;
      if (usable && !isA(error, CacheAbortedError)) return stale.value;
      throw error;
    }
  }

  private start(
    key: string,
    load: Load<unknown>,
    settings: WrapSettings<unknown>,
    stale: CachedValue | undefined,
    background: boolean,
  ): Flight<unknown> {
    const flight = this.flights.start(key, settings.tags, { background, forced: settings.forced });
    const hosted = this.host.begin(entryName(this.type, key), settings.origin, undefined);
    flight.hosted = hosted;
    const told = { ...settings, signal: undefined };
    this.time.ground.run(() => void this.fly(flight, load, hosted, told, stale?.value));
    return flight;
  }

  /** Never rejects: waiting callers hear of it from the flight. */
  private async fly(
    flight: Flight<unknown>,
    load: Load<unknown>,
    hosted: HostedLoad,
    settings: WrapSettings<unknown>,
    stale: unknown,
  ): Promise<void> {
    const { key, signal, background, forced } = flight;
    const found = background || forced ? undefined : await this.find(key);
    if (flight.settled) return;
    if (found !== undefined) {
      this.flights.end(flight);
      flight.land(() => found.value);
      return;
    }
    flight.waitsFor = 'load';
    try {
      const limits = { limit: settings.timeout, signal };
      const value = await timedLoad({ key, signal, stale }, load, hosted, limits, this.counts, this.time);
      this.flights.end(flight);
      const kept = !flight.superseded && this.keep(flight, value, settings);
      settings.loaded?.({ background, value, kept });
      flight.land(() => value);
    } catch (error) {
      if (flight.settled) return; // nobody waits any more, or the cache was closed
      this.flights.end(flight);
      this.failed(flight, error, settings);
    }
  }

  /** @returns whether it was */
  private keep(flight: Flight<unknown>, value: unknown, settings: WrapSettings<unknown>): boolean {
    const { grace, negativeTtl } = settings;
    if (value === undefined && negativeTtl === 0) {
      // Those two ask no secondary store, where the value that is gone may be, too.
      void this.store.forgetValue(flight.key, flight.background || flight.forced);
      return false;
    }
    const tags = settings.tagsOf(value);
    if (tags.some((tag) => flight.invalidated.has(tag))) return false;
    const ttl = value === undefined ? negativeTtl : settings.ttlOf(value);
    void this.store.keepValue(flight.key, value, { ttl, tags, grace });
    return true;
  }

  private failed(
    flight: Flight<unknown>,
    error: unknown,
    { timeout, errorTtl, grace, loaded }: WrapSettings<unknown>,
  ): void {
    const { key, tags, background } = flight;
    this.counts.failures++;
    const late = isA(error, TimeLimitError);
    const inTime = (owner?: string): Error => new CacheTimeoutError(this.type, key, timeout, 'load', owner);
    const reason = late ? inTime() : error;
    if (late) flight.abort(reason);
    const keeps =
      errorTtl > 0 &&
      !flight.superseded &&
      !isA(error, DeadlockError) && // it was of those who waited
      !this.holdsMore(key, grace);
    if (keeps) {
      forgetFrames(reason);
      this.store.keepFailure(key, reason, tags, errorTtl);
    }
    loaded?.({ background, kept: false, failure: { reason } });
    if (background) this.events.emit({ kind: 'refreshFailed', type: this.type, key, cause: reason });
    if (late) flight.failEach((owner) => (owner === undefined ? reason : inTime(owner)));
    else flight.fail(reason);
  }

  /** Whether what stands under a key is worth more than a failure: a stale value may be, for as long as it may be given out. */
  private holdsMore(key: string, grace: number): boolean {
    const held = this.store.engine.peek(key)?.value;
    if (!(held instanceof CachedValue)) return held !== undefined;
    const age = this.age(held);
    return age < 0 || age < grace;
  }
}
