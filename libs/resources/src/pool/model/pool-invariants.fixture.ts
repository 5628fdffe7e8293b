import {
  AcquireAbortedError,
  AcquireTimeoutError,
  LeaseReleasedError,
  PoolClosedError,
  PoolExhaustedError,
  PoolOverloadedError,
  PoolPausedError,
  ResourceCreationError,
  ResourceError,
} from '../../errors/index.js';
import { WHEEL_RESOLUTION } from '../../time/deadline-wheel.js';
import type { Thing } from '../counting-factory.fixture.js';
import type { Lease } from '../leases/lease.js';
import type { Caller } from '../queue/queue-orders.fixture.js';
import type { PoolModel } from './pool-model.fixture.js';

/** What must hold whenever nothing can happen by itself. */
const INVARIANTS: Record<string, (model: PoolModel) => boolean> = {
  'idle + leased + abandoned + creating = size': ({ pool: { stats } }) =>
    stats.idle + stats.leased + stats.abandoned + stats.creating === stats.size,

  'what was abandoned is held for its time, and no more than may be': (model) => {
    const { held, abandoned, options, pool, clock } = model;
    const { wait, max } = options.abandonment;
    const due = [...abandoned.values()].some((since) => clock.now() >= since + wait);
    return held === pool.stats.abandoned && held <= Math.max(1, Math.floor(max * options.max)) && !due;
  },

  'callers are served in their order': ({ queue, set }) => queue.settle(set.order),

  'no tenant has more than its quota, except what it had when the quota shrank': (model) => {
    const before = new Map(model.loansOfTenants);
    model.loansOfTenants.clear();
    for (const { tenant } of model.loans) {
      const count = model.loansOf(tenant);
      model.loansOfTenants.set(tenant, count);
      if (count > Math.max(model.options.quota.max, before.get(tenant) ?? 0)) return false;
    }
    return true;
  },

  'no count is negative': ({ pool: { stats } }) =>
    Object.values(stats).every((count) => typeof count !== 'number' || count >= 0),

  'the pool counts what its factory sees': ({ pool: { stats }, factory, options }) =>
    stats.creating >= factory.beingMade &&
    (stats.creating <= factory.beingMade + factory.superseded || options.creation.retry.attempts > 1) &&
    stats.created === factory.created.length &&
    stats.created - stats.destroyed === stats.size - stats.creating + stats.destroying,

  'never more than max, except what was there when max shrank': (model) => {
    const { places } = model.factory;
    const holds = places <= Math.max(model.options.max, model.places);
    model.places = places;
    return holds;
  },

  'a lease ends by its owner, by maxLeaseTime or by the end of the pool': (model) => {
    for (const loan of model.loans) {
      const { lease, thing, since } = loan;
      if (!lease.ended && lease.resource !== thing) return false;
      if (!lease.ended) continue;
      if (!model.closing && model.clock.now() - since < model.options.maxLeaseTime) return false;
      model.loans.delete(loan);
      model.past.push(lease);
    }
    return true;
  },

  'a lease that has ended gives nothing': ({ past }) =>
    past.slice(-3).every((lease) => lease.ended && isSpent(lease)),

  'the pool knows who holds what': ({ pool, loans, lent, factory }) => {
    const { stats } = pool;
    const owners = pool.leases().map(({ owner }) => owner);
    const known = [...loans].map(({ lease }) => lease.owner);
    return (
      owners.toSorted().join() === known.toSorted().join() &&
      stats.acquired === lent &&
      stats.released === lent - loans.size &&
      stats.leased === loans.size + factory.inspected
    );
  },

  'who waits is who was not answered': ({ pool: { stats }, queue, timeouts }) =>
    stats.pending === queue.waiting.size && stats.timeouts === timeouts,

  'everyone is answered at the deadline, and at once when aborted': ({ clock, queue }) =>
    [...queue.waiting].every(
      ({ deadline, signal }) => !signal.aborted && clock.now() < deadline + WHEEL_RESOLUTION,
    ),

  'nobody waits while a resource is idle or a place is free': ({ pool, options, factory, queue }) => {
    const { creating, idle, size, destroying, leased } = pool.stats;
    const coming = creating + factory.inspected;
    const stuck =
      idle === 0 && (size + destroying >= options.max || creating >= options.creation.concurrency);
    const suspended = pool.breaker !== 'closed' && idle === 0 && leased + creating > 0;
    return pool.paused || queue.ready <= coming || stuck || suspended;
  },

  'the events tell what the figures tell': ({ pool: { stats }, events, abandonments }) => {
    const seen = (kind: string): number => events.get(kind) ?? 0;
    const retired = Object.values(stats.retired).reduce((sum, count) => sum + count, 0);
    return (
      seen('acquired') === stats.acquired &&
      seen('abandoned') === abandonments &&
      seen('released') + seen('leaked') + seen('abandoned') === stats.released &&
      seen('timeout') === stats.timeouts &&
      seen('created') === stats.created &&
      seen('destroyed') === stats.destroyed &&
      seen('retired') === retired
    );
  },
};

