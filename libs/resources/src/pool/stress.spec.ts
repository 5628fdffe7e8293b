import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../time/virtual-clock.fixture.js';
import { CountingFactory } from './counting-factory.fixture.js';
import { AcquireAbortedError, AcquireTimeoutError, ResourcePool } from './index.js';
import { PoolBench } from './pool-bench.fixture.js';
import { seeded } from './seeded.fixture.js';

describe('a pool under load, on the real clock', () => {
  it('lends 100,000 times to 50 callers who often give up, and loses nothing', async () => {
    const factory = Object.assign(new CountingFactory(), { creating: () => settle() });
    const pool = new ResourcePool(factory, { max: 3, maxUses: 500, acquireTimeout: '20s' });
    const random = seeded(1);
    let served = 0;
    let gaveUp = 0;

    const caller = async (name: string): Promise<void> => {
      for (let loan = 0; loan < 2_000; loan++) {
        const controller = random(10) === 0 ? new AbortController() : undefined;
        const asked = pool.acquire({ owner: name, signal: controller?.signal });
        if (controller !== undefined) setImmediate(() => controller.abort());
        try {
          const lease = await asked;
          lease.resource.enter(name);
          if (random(4) === 0) await settle();
          lease.resource.leave();
          void (random(1_000) === 0 ? lease.invalidate() : lease.release());
          served++;
        } catch (error) {
          if (!(error instanceof AcquireAbortedError)) throw error;
          gaveUp++;
        }
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, i) => caller(`caller ${i}`)));

    expect(served + gaveUp).toBe(100_000);
    expect(gaveUp).toBeGreaterThan(0);
    expect(factory.peak).toBeLessThanOrEqual(3);
    expect(pool.stats).toMatchObject({
      pending: 0,
      leased: 0,
      acquired: served,
      released: served,
      timeouts: 0,
    });
    expect(await pool.close()).toMatchObject({ clean: true });
    expect(factory.alive).toBe(0);
  });

  it('answers callers at their deadline', async () => {
    const pool = new ResourcePool(new CountingFactory(), { max: 1 });
    await pool.acquire();
    await expect(pool.acquire({ timeout: 30 })).rejects.toThrow(AcquireTimeoutError);
    await pool.close({ deadline: 1 });
  });
});

describe('a pool under load, on a clock of the test', () => {
  it('is left by 100,000 callers who give up, and keeps nothing of them', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    const controllers = Array.from({ length: 9_990 }, () => new AbortController());
    let failures = 0;
    const outcomes: Promise<unknown>[] = [];
    for (let i = 0; i < 99_900; i++) {
      const controller = controllers[i % 9_990];
      outcomes.push(bench.pool.acquire({ signal: controller?.signal }).catch(() => failures++));
    }
    for (let i = 0; i < 100; i++)
      outcomes.push(bench.pool.acquire({ signal, timeout: 10 }).catch(() => failures++));
    expect(bench.pool.stats.pending).toBe(100_000);
    for (const controller of controllers) controller.abort();
    await bench.clock.advance(20);
    await Promise.all(outcomes);
    expect(failures).toBe(100_000);
    expect(added).toHaveBeenCalledTimes(1); // for all who gave it
    expect(removed).toHaveBeenCalledTimes(1);
    expect(bench.pool.stats.pending).toBe(0);
    expect(bench.clock.holding).toBe(0);
    await lease.release();
    expect(bench.pool.stats).toMatchObject({ idle: 1, leased: 0, acquired: 1 });
  });
});
