import type { Scheduler } from 'fast-check';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { WHEEL_RESOLUTION } from '../../time/deadline-wheel.js';
import type { Thing } from '../counting-factory.fixture.js';
import { PoolClosedError, ResourceCreationError } from '../index.js';
import { abandonLease } from '../leases/collected-leases.js';
import type { Lease } from '../leases/lease.js';
import { ModelPromises } from './model-promises.fixture.js';
import { ModelQueue } from './model-queue.fixture.js';
import { MoodyFactory } from '../moody-factory.fixture.js';
import { checkInvariants, checkLoan, checkRefusal } from './pool-invariants.fixture.js';
import type { ModelOptions, PoolModelOptions } from './pool-model-options.fixture.js';
import type { Caller } from '../queue/queue-orders.fixture.js';
import { ResourcePool } from '../resource-pool.js';

/** A loan as its owner sees it. */
export interface Loan {
  readonly lease: Lease<Thing>;
  readonly thing: Thing;
  readonly tenant: string;
  readonly since: number;
  /** Whether it belongs to `use`, which gives it back by itself. */
  readonly used: boolean;
}

/** Who asks, and for whom. */
export type Asker = Pick<Caller, 'tenant' | 'priority'>;

/**
 * The simplest account of what a pool must do, next to a real pool. It does to both what it is told, and
 * holds what the pool answers, what its factory sees and what it says of itself against the account.
 */
export class PoolModel {
  readonly clock = new VirtualClock();
  readonly factory: MoodyFactory;
  readonly pool: ResourcePool<Thing>;
  options: ModelOptions;
  readonly queue = new ModelQueue((tenant) => this.allowance(tenant));
  /** How many each tenant had at the last check. */
  readonly loansOfTenants = new Map<string, number>();
  readonly loans = new Set<Loan>();
  readonly past: Lease<Thing>[] = [];
  readonly promises = new ModelPromises(this.clock);
  readonly events = new Map<string, number>();
  /** Leases handed out, and callers that a failed creation was reported to: counts. */
  lent = 0;
  failuresTold = 0;
  timeouts = 0;
  /** Resources that were abandoned, and when. */
  readonly abandoned = new Map<Thing, number>();
  abandonments = 0;
  /** Places taken at the last check. */
  places = 0;
  /** Whether the pool has been told to be warm. */
  warm = false;
  closing = false;
  /** From when on those who wait are sent away. */
  dismissAt = Infinity;
  private readonly aborters = new Map<Caller, AbortController>();
  private failure: unknown;

  constructor(
    readonly set: PoolModelOptions,
    private readonly scheduler: Scheduler,
  ) {
    const { hooks, moods, options, more } = set;
    const { clock } = this;
    this.options = options;
    this.factory = new MoodyFactory({
      clock,
      hooks,
      moods,
      destroyTimeout: options.retirement.timeout,
      schedule: (label) => scheduler.schedule(Promise.resolve(), label),
    });
    this.pool = new ResourcePool(this.factory, {
      ...options,
      ...more,
      type: 'thing',
      clock,
      random: () => 0.5,
    });
    this.factory.onCreate = () => {
      const { places, options } = this;
      this.must(
        this.factory.places < options.max,
        `one more is created when ${places} of ${options.max} are taken`,
      );
    };
    this.pool.observe(({ kind }) => void this.events.set(kind, (this.events.get(kind) ?? 0) + 1));
  }

  /**
   * Lets one thing happen, with all that follows at once, and checks what must hold at any time.
   *
   * @throws Error the first breach of a promise
   */
  async step(happen: () => unknown): Promise<void> {
    await happen();
    await settle();
    if (this.failure !== undefined) throw this.failure;
    checkInvariants(this);
  }

  /** Something went wrong where nobody hears an exception. */
  fail(error: unknown): void {
    this.failure ??= error;
  }

  must(holds: boolean, what: string): void {
    if (!holds) throw new Error(`${what}; ${JSON.stringify(this.pool.stats)}`);
  }

  acquire(asker: Asker, timeout = this.options.acquireTimeout): void {
    const caller = this.ask(asker, timeout);
    const lease = this.pool.acquire({ ...asker, timeout, owner: caller.owner, signal: caller.signal });
    this.watch(
      lease.then((got) => this.serve(caller, got, false)),
      caller,
    );
  }