/** @throws Error naming the invariant that does not hold, or the promise that was not kept */
export function checkInvariants(model: PoolModel): void {
  for (const [name, holds] of Object.entries(INVARIANTS)) {
    model.must(holds(model), `this does not hold: ${name}`);
  }
  model.promises.check();
}

/** @throws Error when there was no reason to refuse this caller in that way */
export function checkRefusal(model: PoolModel, caller: Caller, error: unknown): void {
  const { pool, clock, factory, set } = model;
  const { owner, signal, deadline, mayEnter, full } = caller;
  const reasons = new Map<unknown, () => boolean>([
    [AcquireTimeoutError, () => clock.now() >= deadline && !pool.paused],
    [PoolPausedError, () => clock.now() >= deadline && pool.paused],
    [AcquireAbortedError, () => signal.aborted && (error as Error).cause === signal.reason],
    [PoolExhaustedError, () => mayEnter && full],
    [PoolClosedError, () => !mayEnter || clock.now() >= model.dismissAt],
    [ResourceCreationError, () => ++model.failuresTold <= factory.failures || model.suspends],
    [PoolOverloadedError, () => clock.now() - caller.askedAt > (set.shedAfter ?? Infinity)],
  ]);
  if (!(error instanceof ResourceError)) throw error;
  if (error instanceof ResourceCreationError) model.queue.tellFailure(caller);
  if (error instanceof AcquireTimeoutError || error instanceof PoolPausedError) model.timeouts++;
  const reason = reasons.get(error.constructor);
  model.must(reason?.() === true, `${owner} was refused without reason: ${error.message}`);
  model.must(
    error.owner === owner && error.type === pool.type && error.stats !== undefined,
    'the error says too little',
  );
}

/** @throws Error when this resource should not have been lent now */
export function checkLoan(model: PoolModel, { owner, resource }: Lease<Thing>): void {
  const { set, options, clock, pool, factory } = model;
  const { bornAt, aliveAt, retireReason, during, uses, clean, proved } = factory.factsOf(resource);
  const { onBorrow, onReturn, aliveBypass } = options.validation;
  const now = clock.now();
  const must = (holds: boolean, what: string): void =>
    model.must(holds, `${owner} got thing ${resource.id}, ${what}`);
  must(!pool.paused, 'although the pool is paused');
  must(retireReason === undefined, `which is ${retireReason}`);
  must(during === undefined, `which is in ${during}`);
  must(now - bornAt < options.maxLifetime, 'which is too old');
  must(uses < options.maxUses, 'which is used up');
  must(clean || !set.hooks.includes('reset'), 'which was not reset');
  must(proved || !onReturn, 'which was not validated on its return');
  must(!onBorrow || now - aliveAt < Math.max(1, aliveBypass), 'which has not proved itself');
}

/** @throws Error when all has been well for a long time, and not everyone is answered or the minimum is not there */
export function checkRest(model: PoolModel): void {
  const { pool, options, factory, warm, queue, promises } = model;
  const { size, creating } = pool.stats;
  const started = warm || factory.attempts > 0;
  model.must(queue.waiting.size === 0, `${queue.waiting.size} callers were never answered`);
  model.must(promises.size === 0, 'a promise was never kept');
  model.must(creating === 0, 'a creation does not end');
  model.must(!started || pool.closed || size >= options.min, 'the minimum is not kept');
}

/** @throws Error when all has been well for a while, and fewer are idle than are to be kept ahead of the next callers */
export function checkAhead(model: PoolModel): void {
  const { pool, options, factory, warm, set } = model;
  const { size, idle } = pool.stats;
  if (pool.closed || !(warm || factory.attempts > 0)) return;
  model.must(idle >= (set.more?.minIdle ?? 0) || size >= options.max, 'too few are idle');
}

/** @throws Error when a resource, a caller or a timer outlives the pool */
export function checkGone(model: PoolModel): void {
  const { pool, factory, clock, queue, promises } = model;
  const { size, destroying, pending, created, destroyed, acquired, released } = pool.stats;
  const left = size + destroying + pending + (created - destroyed) + (acquired - released);
  model.must(left === 0 && factory.alive === 0, `${factory.alive} resources outlive the pool`);
  model.must(queue.waiting.size === 0 && promises.size === 0, 'somebody was never answered');
  model.must(clock.running === 0, `${clock.running} timers are left`);
}

function isSpent(lease: { readonly resource: unknown }): boolean {
  try {
    void lease.resource;
    return false;
  } catch (error) {
    return error instanceof LeaseReleasedError;
  }
}
