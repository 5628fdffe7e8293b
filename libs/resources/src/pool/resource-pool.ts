import { PoolClosedError } from '../errors/pool-closed-error.js';
import type { BreakerState } from '../policies/creation/creation-breaker.js';
import type { PoolStats } from '../reports/pool-stats.js';
import { isOwnSignal, withOwnSignal } from '../hooks/abort-signals.js';
import { systemClock } from '../time/clock.js';
import { NeutralGround } from '../time/neutral-ground.js';
import { optionsError } from '../options/callers-options.js';
import { checkCall, checkPriority, checkType, readTimeout } from './acquire-options.js';
import type { AcquireOptions, TryAcquireOptions } from './acquire-options.js';
import type { DrainReport } from '../reports/drain-report.js';
import { InService } from '../hooks/in-service.js';
import type { Lease } from './leases/lease.js';
import type { LeaseInfo } from '../reports/lease-info.js';
import { Dispatcher } from './dispatcher.js';
import type { PoolListener } from '../reports/pool-event.js';
import { checkOptions } from '../options/option-reader.js';
import type { PoolOptions, PoolSettings } from './pool-options.js';
import { timekeeping } from '../time/timekeeping.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import {
  type DrainOptions,
  type FlushOptions,
  readDeadline,
  readSpread,
  readResourcePoolOptions,
  type ResourcePoolOptions,
} from './resource-pool-options.js';
import type { PoolEvents } from './pool-events.js';
import { innerOf } from './leases/collected-leases.js';
import { judgeWork } from './leases/judge-work.js';
import { workWith } from './leases/work-with.js';
import { Shutdown } from './shutdown.js';
import { refusePlaces, refuseReserve } from './sizing/reserve-options.js';
import { Configuration } from './configuration.js';
import { type BegunChange, type Change, Reconfiguration } from './generations/reconfiguration.js';

const ANONYMOUS = 'anonymous';
const NO_OPTIONS: AcquireOptions = {};

/**
 * Keeps resources of one type and lends them.
 *
 * It exists because none of Node's pools has a lease: here a loan is an object that ends exactly once and whose late release cannot touch
 * the next loan; every caller has one absolute deadline and an `AbortSignal`; and a shutdown is bounded and says who held what. This class is
 * the door: it reads what callers say and refuses what cannot work. `Dispatcher` moves the resources.
 *
 * It knows nothing of requests or modules; that is the coordinator's.
 */
export class ResourcePool<T> {
  readonly type: string;
  private readonly ground: NeutralGround;
  private readonly dispatcher: Dispatcher<T>;
  private readonly shutdown: Shutdown<T>;
  /** @internal */
  readonly configured: Reconfiguration<T>;

  /**
   * @param inService the objects that are resources already; passed by an owner of several pools
   * @throws InvalidOptionsError when the factory or an option cannot work
   */
  constructor(
    factory: ResourceFactory<T>,
    poolOptions: ResourcePoolOptions = {},
    inService: InService = new InService(),
  ) {
    checkOptions(poolOptions, 'options');
    const { type = 'resource', clock = systemClock, random = Math.random, ...others } = poolOptions;
    const { ground = new NeutralGround(), revives = true, ...options } = others;
    checkType(type);
    this.type = type;
    this.ground = ground;
    const configuration = Configuration.of(type, factory, options, readResourcePoolOptions);
    const { handle, settings } = configuration;
    if (settings.reserved > 0 && new.target === ResourcePool) refusePlaces(type);
    const time = { ...timekeeping(clock, ground), random };
    this.dispatcher = new Dispatcher(type, handle, settings, time, inService);
    if (!revives) this.dispatcher.replenisher.revival.stop();
    this.configured = new Reconfiguration(configuration, this.dispatcher);
    this.shutdown = new Shutdown(this.dispatcher, clock);
  }

