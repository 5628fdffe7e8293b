import { CacheAbortedError } from '../../errors/cache-aborted-error.js';
import { CacheClosedError } from '../../errors/cache-closed-error.js';
import { CacheFullError } from '../../errors/cache-full-error.js';
import { CacheTimeoutError } from '../../errors/cache-timeout-error.js';
import { isError } from '../../errors/describe-cause.js';
import { TimeLimitError } from '../../time/time-limit.js';
import { waitAtMost } from '../../time/wait-at-most.js';
import { type Admitted, Admission } from '../loads/admission.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheLeaseInfo } from '../../reports/lease-info.js';
import { type CacheLeaseHost, CountedLease } from './cache-lease.js';
import type { CacheSettings } from '../cache-options.js';
import type { CacheCounts } from '../cache-counts.js';
import type { CacheStore } from '../cache-store.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import type { Load } from '../entry-options.js';
import type { Flight, Patience } from '../loads/flight.js';
import { SingleFlight } from '../loads/single-flight.js';
import { LiveResource } from './live-resource.js';
import { Destroyer } from '../../time/destroyer.js';
import type { HostedLoad, LoadHost, Room } from '../loads/load-host.js';
import { placeOf } from '../place-of.js';
import { timedLoad } from '../loads/timed-load.js';

/** How a resource is made, kept and ended. */
export interface Making {
  readonly load: Load<unknown>;
  readonly destroy: LiveResource['destroy'];
  /** Milliseconds. */
  readonly ttl: number;
  readonly tags: readonly string[];
}

/**
 * Lends cached resources, and ends each of them once: when it has left the cache and its last lease has
 * ended. Whoever waits for a load gets a lease at the very moment at which the resource is there, so that
 * nothing can end it between the look-up and the hand-over.
 */
export class LiveResources implements CacheLeaseHost, Room {
  private readonly flights: SingleFlight<CountedLease>;
  private readonly admission: Admission<CountedLease>;
  private readonly destroyer: Destroyer;
  /** Resources with leases. */
  private readonly used = new Set<LiveResource>();
  private serial = 0;
  private closed = false;
  /** Loads on their way, and calls of a load that have not settled, those that nobody waits for among them. Counts. */
  private flying = 0;
  private calls = 0;
  /** When all is over at the latest, in milliseconds of the clock; `Infinity` while the cache is open. */
  private endsAt = Infinity;
  private quietListener: (() => void) | undefined;
  private goneListener: (() => void) | undefined;

  constructor(
    readonly type: string,
    private readonly settings: CacheSettings,
    private readonly store: CacheStore,
    private readonly counts: CacheCounts,
    private readonly events: CacheEvents,
    private readonly time: Timekeeping,
    private readonly host: LoadHost,
  ) {
    this.flights = new SingleFlight(type, time);
    this.destroyer = new Destroyer(time, true);
    this.admission = new Admission(store, settings.max, () => this.destroyer.inFlight);
  }

  /** Resources on loan, a count. */
  get inUse(): number {
    return this.used.size;
  }

  /** Those of them that have left the cache, a count. */
  get draining(): number {
    let draining = 0;
    for (const live of this.used) if (!live.held) draining++;
    return draining;
  }

  /** Callers that wait for room, a count. */
  get pending(): number {
    return this.admission.pending;
  }

  get leasesOfFull(): number | undefined {
    // What is being loaded may fail, what is being destroyed is about to go, and what nobody uses can be evicted.
    if (this.admission.pending === 0 || this.admission.size !== this.used.size) return undefined;
    let leases = 0;
    for (const live of this.used) leases += live.leases.size;
    return leases;
  }

  now(): number {
    return this.time.clock.now();
  }

  leases(): CacheLeaseInfo[] {
    return [...this.used].flatMap((live) => [...live.leases].map((lease) => lease.info()));
  }