  /** Uses a resource until the scheduler ends the work. */
  use(asker: Asker, fails: boolean): void {
    const caller = this.ask(asker, this.options.acquireTimeout);
    const { owner, signal } = caller;
    const bug = new Error('the work failed');
    const work = async (thing: Thing, lease: Lease<Thing>): Promise<string> => {
      const loan = this.serve(caller, lease, true);
      await this.scheduler.schedule(Promise.resolve(), `the work of ${owner} ends`);
      this.leave(loan);
      if (fails) throw bug;
      return `${owner} used ${thing.id}`;
    };
    const ended = this.pool.use(work, { ...asker, owner, signal }).then(
      (result) => this.must(!fails && result.startsWith(`${owner} used`), 'use lost the result of the work'),
      (error: unknown) => {
        if (error !== bug) throw error;
      },
    );
    this.watch(ended, caller);
  }

  tryAcquire(asker: Asker): void {
    const { pool, options, set } = this;
    const owner = `trier ${this.lent}`;
    const { idle } = pool.stats;
    const barred = this.queue.ready > 0 || pool.paused || pool.closed || this.allowance(asker.tenant) === 0;
    const lease = pool.tryAcquire({ ...asker, owner });
    if (lease !== undefined) {
      this.must(!barred, 'tryAcquire passed those who wait, a pause, a quota or the end');
      this.lend(lease, asker.tenant, false);
      return;
    }
    const { maxLifetime, idleTimeout } = options;
    const fresh = !set.hooks.includes('validate') && maxLifetime === Infinity && idleTimeout === Infinity;
    this.must(barred || !fresh || idle === 0, 'tryAcquire left an idle resource');
  }

  giveBack(index: number, broken: boolean): void {
    const loan = pick(
      [...this.loans].filter(({ used }) => !used),
      index,
    );
    if (loan === undefined) return;
    const { lease, thing } = loan;
    if (broken && !lease.ended) this.factory.factsOf(thing).retireReason ??= 'broken';
    this.leave(loan);
    this.end(lease, broken);
  }

  /** Its unit is given up, and the work goes on unseen: nobody sees it leave the resource. */
  abandon(index: number): void {
    const loan = pick(
      [...this.loans].filter(({ lease }) => !lease.ended),
      index,
    );
    if (loan === undefined) return;
    const { lease, thing } = loan;
    this.loans.delete(loan);
    this.past.push(lease);
    this.abandonments++;
    const facts = this.factory.factsOf(thing);
    if (facts.retireReason !== 'died') this.abandoned.set(thing, this.clock.now());
    facts.retireReason ??= 'abandoned';
    abandonLease(lease);
  }

  /** What was abandoned and is not on its way out, a count. */
  get held(): number {
    for (const thing of this.abandoned.keys()) {
      if (this.factory.factsOf(thing).goneAt !== Infinity) this.abandoned.delete(thing);
    }
    return this.abandoned.size;
  }

  /** A previous owner gives back once more. */
  giveBackAgain(index: number, broken: boolean): void {
    const lease = pick(this.past, index);
    if (lease !== undefined) this.end(lease, broken);
  }

  abort(index: number): void {
    const caller = pick([...this.queue.waiting], index);
    if (caller !== undefined) this.aborters.get(caller)?.abort(new Error('went away'));
  }

  /** A resource dies by itself, or while it is made. */
  die(index: number): void {
    const context = pick(this.factory.contexts.slice(-8), index);
    if (context !== undefined) this.factory.die(context);
  }

  flush(): void {
    this.factory.condemnAll('flushed');
    this.promises.add('flush', this.pool.flush(), this.options.retirement.timeout);
  }

  warmUp(): void {
    this.warm ||= !this.pool.closed;
    const refused = this.pool.warmUp().catch((error: unknown) => {
      const known =
        error instanceof ResourceCreationError || (error instanceof PoolClosedError && this.pool.closed);
      if (!known) throw error;
    });
    this.promises.add('warmUp', refused, Infinity);
  }

  /** @param change may be one that cannot work */
  reconfigure(change: Partial<ModelOptions>): void {
    const before = this.options;
    this.options = { ...before, ...change };
    const works = this.options.min <= this.options.max;
    if (!works) this.options = before;
    const { min, max, ...others } = change;
    let refused = false;
    try {
      if (Object.keys(others).length === 0) this.pool.resize({ min, max });
      else this.pool.reconfigure(change);
    } catch {
      refused = true;
    }
    this.must(refused !== works, 'a change that can work was refused, or one that cannot was not');
  }