  /**
   * Borrows a resource: an idle one at once, or else a new one, or else the first that comes back.
   *
   * @throws AcquireTimeoutError (or PoolPausedError) at the deadline, AcquireAbortedError on abort, PoolExhaustedError when the queue is
   * full, PoolClosedError after `drain` or `close`, ResourceCreationError when `create` failed, InvalidOptionsError for an unreadable `timeout`
   */
  acquire(options: AcquireOptions = NO_OPTIONS): Promise<Lease<T>> {
    let signal: AbortSignal | undefined;
    let owner = ANONYMOUS;
    let tenant = ANONYMOUS;
    let priority = 0;
    let unit: AcquireOptions['unit'];
    let limit = this.configured.configuration.settings.acquireTimeout;
    if (options !== NO_OPTIONS) {
      try {
        const { timeout, reserve } = options;
        ({ signal, owner = ANONYMOUS, tenant = owner, priority = 0, unit } = options);
        if (reserve !== undefined) refuseReserve(reserve, this.type);
        checkCall(options, owner, tenant, this.type, signal);
        if (timeout !== undefined) limit = readTimeout(timeout, this.type);
        if (priority !== 0) checkPriority(priority, this.type);
      } catch (error) {
        return Promise.reject(optionsError(error, options, this.type));
      }
      if (signal !== undefined && !isOwnSignal(signal)) {
        const asked = { owner, tenant, priority, unit, timeout: limit };
        return withOwnSignal(signal, (own) => this.acquire({ ...asked, signal: own }));
      }
    }
    if (signal === undefined || !signal.aborted) {
      const lease = this.dispatcher.lendIdle(owner, tenant, unit);
      if (lease !== undefined) return Promise.resolve(lease);
    }
    return this.dispatcher.wait({ owner, tenant, priority, unit }, limit, signal);
  }

  /**
   * Borrows an idle resource, or returns `undefined`: synchronous, never waits, never creates. A resource
   * that would have to be validated first does not count as idle.
   *
   * @throws InvalidOptionsError for an option that cannot work
   */
  tryAcquire(options: TryAcquireOptions = NO_OPTIONS): Lease<T> | undefined {
    if (options === NO_OPTIONS) return this.dispatcher.lendIdle(ANONYMOUS, ANONYMOUS);
    let owner = ANONYMOUS;
    let tenant = ANONYMOUS;
    let unit: AcquireOptions['unit'];
    try {
      ({ owner = ANONYMOUS, tenant = owner, unit } = options);
      const fine = typeof options === 'object' && typeof owner === 'string' && typeof tenant === 'string';
      if (!fine) checkCall(options, owner, tenant, this.type);
    } catch (error) {
      throw optionsError(error, options, this.type);
    }
    return this.dispatcher.lendIdle(owner, tenant, unit);
  }

  /**
   * Borrows a resource while `work` runs. What `work` throws retires the resource if `validation.isFatal` says so.
   *
   * @returns what `work` returns
   * @throws what `work` throws, and whatever {@link acquire} does
   */
  use<R>(work: (resource: T, lease: Lease<T>) => R | PromiseLike<R>, options?: AcquireOptions): Promise<R> {
    const failed = (lease: Lease<T>, error: unknown): void => this.workFailed(lease, error);
    return workWith(this.type, work, () => this.acquire(options), failed);
  }

  /** @internal Work with a lease has thrown. */
  workFailed(lease: Lease<unknown>, error: unknown): void {
    if (!this.configured.watches) return;
    const own = this.dispatcher.inventory.leases().find((each) => each === innerOf(lease));
    const { isFatal } = this.configured.configuration.settings;
    if (own === undefined) return;
    this.configured.workFailed(own.slot, error);
    if (isFatal !== undefined) this.ground.run(() => judgeWork(own, error, isFatal, this));
  }

  /**
   * Creates resources until there are `min`, and `minIdle` idle ones, and keeps that many from then on.
   *
   * @throws ResourceCreationError when one could not be created; those that were created stay
   */
  warmUp(): Promise<void> {
    return this.ground.run(async () => {
      if (this.closed) throw new PoolClosedError(this.type, 'warmUp()', this.stats);
      const failure = await this.dispatcher.replenisher.minimum.fill();
      if (failure !== undefined) throw failure;
    });
  }

  /**
   * Changes the bounds at run time. Current leases are not affected: surplus resources retire when they come back.
   *
   * @throws InvalidOptionsError when the new bounds cannot work; then nothing has changed
   */
  resize(size: Pick<PoolOptions, 'min' | 'minIdle' | 'max'>): void {
    this.reconfigure(size);
  }

