import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { PoolExhaustedError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('maxWaiting', () => {
  it('refuses at once who would have to wait when nobody may', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 0 });
    const events = bench.record();
    const lease = await bench.pool.acquire();
    const refused = bench.ask({ owner: 'Orders.find' });
    await settle();
    expect(refused.error).toBeInstanceOf(PoolExhaustedError);
    expect(refused.error).toMatchObject({
      maxWaiting: 0,
      owner: 'Orders.find',
      stats: { leased: 1, pending: 0 },
    });
    expect(events).toContainEqual({ kind: 'refused', type: 'thing', owner: 'Orders.find' });
    await lease.release();
    await expect(bench.pool.acquire()).resolves.toBeDefined();
  });

  it('does not refuse whom a creation can serve', async () => {
    const bench = new PoolBench({ max: 3, maxWaiting: 0 }, { creating: () => settle() });
    await expect(bench.borrow(3)).resolves.toHaveLength(3);
    await expect(bench.pool.acquire()).rejects.toThrow(PoolExhaustedError);
  });

  it('does not refuse whom the place of a resource that is being destroyed can serve', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 0, maxLifetime: 800 }, { destroying: () => settle() });
    await bench.inventory(1);
    bench.clock.stall(800);
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(2);
  });

  it('does not refuse whom a validation in flight can serve', async () => {
    const validated = new Deferred<boolean>();
    const bench = new PoolBench({ max: 1, maxWaiting: 0 }, { validate: () => validated.promise });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const asked = bench.ask();
    validated.resolve(true);
    await settle();
    expect(asked.state).toBe('fulfilled');
  });

  it('lets as many wait as it says', async () => {
    const bench = new PoolBench({ max: 2, maxWaiting: 3 });
    await bench.borrow(2);
    const asked = Array.from({ length: 5 }, () => bench.ask());
    await settle();
    expect(asked.map(({ state }) => state)).toEqual([
      'pending',
      'pending',
      'pending',
      'rejected',
      'rejected',
    ]);
  });

  it('frees the place of a caller that gave up', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 1 });
    await bench.pool.acquire();
    const controller = new AbortController();
    bench.ask({ signal: controller.signal });
    controller.abort();
    const next = bench.ask();
    await settle();
    expect(next.state).toBe('pending');
  });

  it('counts no more than those who wait after the pool was made smaller', async () => {
    const bench = new PoolBench({ max: 5, maxWaiting: 1 });
    await bench.borrow(5);
    bench.pool.resize({ max: 1 });
    const asked = [bench.ask(), bench.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'rejected']);
  });

  it('does not count those whom creations in flight will serve', async () => {
    const bench = new PoolBench({ max: 2, maxWaiting: 1 }, { creating: () => new Deferred().promise });
    const asked = Array.from({ length: 4 }, () => bench.ask());
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending', 'rejected']);
  });

  it('does not refuse whom a resource that is being reset can serve', async () => {
    const cleaned = new Deferred();
    const bench = new PoolBench({ max: 1, maxWaiting: 0 }, { reset: () => cleaned.promise });
    const [held] = await bench.borrow(1);
    void held.release();
    const asked = bench.ask();
    cleaned.resolve();
    await settle();
    expect(asked.state).toBe('fulfilled');
  });
});