  /** Only a pool that has a quota gets another. */
  changeQuota(max: number): void {
    if (this.set.options.quota.max !== Infinity) this.reconfigure({ quota: { max } });
  }

  /** The next generation comes from another factory, with the same hooks. */
  replaceFactory(): void {
    this.factory.condemnAll('of a past generation');
    const { factory } = this;
    this.pool.reconfigure(
      {},
      {
        create: (context) => factory.create(context),
        destroy: (thing) => factory.destroy(thing),
        ...(factory.validate && { validate: factory.validate }),
        ...(factory.reset && { reset: factory.reset }),
      },
    );
  }

  /** The process is frozen for a while. */
  freeze(ms: number): Promise<void> {
    this.clock.stall(ms);
    this.promises.delay(ms);
    return this.clock.advance(0);
  }

  drain(deadline: number): void {
    this.dismissAt = Math.min(this.dismissAt, this.clock.now() + deadline);
    this.promises.add('drain', this.pool.drain({ deadline }), deadline);
  }

  close(deadline: number): void {
    const { retirement } = this.options;
    if (!this.closing) this.dismissAt = Math.min(this.dismissAt, this.clock.now() + deadline);
    this.promises.add(
      'close',
      this.pool.close({ deadline }),
      this.closing ? Infinity : deadline + retirement.timeout,
    );
    this.closing = true;
  }

  /** All give back, and somebody asks. */
  startAnew(): void {
    for (let count = this.loans.size; count > 0; count--) this.giveBack(0, false);
    if (!this.pool.closed) this.acquire({ tenant: 'a', priority: 0 });
  }

  loansOf(tenant: string): number {
    return [...this.loans].filter((loan) => loan.tenant === tenant && !loan.lease.ended).length;
  }

  /** Whether one failed creation may be told to many. */
  get suspends(): boolean {
    return this.options.creation.breaker.failures !== Infinity;
  }

  /** How many more this tenant may have. */
  private allowance(tenant: string): number {
    return Math.max(0, this.options.quota.max - this.loansOf(tenant));
  }

  private ask(asker: Asker, timeout: number): Caller {
    const { clock, pool, options, loans, queue, aborters } = this;
    const aborter = new AbortController();
    const free = pool.paused ? 0 : Math.max(0, options.max - loans.size - this.held);
    const caller = queue.add({
      ...asker,
      owner: `caller ${aborters.size}`,
      signal: aborter.signal,
      askedAt: clock.now(),
      deadline: clock.now() + timeout,
      mayEnter: !pool.closed,
      full: queue.dependent(asker.tenant, free) > options.maxWaiting,
    });
    aborters.set(caller, aborter);
    return caller;
  }

  private watch(answer: Promise<unknown>, caller: Caller): void {
    answer
      .catch((error: unknown) => {
        if (!this.queue.refuse(caller)) throw error;
        checkRefusal(this, caller, error);
      })
      .catch((error: unknown) => this.fail(error));
  }

  private serve(caller: Caller, lease: Lease<Thing>, used: boolean): Loan {
    this.must(caller.mayEnter && !caller.full, `${caller.owner} was let in`);
    this.must(lease.owner === caller.owner, `${caller.owner} got the lease of ${lease.owner}`);
    this.queue.serve(caller, this.clock.now());
    return this.lend(lease, caller.tenant, used);
  }

  private lend(lease: Lease<Thing>, tenant: string, used: boolean): Loan {
    const thing = lease.resource;
    thing.enter(lease.owner);
    checkLoan(this, lease);
    Object.assign(this.factory.factsOf(thing), { clean: false, proved: false });
    const loan = { lease, thing, tenant, used, since: this.clock.now() };
    this.loans.add(loan);
    this.lent++;
    return loan;
  }

  /** The owner lets go of the resource, and is about to end the lease. */
  private leave(loan: Loan): void {
    const { lease, thing } = loan;
    if (!this.loans.delete(loan) || lease.ended) return;
    const facts = this.factory.factsOf(thing);
    thing.leave();
    facts.uses++;
    facts.aliveAt = this.clock.now();
    this.past.push(lease);
  }

  private end(lease: Lease<Thing>, broken: boolean): void {
    const { validation, retirement } = this.options;
    const limit = 2 * (validation.timeout + WHEEL_RESOLUTION) + retirement.timeout;
    this.promises.add('the end of a lease', broken ? lease.invalidate() : lease.release(), limit);
  }
}

function pick<E>(list: readonly E[], index: number): E | undefined {
  return list[index % Math.max(1, list.length)];
}
