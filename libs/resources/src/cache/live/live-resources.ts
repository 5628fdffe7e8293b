import { inMicrotask } from '../../hooks/in-microtask.js';
import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheClosedError } from '../../errors/cache/cache-closed-error.js';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { TimeLimitError } from '../../hooks/time-limit.js';
import { waitAtMost } from '../../time/wait-at-most.js';
import { type Admitted, Admission } from '../loads/admission.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheLeaseInfo } from '../../reports/lease-info.js';
import { type CacheLeaseHost, CountedLease } from './cache-lease.js';
import type { CacheSettings } from '../cache-options.js';
import type { CacheCounts } from '../cache-counts.js';
import type { CacheStore } from '../cache-store.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import type { Making } from '../entry-options.js';
import type { Flight, Patience } from '../loads/flight.js';
import { SingleFlight } from '../loads/single-flight.js';
import { LiveResource } from './live-resource.js';
import { Destructions } from './destructions.js';
import { Validations, type ValidationsHost } from './validations.js';
import type { HostedLoad, LoadHost, Room } from '../loads/load-host.js';
import { entryName } from '../entry-name.js';
import { timedLoad } from '../loads/timed-load.js';
import { isA } from '../../words/is-a.js';

/**
 * Lends cached resources, and ends each of them once: when it has left the cache and its last lease has
 * ended. Whoever waits for a load gets a lease at the very moment when the resource is there, so that
 * nothing can end it between the look-up and the hand-over.
 */
export class LiveResources implements CacheLeaseHost, Room, ValidationsHost {
  private readonly flights: SingleFlight<CountedLease>;
  private readonly admission: Admission<CountedLease>;
  private readonly destructions: Destructions;
  private readonly validations: Validations;
  /** Resources with leases. */
  private readonly used = new Set<LiveResource>();
  private serial = 0;
  private closed = false;
  private goneListener: (() => void) | undefined;

  constructor(
    readonly type: string,
    private readonly settings: CacheSettings,
    private readonly store: CacheStore,
    private readonly counts: CacheCounts,
    events: CacheEvents,
    private readonly time: Timekeeping,
    private readonly host: LoadHost,
  ) {
    this.flights = new SingleFlight(type, time);
    this.destructions = new Destructions(type, settings, counts, events, time);
    this.validations = new Validations(type, settings.validation, store, events, time, this);
    this.admission = new Admission(store, settings, () => this.destructions.inFlight);
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
    const found = this.store.get(key);
    const held = found instanceof LiveResource ? found : undefined;
    if (held !== undefined && !this.validations.isDue(held)) {
      this.counts.hits++;
      return this.lend(held, patience);
    }
    const joined = this.flights.get(key);
    const flight = joined ?? this.start(key, making, held);
    this.admission.checkWaiting(flight, owner);
    try {
      const lease = await flight.wait(patience);
      if (joined === undefined && flight.waitsFor === 'load') this.counts.misses++;
      else this.counts.hits++;
      return lease;
    } catch (error) {
      this.counts.misses++;
      throw error;
    }
  }

  /** A lease on the resource under a key if that needs neither loading, validating nor waiting. */
  tryLease(key: string, owner: string | undefined): CountedLease | undefined {
    const held = this.closed ? undefined : this.store.get(key);
    if (!(held instanceof LiveResource) || this.validations.isDue(held)) return undefined;
    this.counts.hits++;
    return this.lend(held, { owner, origin: this.settings.origins.next() });
  }

  takeBack(lease: CountedLease, proves: boolean): void {
    const { live } = lease;
    if (proves && live.validate !== undefined) live.aliveAt = this.now();
    live.leases.delete(lease);
    if (live.entry !== undefined) this.store.engine.unpin(live.entry);
    this.rest(live);
  }

  rest(live: LiveResource): void {
    if (live.leases.size > 0) return;
    this.used.delete(live);
    if (!live.held) return this.end(live);
    this.validations.rested(live);
    this.admission.pump();
  }

  discard({ entry }: LiveResource): void {
    if (entry !== undefined) this.store.drop(entry, 'invalid');
  }