  /**
   * A lease on the resource under a key, which `making` makes if need be.
   *
   * @throws CacheAbortedError, CacheTimeoutError, CacheFullError, CacheClosedError, and what the load throws
   */
  async lease(key: string, making: Making, patience: Patience): Promise<CountedLease> {
    const { signal, owner } = patience;
    if (this.closed) throw new CacheClosedError(this.type, key, owner);
    if (signal?.aborted === true) throw new CacheAbortedError(this.type, key, signal.reason, owner);
    const held = this.store.get(key);
    if (held instanceof LiveResource) {
      this.counts.hits++;
      return this.lend(held, owner);
    }
    const joined = this.flights.get(key);
    const flight = joined ?? this.admit(key, making);
    if (!flight.loading) this.checkWaiting(flight, owner);
    try {
      const lease = await flight.wait(patience);
      if (joined === undefined) this.counts.misses++;
      else this.counts.hits++;
      return lease;
    } catch (error) {
      this.counts.misses++;
      throw error;
    }
  }

  /** A lease on the resource under a key if that needs neither loading nor waiting. */
  tryLease(key: string, owner: string | undefined): CountedLease | undefined {
    const held = this.closed ? undefined : this.store.get(key);
    if (!(held instanceof LiveResource)) return undefined;
    this.counts.hits++;
    return this.lend(held, owner);
  }

  takeBack(lease: CountedLease): void {
    const { live } = lease;
    live.leases.delete(lease);
    if (live.entry !== undefined) this.store.engine.unpin(live.entry);
    if (live.leases.size > 0) return;
    this.used.delete(live);
    if (live.held) this.admission.pump();
    else this.end(live);
  }

  discard({ entry }: LiveResource): void {
    if (entry !== undefined) this.store.drop(entry);
  }

  /** A resource has left the cache, of which nobody may be told before that is complete. */
  left(live: LiveResource): void {
    if (live.leases.size === 0) this.end(live);
    else queueMicrotask(() => this.admission.pump());
  }

  supersede(key: string): void {
    this.flights.supersede(key);
  }

  supersedeTagged(tag: string): void {
    this.flights.supersedeTagged(tag);
  }

  supersedeAll(): void {
    this.flights.supersedeAll();
  }

  /** Lends no more, and fails all who wait. */
  refuse(): void {
    this.closed = true;
    this.flights.failAll(({ key }, owner) => new CacheClosedError(this.type, key, owner));
    this.admission.withdrawAll();
  }

  /** Waits for the leases to end. @param deadline milliseconds from now, after which it waits no longer */
  async drain(deadline: number): Promise<void> {
    if (this.admission.size === 0 || deadline === 0) return;
    await waitAtMost(deadline, this.time.clock, (gone) => (this.goneListener = gone));
  }

  /**
   * Ends the leases that have not ended, and waits until all resources are destroyed, those among them that a load still
   * brings that does not heed its signal: all together as long as one `destroy` may take. What a load brings after that is
   * destroyed when it comes.
   *
   * @returns who still held what
   */
  async close(): Promise<CacheLeaseInfo[]> {
    const { clock } = this.time;
    const limit = this.settings.lease.destroyTimeout;
    const held = this.leases();
    this.endsAt = clock.now() + limit;
    for (const live of this.used) for (const lease of live.leases) this.takeBack(lease);
    if (!this.isQuiet) await waitAtMost(limit, clock, (quiet) => (this.quietListener = quiet));
    return held;
  }

  private get isQuiet(): boolean {
    return this.flying + this.calls + this.destroyer.inFlight === 0;
  }

  private tellIfQuiet(): void {
    if (this.isQuiet) this.quietListener?.();
  }

  private lend(live: LiveResource, owner = 'anonymous'): CountedLease {
    const lease = new CountedLease(this, live, this.time.clock.now(), owner, ++this.serial);
    live.leases.add(lease);
    this.used.add(live);
    if (live.entry !== undefined) this.store.engine.pin(live.entry);
    return lease;
  }

