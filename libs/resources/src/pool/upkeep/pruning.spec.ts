import { describe, expect, it } from '@jest/globals';
import { abandonLease } from '../leases/collected-leases.js';
import { PoolBench } from '../pool-bench.fixture.js';

const prune = { interval: '2s', samples: 5 };

describe('retirement.prune', () => {
  it('retires what was not needed for half of the time, the least recently used first', async () => {
    const bench = new PoolBench({ retirement: { prune } });
    await bench.inventory(6);
    const [, kept] = await bench.borrow(2);
    await bench.clock.advance(7_500);
    expect(bench.pool.stats.retired.pruned).toBe(0);
    await bench.clock.advance(2_500);
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(bench.pool.stats).toMatchObject({ size: 2, leased: 2, retired: { pruned: 4 } });
    await kept?.release();
    await bench.clock.advance(2_000);
    expect(bench.pool.stats).toMatchObject({ size: 2, idle: 1 });
  });

  it('is not impressed by a short burst', async () => {
    const bench = new PoolBench({ retirement: { prune } });
    const [steady, ...burst] = await bench.borrow(6);
    await bench.clock.advance(3_000);
    for (const lease of burst) await lease.release();
    await bench.clock.advance(8_000);
    expect(steady?.ended).toBe(false);
    expect(bench.pool.stats).toMatchObject({ size: 1, retired: { pruned: 5 } });
  });

  it('counts a resource for needed that is often on loan when it looks', async () => {
    const bench = new PoolBench({ retirement: { prune } });
    for (let round = 0; round < 20; round++) {
      const leases = await bench.borrow(4);
      await bench.clock.advance(2_000);
      for (const lease of leases) await lease.release();
      if (round % 3 === 2) await bench.clock.advance(2_000);
    }
    expect(bench.pool.stats).toMatchObject({ size: 4, retired: { pruned: 0 } });
  });

  it('counts who waits among what is needed', async () => {
    const bench = new PoolBench({ max: 4, acquireTimeout: '1h', retirement: { prune } });
    const leases = await bench.borrow(4);
    const waiting = Array.from({ length: 4 }, () => bench.ask());
    await bench.clock.advance(7_500);
    for (const lease of leases) await lease.release();
    for (const { value } of waiting) await value?.release();
    await bench.clock.advance(2_500);
    expect(bench.pool.stats).toMatchObject({ idle: 4, retired: { pruned: 0 } });
  });

  it('keeps the minimum', async () => {
    const bench = new PoolBench({ min: 2, retirement: { prune } });
    await bench.inventory(5);
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ size: 2, created: 5, retired: { pruned: 3 } });
  });

  it('keeps the minimum beside what is held for having been abandoned, and takes that for no demand', async () => {
    const bench = new PoolBench({ min: 2, abandonment: { wait: '1h' }, retirement: { prune } });
    const [lost, ...others] = await bench.borrow(5);
    abandonLease(lost);
    for (const lease of others) await lease.release();
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ idle: 2, abandoned: 1, created: 5, retired: { pruned: 2 } });
  });

  it('looks as often as asked to', async () => {
    const bench = new PoolBench({ retirement: { prune: { interval: 200, samples: 2 } } });
    await bench.inventory(2);
    await bench.clock.advance(600);
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { pruned: 2 } });
  });

  it('is off by default, and can be switched on and off', async () => {
    const bench = new PoolBench({ idleTimeout: '20m' });
    await bench.inventory(2);
    await bench.clock.advance(400_000);
    expect(bench.pool.stats.size).toBe(2);
    bench.pool.reconfigure({ retirement: { prune: {} } });
    await bench.clock.advance(150_000);
    expect(bench.pool.stats.size).toBe(2);
    await bench.clock.advance(160_000);
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { idle: 0, pruned: 2 } });
  });
});