  /** A resource has left the cache; nobody may be told until removal is complete. */
  left(live: LiveResource): void {
    if (!this.validations.left(live) && live.leases.size === 0) this.end(live);
    else inMicrotask(() => this.admission.pump());
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

  /** Lends no more, and fails all waiting callers. */
  refuse(): void {
    this.closed = true;
    this.flights.failAll(({ key }, owner) => new CacheClosedError(this.type, key, owner));
    this.admission.withdrawAll();
    for (const live of this.validations.giveUp()) this.end(live);
  }

  /** Waits for the leases to end. @param deadline milliseconds from now, after which it waits no longer; 0 ends an earlier wait, too */
  async drain(deadline: number): Promise<void> {
    if (deadline === 0) this.goneListener?.();
    if (this.admission.size === 0 || deadline === 0) return;
    await waitAtMost(deadline, this.time.clock, (gone) => (this.goneListener = gone));
  }

  /**
   * Ends the leases that have not ended, and waits until all resources are destroyed, including those that a load which ignores
   * its signal still brings: in all for as long as one `destroy` may take. What a load brings after that is destroyed when it
   * comes.
   *
   * @returns who still held what
   */
  async close(): Promise<CacheLeaseInfo[]> {
    const held = this.leases();
    this.destructions.begin();
    for (const live of this.used) for (const lease of live.leases) this.takeBack(lease, false);
    await this.destructions.quiet();
    return held;
  }

  private lend(live: LiveResource, { owner = 'anonymous', origin }: Omit<Patience, 'timeout'>): CountedLease {
    const lease = new CountedLease(this, live, this.time.clock.now(), owner, ++this.serial, origin);
    live.leases.add(lease);
    this.used.add(live);
    if (live.entry !== undefined) this.store.engine.pin(live.entry);
    return lease;
  }

  /** Lets a load begin as soon as there is room. @param held the resource under the key: another is needed only if it proves itself broken */
  private start(key: string, making: Making, held: LiveResource | undefined): Flight<CountedLease> {
    const flight = this.flights.start(key, making.tags, {
      abandoned: () => this.admission.withdraw(admitted),
    });
    const hosted = this.host.begin(entryName(this.type, key), undefined, this);
    flight.hosted = hosted;
    const admitted: Admitted<CountedLease> = {
      flight,
      reservation: undefined,
      begin: () => {
        flight.waitsFor = 'load';
        this.time.ground.run(() => void this.fly(admitted, making, hosted));
      },
    };
    if (held === undefined) this.admission.enter(admitted);
    else this.prove(held, flight, () => this.admission.enter(admitted));
    return flight;
  }

  private prove(live: LiveResource, flight: Flight<CountedLease>, load: () => void): void {
    flight.waitsFor = 'validation';
    this.validations.ask(live, (proved) => {
      if (flight.settled) return;
      if (proved) return this.land(flight, live);
      flight.waitsFor = 'room';
      if (this.store.engine.peek(flight.key) !== undefined) this.supersede(flight.key); // a value was put in its place
      load();
    });
  }

  /** Never rejects: waiting callers hear of it from the flight. */
  private async fly(admitted: Admitted<CountedLease>, making: Making, hosted: HostedLoad): Promise<void> {
    const { key, signal } = admitted.flight;
    // Nobody may wait any more and the load go on: it keeps its place until it has settled, or its time is up.
    const live = (resource: unknown): LiveResource => new LiveResource(key, resource, making, this.now());
    const late = (resource: unknown): void => this.destructions.destroy(live(resource));
    const limits = { limit: this.settings.load.timeout, late, settled: () => this.destructions.loadEnded() };
    this.destructions.loadBegan();
    try {
      await Promise.resolve(); // not within the call that made room
      this.destructions.loadBegan(); // and this is its call, which may go on for longer
      const resource = await timedLoad({ key, signal }, making.load, hosted, limits, this.counts, this.time);
      this.landed(admitted, live(resource), making.ttl);
    } catch (error) {
      this.failed(admitted, error);
      this.gone();
    } finally {
      this.destructions.loadEnded();
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
    if (reservation !== undefined) this.store.drop(reservation);
    this.land(flight, live);
    this.rest(live);
  }

  /** Lends to all waiting callers. */
  private land(flight: Flight<CountedLease>, live: LiveResource): void {
    this.flights.end(flight);
    flight.land(({ patience }) => this.lend(live, patience));
  }

  private failed({ flight, reservation }: Admitted<CountedLease>, error: unknown): void {
    this.flights.end(flight);
    if (reservation !== undefined) this.store.drop(reservation);
    if (flight.settled) return;
    this.counts.failures++;
    if (!isA(error, TimeLimitError)) return flight.fail(error);
    const { timeout } = this.settings.load;
    const late = (owner?: string): Error =>
      new CacheTimeoutError(this.type, flight.key, timeout, 'load', owner);
    flight.abort(late());
    flight.failEach(late);
  }

  private end(live: LiveResource): void {
    if (live.ending) return;
    live.ending = true;
    this.destructions.destroy(live, () => this.gone());
  }

  private gone(): void {
    this.admission.gone();
    if (this.admission.size === 0) this.goneListener?.();
  }
}
