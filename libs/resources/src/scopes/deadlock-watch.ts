import type { LoadWait } from '../cache/loads/load-host.js';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { CacheAbortedError } from '../errors/cache/cache-aborted-error.js';
import { DeadlockError } from '../errors/deadlock-error.js';
import type { Lease } from '../pool/leases/lease.js';
import { withOwnSignal } from '../hooks/abort-signals.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import {
  type Blocked,
  cheapestFirst,
  describeBlocked,
  describeLink,
  type Goal,
  holdsSomething,
  leasesOfFull,
  namesOfHeld,
  type PoolOf,
  statsOf,
  typeOf,
  type Wait,
} from './blocked-scope.js';
import type { BorrowOptions } from './borrow-options.js';
import type { LeaseScope } from './lease-scope.js';
import { LoadScope } from './load-scope.js';
import type { ScopeHold } from './scope-hold.js';
import { circleOf, knotOf, stuckOf } from './wait-for-graph.js';
import { isA } from '../words/is-a.js';

/** How often an acquisition is looked at before it counts as stuck. */
const CHECKS = 2;

/**
 * Finds scopes that wait for each other in a circle, each holding what another one needs, and makes the youngest of
 * them give up. It looks only at scopes that hold something while they wait. A scope that waits for a load waits for
 * whatever the load waits for.
 *
 * Whether a scope's work goes on beside the acquisition can't be seen, except in a `use()`. So, as in
 * PostgreSQL (deadlock_timeout), only what has waited for some time counts. A lease outside of these scopes, a place
 * that is free or about to be, a pool that is paused, a load that works: each means that there is no deadlock.
 */
export class DeadlockWatch {
  private readonly waits = new Map<object, Wait>();
  private timer: ClockTimer | undefined;

  /**
   * @param timeout milliseconds of waiting from which on it may be a deadlock; `Infinity` for never
   * @param poolOf the pool that a hold is from
   */
  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
    private readonly poolOf: PoolOf,
  ) {}

  /**
   * Waits for a lease for a scope that holds something, or may before it comes.
   *
   * @throws DeadlockError when it has to give up, and whatever `acquire` does
   */
  async wait(
    scope: LeaseScope,
    hold: ScopeHold,
    options: BorrowOptions | undefined,
    acquire: (options: BorrowOptions | undefined) => Promise<Lease<unknown>>,
  ): Promise<Lease<unknown>> {
    if (this.timeout === Infinity) return await acquire(options);
    const controller = new AbortController();
    const own = controller.signal;
    this.waits.set(hold, { scope, hold, controller, checks: 0 });
    this.notice(scope);
    try {
      return await withOwnSignal(options?.signal, (given) =>
        acquire({ ...options, signal: given === undefined ? own : AbortSignal.any([given, own]) }),
      );
    } catch (error) {
      const gaveUp = isA(error, AcquireAbortedError) && error.cause === own.reason;
      throw gaveUp && own.aborted ? own.reason : error;
    } finally {
      this.waits.delete(hold);
    }
  }

  /**
   * Waits for a load on behalf of a scope.
   *
   * @throws DeadlockError when the scope has to give up, or the load has, and whatever `wait` does
   */
  async waitFor<R>(load: LoadScope, scope: LeaseScope, wait: LoadWait<R>): Promise<R> {
    if (this.timeout === Infinity) return await wait(undefined);
    const controller = new AbortController();
    const own = controller.signal;
    this.waits.set(own, { scope, load, controller, checks: 0 });
    this.schedule();
    try {
      return await wait(own);
    } catch (error) {
      if (own.aborted && isA(error, CacheAbortedError) && error.cause === own.reason) throw own.reason;
      throw isA(error, DeadlockError) ? this.toldTo(scope, load, error) : error;
    } finally {
      this.waits.delete(own);
    }
  }

  /** A scope holds something now: the acquisitions that it began before count, too. */
  notice(scope: LeaseScope): void {
    if (this.timeout === Infinity) return;
    for (const hold of scope.holds.all) {
      if (hold.pending === undefined || hold.source === 'cache' || this.waits.has(hold)) continue;
      this.waits.set(hold, { scope, hold, controller: undefined, checks: 0 });
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
    const names = new Map<Goal, string>();
    const all = this.ripeScopes();
    const blocked = new Set<Blocked>();
    for (const [scope, waits] of all) {
      const one = describeBlocked(scope, waits, this.poolOf, names);
      if (one !== undefined) blocked.add(one);
    }
    for (;;) {
      const knot = knotOf(stuckOf(blocked, leasesOfFull));
      const [victim] = [...knot].filter(({ end }) => end !== undefined).toSorted(cheapestFirst);
      if (victim?.end === undefined) return;
      const { goal, controller } = victim.end;
      const circle = circleOf<Blocked, Goal>({ ...victim, waitsFor: [goal] }, knot);
      // A load gives up for all callers that wait for it, so that it tells nobody who the others are.
      const told = victim.scope instanceof LoadScope ? loadsFirst(circle) : circle;
      const links = told.map(({ party, waitsFor }) => describeLink(party, waitsFor, names));
      controller.abort(new DeadlockError(typeOf(goal), links, statsOf(goal), victim.scope.owner));
      blocked.delete(victim); // what it holds, the others will get
    }
  }

  /** What a load that has given up tells one of the callers that wait for it: about the caller and the load only. */
  private toldTo(scope: LeaseScope, load: LoadScope, { type, circle, stats }: DeadlockError): DeadlockError {
    const own = { owner: scope.owner, holds: namesOfHeld(scope), waitsFor: load.place };
    return new DeadlockError(type ?? load.place, [own, ...circle], stats, scope.owner);
  }

  /** The scopes that have waited for long enough, and do nothing else that can be seen, with their waits. */
  private ripeScopes(): Map<LeaseScope, Wait[]> {
    const ripe = new Map<LeaseScope, Wait[]>();
    const others = new Set<LeaseScope>();
    for (const [key, wait] of this.waits) {
      const { scope, hold } = wait;
      if (hold !== undefined && hold.pending === undefined) this.waits.delete(key);
      else if (wait.checks++ < CHECKS || scope.working > 0) others.add(scope);
      else if (holdsSomething(scope)) ripe.set(scope, [...(ripe.get(scope) ?? []), wait]);
    }
    for (const scope of others) ripe.delete(scope);
    return ripe;
  }
}

/** Of a circle that begins with a load, the loads before the first scope of somebody. */
function loadsFirst<L extends { readonly party: Blocked }>(circle: readonly L[]): readonly L[] {
  const end = circle.findIndex(({ party }) => !(party.scope instanceof LoadScope));
  return end === -1 ? circle : circle.slice(0, end);
}
