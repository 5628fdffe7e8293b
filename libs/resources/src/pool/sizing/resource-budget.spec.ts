import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { never } from '../deferred.fixture.js';
import { InvalidOptionsError, PoolExhaustedError, ResourceBudget } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { PoolOptions } from '../pool-options.js';

/** Pools that share a budget and a clock. */
function sharing(total: number, ...options: PoolOptions[]): { budget: ResourceBudget; benches: PoolBench[] } {
  const budget = new ResourceBudget(total);
  const clock = new VirtualClock();
  const benches = options.map((of, index) => {
    const shared = { type: `pool ${index}`, acquireTimeout: '1h', quota: { budget } };
    return new PoolBench({ ...shared, ...of }, {}, clock);
  });
  return { budget, benches };
}

describe('a budget over several pools', () => {
  it('bounds their resources together, whatever the max of each', async () => {
    const { budget, benches } = sharing(3, {}, {});
    const [a, b] = benches;
    await a.borrow(2);
    const asked = [b.ask(), b.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    expect(budget.used).toBe(3);
  });

  it('takes an idle resource of another pool for who waits, the least recently used first', async () => {
    const { benches } = sharing(3, {}, {});
    const [a, b] = benches;
    await a.inventory(3);
    const asked = b.ask();
    await settle();
    expect(asked.state).toBe('fulfilled');
    expect(a.factory.destroyed.map(({ id }) => id)).toEqual([1]);
    expect(a.pool.stats).toMatchObject({ idle: 2, retired: { resized: 1 } });
  });

  it('counts what is being created', async () => {
    const { budget, benches } = sharing(2, {}, {});
    const [a, b] = benches;
    a.factory.creating = never;
    for (let caller = 0; caller < 2; caller++) a.ask();
    const asked = b.ask();
    await settle();
    expect(asked.state).toBe('pending');
    expect([budget.used, b.factory.attempts]).toEqual([2, 0]);
    b.pool.reconfigure({ maxWaiting: 0 });
    await expect(b.pool.acquire()).rejects.toThrow(PoolExhaustedError);
  });

  it('takes it of the pool that has most', async () => {
    const { benches } = sharing(4, {}, {}, {});
    const [a, b, c] = benches;
    await a.inventory(1);
    await b.inventory(3);
    await c.borrow(2);
    expect([a.pool.stats.idle, b.pool.stats.idle]).toEqual([1, 1]);
  });

  it('takes no more than is wanted, however long the destruction takes', async () => {
    const { benches } = sharing(4, {}, {});
    const [a, b] = benches;
    await a.inventory(4);
    a.factory.destroying = () => new Promise((resolve) => a.clock.setTimeout(() => resolve(undefined), 100));
    const asked = b.ask();
    await b.clock.advance(50);
    expect(a.pool.stats).toMatchObject({ idle: 3, destroying: 1 });
    expect(asked.state).toBe('pending');
    await b.clock.advance(60);
    expect(asked.state).toBe('fulfilled');
  });

  it('takes nothing of the minimum of another pool', async () => {
    const { benches } = sharing(3, { min: 2 }, {});
    const [a, b] = benches;
    await a.inventory(2);
    const asked = [b.ask(), b.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    expect(a.pool.stats.idle).toBe(2);
  });

  it('gives what comes back to a pool in which nobody waits to one in which somebody does', async () => {
    const { benches } = sharing(2, {}, {});
    const [a, b] = benches;
    const [lease] = await a.borrow(2);
    const asked = b.ask();
    await settle();
    expect(asked.state).toBe('pending');
    await lease?.release();
    await settle();
    expect(asked.state).toBe('fulfilled');
    expect(a.pool.stats).toMatchObject({ size: 1, retired: { resized: 1 } });
  });

  it('gives it to the pool whose first caller has waited longest', async () => {
    const { benches } = sharing(3, {}, {}, {});
    const [a, b, c] = benches;
    const leases = await a.borrow(3);
    const late = c.ask();
    await a.clock.advance(10);
    const later = b.ask();
    await leases[0]?.release();
    await settle();
    expect([late.state, later.state]).toEqual(['fulfilled', 'pending']);
    await leases[1]?.release();
    await settle();
    expect(later.state).toBe('fulfilled');
  });

  it('shares fairly between two busy pools, and does not move units to and fro', async () => {
    const { budget, benches } = sharing(6, {}, {});
    const [a, b] = benches;
    for (const bench of benches) bench.factory.creating = () => settle();
    /** Ten workers that borrow all the time. */
    const work = async (bench: PoolBench): Promise<void> => {
      for (let loan = 0; loan < 40; loan++) {
        const lease = await bench.pool.acquire();
        await new Promise<void>((resolve) => bench.clock.setTimeout(resolve, 10));
        await lease.release();
      }
    };
    const workers = Array.from({ length: 10 }, () => work(a));
    await a.clock.advance(30);
    expect([a.pool.stats.size, b.pool.stats.size]).toEqual([6, 0]);
    workers.push(...Array.from({ length: 10 }, () => work(b)));
    await a.clock.advance(100);
    expect([a.pool.stats.size, b.pool.stats.size]).toEqual([3, 3]);
    await a.clock.advance(500);
    expect([a.pool.stats.created, b.pool.stats.created]).toEqual([6, 3]);
    expect(budget.used).toBe(6);
    await a.clock.advance(10_000);
    await Promise.all(workers);
  });

  it('lets a pool have all when the others need nothing, and gives each its share when they do', async () => {
    const { benches } = sharing(4, {}, {});
    const [a, b] = benches;
    await a.inventory(1);
    const leases = await b.borrow(4);
    expect(a.pool.stats.size).toBe(0);
    const asked = a.ask();
    void b.ask();
    await leases[0]?.release();
    await settle();
    expect(asked.state).toBe('fulfilled');
    expect(b.pool.stats).toMatchObject({ leased: 3, pending: 1 });
  });

  it('fills the minimum of a pool from what others do not use', async () => {
    const { benches } = sharing(4, { min: 2 }, {});
    const [a, b] = benches;
    const leases = await b.borrow(4);
    let warm = false;
    const warming = a.pool.warmUp().then(() => (warm = true));
    await settle();
    expect(warm).toBe(false);
    for (const lease of leases) await lease.release();
    await settle();
    await warming;
    expect(a.pool.stats.idle).toBe(2);
    expect(b.pool.stats.size).toBe(2);
  });

  it('gets all units back when a pool is closed', async () => {
    const { budget, benches } = sharing(2, {}, {});
    const [a, b] = benches;
    await a.borrow(2);
    const asked = [b.ask(), b.ask()];
    const closed = a.pool.close({ deadline: 0 });
    await a.clock.advance(10);
    await closed;
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(budget.used).toBe(2);
    const ended = b.pool.close({ deadline: 0 });
    await b.clock.advance(10);
    await ended;
    expect(budget.used).toBe(0);
  });

  it('gets a unit back from a creation that fails', async () => {
    const { budget, benches } = sharing(2, {}, {});
    const [a, b] = benches;
    await b.borrow(1);
    a.factory.creating = () => settle().then(() => Promise.reject(new Error('refused')));
    const failing = a.ask();
    const asked = b.ask();
    expect(asked.state).toBe('pending');
    await a.clock.advance(10);
    expect([failing.state, asked.state]).toEqual(['rejected', 'fulfilled']);
    expect(budget.used).toBe(2);
  });

  it('takes idle resources of a pool that is paused', async () => {
    const { benches } = sharing(2, {}, {});
    const [a, b] = benches;
    await a.inventory(2);
    a.pool.pause();
    void a.ask();
    const asked = b.ask();
    await settle();
    expect(asked.state).toBe('fulfilled');
  });

  it("counts against maxWaiting whom only another pool's return could serve", async () => {
    const { benches } = sharing(3, {}, { maxWaiting: 0 });
    const [a, b] = benches;
    const [lease] = await a.borrow(3);
    const refused = b.ask();
    await settle();
    expect(refused.error).toMatchObject({ name: 'PoolExhaustedError' });
    await lease?.release();
    const served = b.ask();
    await settle();
    expect(served.state).toBe('fulfilled');
  });

  it('is too small when not every pool could have its minimum, or one at least', () => {
    const { benches } = sharing(4, { min: 3 }, {});
    expect(benches).toHaveLength(2);
    expect(() => sharing(4, { min: 3 }, {}, {})).toThrow(InvalidOptionsError);
    expect(() => sharing(4, { min: 3 }, { min: 2 })).toThrow(
      expect.objectContaining({
        option: 'quota.budget',
        type: 'pool 1',
        message: expect.stringContaining('"pool 1" needs 2, the others 3'),
      }),
    );
    expect(() => benches[1].pool.resize({ min: 2 })).toThrow(
      expect.objectContaining({ option: 'quota.budget' }),
    );
    expect(benches[1].pool.stats.min).toBe(0);
    benches[0].pool.resize({ min: 2 });
    benches[1].pool.resize({ min: 2 });
  });

  it('cannot be changed while the pool exists', () => {
    const { benches } = sharing(4, {});
    expect(() => benches[0].pool.reconfigure({ quota: { budget: new ResourceBudget(4) } })).toThrow(
      expect.objectContaining({
        option: 'quota.budget',
        message: expect.stringContaining("can't be changed"),
      }),
    );
    benches[0].pool.reconfigure({ max: 3 });
    expect(benches[0].pool.stats.max).toBe(3);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('cannot have a total of %p', (total) => {
    expect(() => new ResourceBudget(total)).toThrow(
      expect.objectContaining({
        name: 'InvalidOptionsError',
        option: 'total',
        message: expect.stringContaining(`of at least 1; got ${total}.`),
      }),
    );
    expect(new ResourceBudget(1).used).toBe(0);
  });

  it('counts a pool once, however often that is reconfigured', async () => {
    const { budget, benches } = sharing(4, {});
    benches[0].pool.reconfigure({ min: 1 });
    benches[0].pool.reconfigure({ max: 4 });
    await benches[0].borrow(3);
    expect(budget.used).toBe(3);
  });
});
