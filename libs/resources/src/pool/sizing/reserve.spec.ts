import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CountingFactory } from '../counting-factory.fixture.js';
import { Outcome } from '../deferred.fixture.js';
import {
  InvalidOptionsError,
  KeyedResourcePool,
  PoolClosedError,
  PoolPausedError,
  type PoolEvent,
  ResourceBudget,
  ResourcePool,
  ReservingResourcePool,
} from '../index.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const HEALTH = { reserve: 'health' } as const;

const reserving = (options: ResourcePoolOptions = {}, set: Partial<CountingFactory> = {}) => {
  const factory = Object.assign(new CountingFactory(), set);
  const clock = new VirtualClock();
  const pool = new ReservingResourcePool(factory, {
    type: 'pg',
    clock,
    max: 3,
    reserve: { health: 1 },
    creation: { retry: { attempts: 1 } },
    ...options,
  });
  const borrow = (count: number) => Promise.all(Array.from({ length: count }, () => pool.acquire()));
  return { factory, clock, pool, borrow };
};

describe('reserve.health', () => {
  it('serves who asks for it while all else is on loan, and nobody else', async () => {
    const { factory, pool, borrow } = reserving();
    const leases = await borrow(2);
    const waiting = new Outcome(pool.acquire());
    await settle();
    expect(waiting.state).toBe('pending');
    const checked = await pool.use((thing) => thing.id, HEALTH);
    expect(checked).toBe(3);
    await settle();
    expect(waiting.state).toBe('pending');
    expect(pool.stats).toMatchObject({ max: 3, size: 3, leased: 2, idle: 1, pending: 1 });
    expect(pool.tryAcquire()).toBeUndefined();
    await leases[0].release();
    expect(waiting.state).toBe('fulfilled');
    expect(factory.peak).toBe(3);
  });

  it('is never exceeded: together there are never more than max', async () => {
    const { factory, pool, clock } = reserving({ max: 4, reserve: { health: 2 } });
    const asked = Array.from({ length: 40 }, (_, index) =>
      pool.use(() => settle(), { ...(index % 2 === 0 && HEALTH), owner: `caller ${index}` }),
    );
    await clock.advance(100);
    await Promise.all(asked);
    expect(factory.peak).toBe(4);
    expect(pool.stats).toMatchObject({ acquired: 40, released: 40, pending: 0 });
  });

  it('costs no resource while something is idle: that is lent', async () => {
    const { factory, pool, borrow } = reserving();
    const [lease] = await borrow(1);
    await lease.release();
    expect(await pool.use((thing) => thing.id, HEALTH)).toBe(1);
    expect(factory.attempts).toBe(1);
  });

  it('is waited for in turn by those who ask for it', async () => {
    const { pool, borrow, clock } = reserving();
    await borrow(2);
    const first = await pool.acquire({ ...HEALTH, owner: 'first' });
    const second = new Outcome(pool.acquire(HEALTH));
    const late = failureOf(pool.acquire({ ...HEALTH, timeout: 50, owner: 'late' }));
    await clock.advance(100);
    expect(await late).toMatchObject({ name: 'AcquireTimeoutError', owner: 'late', type: 'pg' });
    await first.release();
    await settle();
    expect(second.state).toBe('fulfilled');
  });

  it('follows the signal of its caller', async () => {
    const { pool, borrow } = reserving();
    await borrow(2);
    const aborted = AbortSignal.abort(new Error('gone'));
    expect(await failureOf(pool.acquire({ ...HEALTH, signal: aborted }))).toMatchObject({
      name: 'AcquireAbortedError',
    });
    expect(pool.stats.leased).toBe(2);
  });

  it('is told of as the rest of the pool is: who holds what, by names of its own, and what happens', async () => {
    const { pool, borrow } = reserving();
    const events: PoolEvent[] = [];
    pool.observe((event) => events.push(event));
    await borrow(2);
    const lease = await pool.acquire({ ...HEALTH, owner: 'check' });
    expect(pool.leases().map(({ id, owner }) => [id, owner])).toEqual([
      ['pg#1', 'anonymous'],
      ['pg#2', 'anonymous'],
      ['pg(health)#1', 'check'],
    ]);
    expect(new Set(pool.leases().map(({ resourceId }) => resourceId)).size).toBe(3);
    expect(pool.leaseOf(lease.resource)?.owner).toBe('check');
    expect(events.filter(({ kind }) => kind === 'acquired')).toHaveLength(3);
  });

  it('retires what isFatal says is broken', async () => {
    const isFatal = (error: unknown): boolean => error === fatal;
    const fatal = new Error('terminated');
    const { factory, pool, borrow } = reserving({ validation: { isFatal } });
    await borrow(2);
    await expect(pool.use(() => Promise.reject(fatal), HEALTH)).rejects.toBe(fatal);
    expect(factory.destroyed.map(({ id }) => id)).toEqual([3]);
  });

  it('is paused, resumed, flushed, reconfigured and closed with the pool', async () => {
    const { factory, clock, pool, borrow } = reserving();
    const leases = await borrow(2);
    await pool.use(() => undefined, HEALTH);
    pool.pause();
    const paused = failureOf(pool.acquire({ ...HEALTH, timeout: 50 }));
    await clock.advance(100);
    expect(await paused).toBeInstanceOf(PoolPausedError);
    pool.resume();
    await pool.flush();
    expect(factory.destroyed.map(({ id }) => id)).toEqual([3]);
    const next = new CountingFactory();
    pool.reconfigure({ max: 5 }, next);
    expect(pool.stats.max).toBe(5);
    const check = await pool.acquire({ ...HEALTH, owner: 'check' });
    expect(next.attempts).toBe(1);
    const closing = pool.close({ deadline: 0 });
    expect(await failureOf(pool.acquire(HEALTH))).toBeInstanceOf(PoolClosedError);
    expect(await closing).toMatchObject({
      clean: false,
      held: [{ id: 'pg#1' }, { id: 'pg#2' }, { id: 'pg(health)#2', owner: 'check' }],
    });
    expect([check.ended, ...leases.map(({ ended }) => ended)]).toEqual([true, true, true]);
    expect([factory.alive, next.alive, clock.running]).toEqual([0, 0, 0]);
  });

  it('drains, and reports together', async () => {
    const { pool } = reserving();
    await pool.use(() => undefined, HEALTH);
    expect(await pool.drain()).toMatchObject({ clean: true, held: [] });
    expect(await failureOf(pool.acquire(HEALTH))).toBeInstanceOf(PoolClosedError);
  });

  it('tells that the pool is quiet only when both are', async () => {
    const { pool, borrow } = reserving();
    let quiet = 0;
    pool.onQuiet = () => void quiet++;
    await borrow(2);
    await pool.use(() => undefined, HEALTH);
    await settle();
    expect(quiet).toBeGreaterThan(0); // each half says so; who hears it looks at the stats of both
    expect(pool.stats.idle).toBeLessThan(pool.stats.size);
  });

  it('does not lend one object twice', async () => {
    const one = {};
    const { pool } = reserving();
    const same = new ReservingResourcePool({ create: () => one }, { max: 2, reserve: { health: 1 } });
    await same.acquire();
    expect(await failureOf(same.acquire(HEALTH))).toMatchObject({
      cause: expect.any(InvalidOptionsError),
    });
    await Promise.all([same.close({ deadline: 0 }), pool.close()]);
  });

  it('leaves a full pool less by as many, and an adaptive one, too', async () => {
    const full = reserving({ sizing: { mode: 'fixed' } });
    await full.pool.warmUp();
    expect(full.pool.stats).toMatchObject({ min: 2, max: 3, size: 2 });
    const { sizing, max } = { sizing: { mode: 'adaptive', least: 1, most: 4 } as const, max: undefined };
    const adaptive = reserving({ sizing, max });
    expect(adaptive.pool.stats.max).toBe(1 + 1);
  });

  it('has its part of a budget, which nobody else gets meanwhile', async () => {
    const budget = new ResourceBudget(3);
    const other = new ResourcePool<unknown>({ create: () => ({}) }, { quota: { budget } });
    const { factory, pool } = reserving({ max: 10, quota: { budget } });
    await other.acquire();
    const lease = await pool.acquire();
    const waiting = new Outcome(pool.acquire());
    await settle();
    expect(await pool.use((thing) => thing.id, HEALTH)).toBeDefined();
    expect(factory.peak).toBe(2);
    expect([waiting.state, budget.used]).toEqual(['pending', 3]);
    await lease.release();
    await settle();
    expect(waiting.state).toBe('fulfilled');
    await Promise.all([pool.close({ deadline: 0 }), pool.close({ deadline: 0 })]);
    expect(budget.used).toBe(1);
    await other.close({ deadline: 0 });
    expect(budget.used).toBe(0);
  });

  it('is refused with its part of a budget that is too small, which is left as it was', async () => {
    const budget = new ResourceBudget(1);
    expect(() => reserving({ quota: { budget } })).toThrow('quota.budget');
    await settle();
    expect(budget.used).toBe(0);
    expect(() => new ResourcePool({ create: () => ({}) }, { quota: { budget } })).not.toThrow();
  });
});