  /** Lets a load begin as soon as there is room. */
  private admit(key: string, making: Making): Flight<CountedLease> {
    const flight = this.flights.start(key, making.tags, {
      abandoned: () => this.admission.withdraw(admitted),
    });
    const hosted = this.host.begin(placeOf(this.type, key), undefined, this);
    flight.hosted = hosted;
    const admitted: Admitted<CountedLease> = {
      flight,
      reservation: undefined,
      begin: () => {
        flight.loading = true;
        this.time.ground.run(() => void this.fly(admitted, making, hosted));
      },
    };
    this.admission.enter(admitted);
    return flight;
  }

  /** @throws CacheFullError when the flight's load waits for room, and one more caller may not */
  private checkWaiting(flight: Flight<CountedLease>, owner: string | undefined): void {
    const { maxWaiting } = this.settings.lease;
    if (maxWaiting === Infinity || this.admission.pending < maxWaiting) return;
    if (flight.waiters.size === 0) flight.abandon();
    throw new CacheFullError(this.type, flight.key, maxWaiting, owner);
  }

  /** Never rejects: who waits hears of it from the flight. */
  private async fly(admitted: Admitted<CountedLease>, making: Making, hosted: HostedLoad): Promise<void> {
    const { key, signal } = admitted.flight;
    const { load, destroy, tags } = making;
    // Nobody may wait any more and the load go on: it keeps its place until it has settled, or its time is up.
    const late = (resource: unknown): void =>
      this.destroy(new LiveResource(key, resource, destroy, tags), () => this.tellIfQuiet());
    const settled = (): void => {
      this.calls--;
      this.tellIfQuiet();
    };
    const limits = { limit: this.settings.load.timeout, late, settled };
    this.flying++;
    try {
      await Promise.resolve(); // not within the call that made room
      this.calls++;
      const resource = await timedLoad({ key, signal }, load, hosted, limits, this.counts, this.time);
      this.landed(admitted, new LiveResource(key, resource, destroy, tags), making.ttl);
    } catch (error) {
      this.failed(admitted, error);
      this.gone();
    } finally {
      this.flying--;
      this.tellIfQuiet();
    }
  }

  private landed(admitted: Admitted<CountedLease>, live: LiveResource, ttl: number): void {
    const { flight, reservation } = admitted;
    try {
      if (!flight.superseded && !flight.settled) this.store.keepResource(live, ttl);
    } catch (error) {
      this.end(live);
      this.failed(admitted, error); // of weighing it
      return;
    }
    this.flights.end(flight);
    if (reservation !== undefined) this.store.drop(reservation);
    flight.land(({ patience }) => this.lend(live, patience.owner));
    if (live.leases.size === 0 && !live.held) this.end(live);
  }

  private failed({ flight, reservation }: Admitted<CountedLease>, error: unknown): void {
    this.flights.end(flight);
    if (reservation !== undefined) this.store.drop(reservation);
    if (flight.settled) return;
    this.counts.failures++;
    if (!isError(error) || !(error instanceof TimeLimitError)) return flight.fail(error);
    const { timeout } = this.settings.load;
    const late = (owner?: string): Error =>
      new CacheTimeoutError(this.type, flight.key, timeout, 'load', owner);
    flight.abort(late());
    flight.failEach(late);
  }

  private end(live: LiveResource): void {
    if (live.ending) return;
    live.ending = true;
    this.destroy(live, () => this.gone());
  }

  private destroy({ key, resource, destroy }: LiveResource, gone: () => void): void {
    void this.destroyer.destroy(() => destroy?.(resource), this.destroyLimit, {
      failed: (cause) => {
        this.counts.destroyFailures++;
        this.events.emit({ kind: 'destroyFailed', type: this.type, key, cause });
      },
      gone: () => {
        this.counts.destroyed++;
        gone();
      },
    });
  }

  /** Milliseconds. What is destroyed during the end has as long as that lasts; what comes after it, as usual. */
  private get destroyLimit(): number {
    const { destroyTimeout } = this.settings.lease;
    const remaining = this.endsAt - this.time.clock.now();
    return remaining > 0 ? Math.min(destroyTimeout, remaining) : destroyTimeout;
  }

  private gone(): void {
    this.admission.gone();
    if (this.admission.size === 0) this.goneListener?.();
    this.tellIfQuiet();
  }
}
