import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

const HOUR = 3_600_000;

describe('a pool whose process was frozen', () => {
  it('does not count the time as idle', async () => {
    const bench = new PoolBench({ idleTimeout: '10s', maxLifetime: Infinity });
    await bench.inventory(3);
    await bench.clock.advance(6_000);
    bench.clock.stall(HOUR);
    await bench.clock.advance(2_000);
    expect(bench.pool.stats.idle).toBe(3);
    await bench.clock.advance(4_000);
    expect(bench.pool.stats.retired.idle).toBe(3);
  });

  it('does not count the time as part of a loan', async () => {
    const bench = new PoolBench({ maxLeaseTime: '10s' });
    const lease = await bench.pool.acquire();
    await bench.clock.advance(6_000);
    bench.clock.stall(HOUR);
    await bench.clock.advance(2_000);
    expect(lease.ended).toBe(false);
    expect(lease.age).toBeLessThan(10_000);
    await bench.clock.advance(4_000);
    expect(bench.pool.stats.retired.leaked).toBe(1);
  });

  it('retires what has become too old one after the other', async () => {
    const bench = new PoolBench({ maxLifetime: '10m', idleTimeout: Infinity });
    await bench.inventory(4);
    bench.clock.stall(HOUR);
    await bench.clock.advance(1_000);
    const sizes: number[] = [];
    for (let quarter = 0; quarter < 4; quarter++) {
      sizes.push(bench.pool.stats.size);
      await bench.clock.advance(15_000);
    }
    await bench.clock.advance(1_000);
    expect(sizes).toEqual([4, 3, 2, 1]);
    expect(bench.pool.stats.retired.lifetime).toBe(4);
  });

  it('leaves alone what is still young', async () => {
    const bench = new PoolBench({ maxLifetime: '100m', idleTimeout: Infinity });
    await bench.inventory(2);
    bench.clock.stall(HOUR);
    await bench.clock.advance(30 * 60_000);
    expect(bench.pool.stats).toMatchObject({ idle: 2, retired: { lifetime: 0 } });
  });

  it.each([
    ['by its own lateness', 'stall'],
    ['by the time of day, when the clock stood still', 'suspend'],
  ] as const)('notices it %s, and lends nothing idle that has not proved itself', async (_, freeze) => {
    const validate = jest.fn(() => true);
    const bench = new PoolBench(
      { validation: { aliveBypass: '10h' }, maxLifetime: Infinity, idleTimeout: Infinity },
      { validate },
    );
    await bench.inventory(2);
    bench.clock[freeze](HOUR);
    await bench.clock.advance(1_000);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    validate.mockReturnValueOnce(false);
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(1);
    expect(validate).toHaveBeenCalledTimes(2);
    expect(bench.pool.stats.retired.invalid).toBe(1);
    await lease.release();
    expect(bench.pool.tryAcquire()?.resource.id).toBe(1);
  });

  it('asks for the proof even where nothing is validated on borrow', async () => {
    const validate = jest.fn(() => false);
    const bench = new PoolBench({ validation: { onBorrow: false } }, { validate });
    await bench.inventory(1);
    bench.clock.suspend(HOUR);
    await bench.clock.advance(1_000);
    expect((await bench.pool.acquire()).resource.id).toBe(2);
  });

  it('lends without a proof where the factory knows none', async () => {
    const bench = new PoolBench();
    await bench.inventory(1);
    bench.clock.suspend(HOUR);
    await bench.clock.advance(1_000);
    expect(bench.pool.tryAcquire()?.resource.id).toBe(1);
  });

  it('notices it before the first loan, though no timer has run yet', async () => {
    const validate = jest.fn(() => true);
    const bench = new PoolBench({ validation: { aliveBypass: '10h' } }, { validate });
    await bench.inventory(1);
    bench.clock.stall(HOUR);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    await bench.pool.acquire();
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('notices it before it serves a caller who waited meanwhile', async () => {
    const validate = jest.fn(() => true);
    const bench = new PoolBench({ validation: { aliveBypass: '10h' } }, { validate });
    await bench.inventory(1);
    bench.pool.pause();
    const asked = bench.ask({ timeout: '2h' });
    bench.clock.stall(HOUR);
    bench.pool.resume();
    await settle();
    expect(asked.state).toBe('fulfilled');
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('notices it once', async () => {
    const validate = jest.fn(() => true);
    const bench = new PoolBench({ validation: { aliveBypass: '10h' } }, { validate });
    await bench.inventory(1);
    bench.clock.stall(HOUR);
    await (await bench.pool.acquire()).release();
    await bench.clock.advance(5_000);
    expect(bench.pool.tryAcquire()).toBeDefined();
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('starts to sample the demand anew', async () => {
    const bench = new PoolBench({ retirement: { prune: { interval: '1s', samples: 3 } } });
    await bench.inventory(2);
    await bench.clock.advance(2_000);
    bench.clock.stall(HOUR);
    await bench.clock.advance(1_500);
    expect(bench.pool.stats.retired.pruned).toBe(0);
    await bench.clock.advance(3_000);
    expect(bench.pool.stats.retired.pruned).toBe(2);
  });

  it('takes a second of being busy for nothing of the kind', async () => {
    const validate = jest.fn(() => true);
    const bench = new PoolBench({ validation: { aliveBypass: '10h' } }, { validate });
    await bench.inventory(1);
    bench.clock.stall(1_900);
    expect(bench.pool.tryAcquire()).toBeDefined();
    expect(validate).not.toHaveBeenCalled();
  });
});