describe('reserve.health of keyed pools', () => {
  const keyed = (options: ResourcePoolOptions = {}) => {
    const factory = new CountingFactory();
    const clock = new VirtualClock();
    const pool = new KeyedResourcePool(factory, { clock, max: 2, reserve: { health: 1 }, ...options });
    return { factory, clock, pool };
  };

  it('keeps a place for each key', async () => {
    const { pool } = keyed();
    for (const key of ['acme', 'globex']) {
      await pool.acquire({ key });
      const waiting = new Outcome(pool.acquire({ key }));
      await settle();
      expect(waiting.state).toBe('pending');
      await pool.use(() => undefined, { key, ...HEALTH });
      expect(pool.poolOf(key)?.stats).toMatchObject({ max: 2, size: 2, leased: 1, pending: 1 });
    }
  });

  it('never has more than all keys may have', async () => {
    const { factory, pool } = keyed({ keyed: { max: 4 } });
    const asked = ['a', 'b', 'c', 'd'].flatMap((key) => [
      pool.use(() => settle(), { key }),
      pool.use(() => settle(), { key, ...HEALTH }),
    ]);
    await Promise.all(asked);
    expect(factory.peak).toBeLessThanOrEqual(4);
    expect(pool.keys.length).toBeLessThanOrEqual(2);
  });

  it('gives the place of a key to another when nobody uses either half', async () => {
    const { pool } = keyed({ keyed: { maxKeys: 1 } });
    const check = await pool.acquire({ key: 'a', ...HEALTH });
    const other = new Outcome(pool.acquire({ key: 'b' }));
    await settle();
    expect(other.state).toBe('pending');
    await check.release();
    await settle();
    expect(other.state).toBe('fulfilled');
    expect(pool.keys).toEqual(['b']);
  });

  it('needs places for it', () => {
    expect(() => keyed({ keyed: { max: 1 } })).toThrow(
      '"keyed.max" must be at least 2, with the reserve of a key; got 1.',
    );
  });

  it('is reported with the key', async () => {
    const { pool } = keyed();
    await pool.acquire({ key: 'acme' });
    await pool.acquire({ key: 'acme', ...HEALTH });
    expect(pool.leases().map(({ id }) => id)).toEqual(['resource[acme]#1', 'resource[acme](health)#1']);
  });
});