  /**
   * Changes any options at run time, all or none; options that are not given stay as they are. A new factory starts the next
   * generation: what the old one made is not lent again.
   *
   * @throws InvalidOptionsError when a new value cannot work, ReconfigurationInProgressError for a factory while the coordinator changes it; then nothing has changed
   */
  reconfigure(change: PoolOptions, factory?: ResourceFactory<T>): void {
    this.configured.reconfigure(change, factory);
  }

  /** @internal What it goes by now. */
  get configuration(): Configuration<T, PoolSettings> {
    return this.configured.configuration;
  }

  /** @internal Changes what is data at once, and begins the change to the next generation where there is one. */
  beginChange(...change: Change<T>): BegunChange {
    return this.configured.begin(...change);
  }

  /**
   * Retires all of today's resources: the idle ones now, the others when they come back. With `spread` their turns are
   * distributed evenly over that time, so that they are not all replaced at the same moment, and each is lent until then.
   *
   * @returns resolves when the idle ones are gone
   * @throws InvalidOptionsError for an unreadable or infinite `spread`
   */
  flush(options: FlushOptions = {}): Promise<void> {
    // All of it on the ground: a promise that takes so long would keep the caller's context.
    return this.ground.run(async () => {
      await this.dispatcher.inventory.generations.flush(readSpread(options, this.type));
    });
  }

  /** Lends nothing until {@link resume}. Callers wait; one whose deadline passes meanwhile gets a PoolPausedError. */
  pause(): void {
    this.dispatcher.paused = true;
  }

  resume(): void {
    this.dispatcher.resume();
  }

  get paused(): boolean {
    return this.dispatcher.paused;
  }

  /** Whether the pool has stopped taking callers, for good. */
  get closed(): boolean {
    return this.dispatcher.refusing;
  }

  /** The options in force, where they differ from the defaults. */
  get options(): Readonly<PoolOptions> {
    return this.configured.configuration.options;
  }

  /** Whether creation is suspended after repeated failure: `'open'`, or `'half-open'` when a probe will decide. Otherwise `'closed'`. */
  get breaker(): BreakerState {
    return this.dispatcher.replenisher.gate.state;
  }

  /** The last creation's error, until one succeeds again. */
  get lastCreationError(): Error | undefined {
    return this.dispatcher.replenisher.lastFailure.error;
  }

  /** @internal Whether it is known that nothing works: neither creation nor anything that was created. */
  get lifeless(): boolean {
    return this.dispatcher.replenisher.revival.lifeless;
  }

  /**
   * Takes no more callers, serves those that are waiting, and waits until all leases are back or the
   * deadline has passed. It ends no lease; {@link close} does.
   */
  drain(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => await this.shutdown.drain(readDeadline(options, this.type)));
  }

  /**
   * Drains, then revokes what is still on loan and destroys everything. Bounded by the deadline plus
   * `retirement.timeout`, within which whatever creations in flight still bring is destroyed, too; what comes even later is
   * destroyed when it comes. A second call gets the first one's report; with a deadline of 0, it ends the wait for what is on loan.
   */
  close(options: DrainOptions = {}): Promise<DrainReport> {
    return this.ground.run(async () => await this.shutdown.close(readDeadline(options, this.type)));
  }

  /** O(1) to read. */
  get stats(): PoolStats {
    return this.dispatcher.stats();
  }

  /** Who holds what, and since when. */
  leases(): LeaseInfo[] {
    return this.dispatcher.inventory.leases().map((lease) => lease.info());
  }

  /** The lease that holds this resource now, if any. Looks at every resource, so it is not for hot paths. */
  leaseOf(resource: unknown): Lease<T> | undefined {
    return this.dispatcher.inventory.leases().find((lease) => lease.resource === resource);
  }

  /** Hears of everything that happens. While nobody listens, events cost nothing. @returns a function that stops listening */
  observe(listener: PoolListener): () => void {
    return this.events.observe(listener);
  }

  /** @internal For another part of the library, which hears in the context in which things happen, and at no extra cost. */
  get events(): PoolEvents {
    return this.dispatcher.events;
  }

  /** @internal Hears each time that all resources have become idle while nobody waits. */
  set onQuiet(listener: () => void) {
    this.dispatcher.quiet.follow(listener);
  }
}
