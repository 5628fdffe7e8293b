import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { isError } from '../errors/describe-cause.js';
import { DeadlockError, type DeadlockLink } from '../errors/deadlock-error.js';
import type { Lease } from '../pool/lease.js';
import type { ResourcePool } from '../pool/resource-pool.js';
import { withOwnSignal } from '../time/abort-signals.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import type { BorrowOptions } from './borrow-options.js';
import type { LeaseScope } from './lease-scope.js';
import type { ScopeLoan } from './scope-loan.js';
import { circleOf, knotOf, type Party, stuckOf } from './wait-for-graph.js';

/** An acquisition of a scope that holds something else meanwhile. */
interface Wait {
  readonly scope: LeaseScope;
  /** Ends it. None when the scope held nothing yet when it began. */
  readonly controller: AbortController | undefined;
  /** Checks that have seen it. */
  checks: number;
}

type Pool = ResourcePool<unknown>;

/** A scope whose work waits, as one of the graph. */
interface Blocked extends Party<Pool> {
  readonly scope: LeaseScope;
  /** By which it can be made to give up, if it can. */
  readonly end: { readonly pool: Pool; readonly controller: AbortController } | undefined;
}

/** How often an acquisition is looked at before it counts as stuck. */
const CHECKS = 2;

/**
 * Finds scopes that wait for each other in a circle, each holding what another one needs, and makes the youngest of
 * them give up. It looks at scopes that hold something while they wait, and at no others.
 *
 * Whether a scope's work goes on beside the acquisition can't be seen, except in a `use()`. So, as in
 * PostgreSQL (deadlock_timeout), only what has waited for some time counts. A lease outside of these scopes, a place
 * that is free or about to be, a pool that is paused: each means that there is no deadlock.
 */
export class DeadlockWatch {
  private readonly waits = new Map<ScopeLoan, Wait>();
  private timer: ClockTimer | undefined;

  /**
   * @param timeout milliseconds of waiting from which on it may be a deadlock; `Infinity` for never
   * @param poolOf the pool that a loan is from
   */
  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
    private readonly poolOf: (loan: ScopeLoan) => Pool | undefined,
  ) {}

  /**
   * Waits for a lease for a scope that holds something, or may before it comes.
   *
   * @throws DeadlockError when it has to give up, and whatever `acquire` does
   */
  async wait(
    scope: LeaseScope,
    loan: ScopeLoan,
    options: BorrowOptions | undefined,
    acquire: (options: BorrowOptions | undefined) => Promise<Lease<unknown>>,
  ): Promise<Lease<unknown>> {
    if (this.timeout === Infinity) return await acquire(options);
    const controller = new AbortController();
    const own = controller.signal;
    this.waits.set(loan, { scope, controller, checks: 0 });
    this.notice(scope);
    try {
      return await withOwnSignal(options?.signal, (given) =>
        acquire({ ...options, signal: given === undefined ? own : AbortSignal.any([given, own]) }),
      );
    } catch (error) {
      const gaveUp = isError(error) && error instanceof AcquireAbortedError && error.cause === own.reason;
      throw gaveUp && own.aborted ? own.reason : error;
    } finally {
      this.waits.delete(loan);
    }
  }

  /** A scope holds something now: the acquisitions that it began before count, too. */
  notice(scope: LeaseScope): void {
    if (this.timeout === Infinity) return;
    for (const loan of scope.loans.all) {
      if (loan.pending === undefined || this.waits.has(loan)) continue;
      this.waits.set(loan, { scope, controller: undefined, checks: 0 });
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== undefined || this.waits.size === 0) return;
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      this.check();
      this.schedule();
    }, this.timeout / CHECKS);
    this.timer.unref();
  }

  private check(): void {
    const names = new Map<Pool, string>();
    const blocked = new Set(this.ripeScopes().flatMap((scope) => this.describe(scope, names) ?? []));
    for (;;) {
      const knot = knotOf(stuckOf(blocked, leasesOfFull));
      const [victim] = [...knot].filter(({ end }) => end !== undefined).toSorted(youngestFirst);
      if (victim?.end === undefined) return;
      const { pool, controller } = victim.end;
      const circle = circleOf<Blocked, Pool>({ ...victim, waitsFor: [pool] }, knot).map(
        ({ party, waitsFor }) => describeLink(party, waitsFor, names),
      );
      controller.abort(new DeadlockError(pool.type, circle, pool.stats, victim.scope.owner));
      blocked.delete(victim); // what it holds, the others will get
    }
  }

  /**
   * A scope as one of the graph; none when a pool that it waits for is gone.
   *
   * @param names gets the names of the pools concerned
   */
  private describe(scope: LeaseScope, names: Map<Pool, string>): Blocked | undefined {
    const holds: Pool[] = [];
    const waitsFor: Pool[] = [];
    let end: Blocked['end'];
    for (const loan of scope.loans.all) {
      const pool = this.poolOf(loan);
      const controller = this.waits.get(loan)?.controller;
      if (pool === undefined) return undefined;
      names.set(pool, loan.name);
      if (loan.pending === undefined) {
        if (!loan.ended) holds.push(pool);
        continue;
      }
      waitsFor.push(pool);
      if (controller !== undefined) end ??= { pool, controller };
    }
    return { scope, holds, waitsFor, end };
  }

  /** The scopes that have waited for long enough, and do nothing else that can be seen. */
  private ripeScopes(): LeaseScope[] {
    const ripe = new Set<LeaseScope>();
    const others = new Set<LeaseScope>();
    for (const [loan, wait] of this.waits) {
      if (loan.pending === undefined) this.waits.delete(loan);
      else if (wait.checks++ < CHECKS || wait.scope.working > 0) others.add(wait.scope);
      else ripe.add(wait.scope);
    }
    return [...ripe].filter((scope) => !others.has(scope));
  }
}

/** Leases that are out of a pool that can lend nothing until one of them comes back, a count. */
function leasesOfFull({ paused, stats }: Pool): number | undefined {
  const { size, max, idle, creating, destroying, abandoned, leased } = stats;
  const coming = idle + creating + destroying + abandoned; // by themselves, sooner or later
  const full = !paused && coming === 0 && size >= max;
  return full ? leased : undefined;
}

function youngestFirst(one: Blocked, other: Blocked): number {
  return other.scope.serial - one.scope.serial;
}

function describeLink(
  { scope, holds }: Blocked,
  waitsFor: Pool,
  names: ReadonlyMap<Pool, string>,
): DeadlockLink {
  const nameOf = (pool: Pool): string => names.get(pool) ?? pool.type;
  return { owner: scope.owner, holds: holds.map(nameOf), waitsFor: nameOf(waitsFor) };
}