describe('what cannot be', () => {
  const create = (): object => ({});
  const make = (options: ResourcePoolOptions) => () => new ReservingResourcePool({ create }, options);

  it.each<[string, unknown, string]>([
    ['all places', { max: 2, reserve: { health: 2 } }, '"reserve.health" must leave 1 of 2'],
    [
      'places that min needs',
      { max: 3, min: 3, reserve: { health: 1 } },
      '"reserve.health" must leave 3 of 3',
    ],
    ['a part of a place', { reserve: { health: 1.5 } }, '"reserve.health" must be a whole number'],
    ['infinitely many', { reserve: { health: Infinity } }, '"reserve.health" must be a whole number'],
    ['an unknown reserve', { reserve: { health: 1, jobs: 1 } }, '"reserve.jobs" is not an option'],
    ['none', { reserve: { health: 0 } }, '"reserve.health" must be at least 1'],
    ['none at all', {}, '"reserve.health" must be at least 1'],
  ])('%s to keep is refused', (_, options, message) => {
    expect(make(options as ResourcePoolOptions)).toThrow(message);
  });

  it('is a pool that keeps places and is none for it', () => {
    expect(() => new ResourcePool({ create }, { reserve: { health: 1 } })).toThrow(
      'use ReservingResourcePool',
    );
  });

  it('is another number of places at run time; then nothing has changed', () => {
    const { pool } = reserving();
    expect(() => pool.reconfigure({ max: 9, reserve: { health: 2 } })).toThrow(
      '"reserve.health" can\'t be changed',
    );
    expect(pool.stats.max).toBe(3);
    const plain = new ResourcePool({ create });
    expect(() => plain.reconfigure({ reserve: { health: 1 } })).toThrow('"reserve.health" can\'t be changed');
    const keyed = new KeyedResourcePool({ create });
    expect(() => keyed.reconfigure({ reserve: { health: 1 } })).toThrow('"reserve.health" can\'t be changed');
  });

  it('is to ask for a reserve that there is not, or of a pool that has none', async () => {
    const { pool } = reserving();
    const odd = { reserve: 'jobs' } as never;
    expect(await failureOf(pool.acquire(odd))).toMatchObject({
      name: 'InvalidOptionsError',
      message: '"reserve" must be \'health\'; got "jobs".',
    });
    const plain = new ResourcePool({ create }, { type: 'pg' });
    expect(await failureOf(plain.acquire(HEALTH))).toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining('"reserve" has no places in the pool of "pg"'),
    });
    const thrower = Object.defineProperty({}, 'reserve', {
      get: () => {
        throw new Error('boo');
      },
    });
    expect(await failureOf(pool.acquire(thrower))).toBeInstanceOf(Error);
  });
});
