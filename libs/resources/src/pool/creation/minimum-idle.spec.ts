import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { ResourceBudget, ResourceCreationError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

const refused = new Error('connection refused');

/** As soon as the pool looks ahead. */
const SOON = 1;

describe('minIdle', () => {
  it('has more created when an acquisition leaves fewer idle', async () => {
    const bench = new PoolBench({ minIdle: 2 });
    await bench.pool.warmUp();
    await bench.borrow(1);
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ leased: 1, idle: 2, size: 3 });
    await bench.borrow(2);
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ leased: 3, idle: 2, size: 5 });
  });

  it('has more created when tryAcquire leaves fewer, and when a caller that waited is served', async () => {
    const bench = new PoolBench({ minIdle: 1 });
    bench.ask();
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ leased: 1, idle: 1 });
    bench.pool.tryAcquire();
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ leased: 2, idle: 1 });
  });

  it('creates behind the back of the borrower, never within its call', async () => {
    const bench = new PoolBench({ minIdle: 2 });
    await bench.pool.warmUp();
    bench.pool.tryAcquire();
    void bench.pool.acquire();
    expect(bench.factory.attempts).toBe(2);
    await settle();
    expect(bench.factory.attempts).toBe(2);
    await bench.clock.advance(SOON);
    expect(bench.factory.attempts).toBe(4);
  });

  it('stays within max', async () => {
    const bench = new PoolBench({ minIdle: 2, max: 3 });
    await bench.borrow(2);
    await bench.clock.advance(10_000);
    expect(bench.pool.stats).toMatchObject({ leased: 2, idle: 1, size: 3 });
    expect(bench.factory.peak).toBe(3);
  });

  it('stays within creation.concurrency', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ minIdle: 4, creation: { concurrency: 2 } });
    bench.factory.creating = () => gate.promise;
    const warm = bench.pool.warmUp();
    expect(bench.pool.stats.creating).toBe(2);
    gate.resolve();
    await warm;
    expect(bench.pool.stats).toMatchObject({ idle: 4, created: 4 });
  });

  it('is left alone until somebody needs the pool', async () => {
    const bench = new PoolBench({ minIdle: 3 });
    await bench.clock.advance(5_000);
    expect([bench.factory.attempts, bench.clock.running]).toEqual([0, 0]);
  });

  it('counts among the idle ones those that are on their way back', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ minIdle: 1, max: 5 }, { reset: () => gate.promise });
    const [lease] = await bench.borrow(1);
    await bench.clock.advance(SOON);
    const reset = lease.release();
    await bench.borrow(1);
    await bench.clock.advance(SOON);
    expect(bench.pool.stats.size).toBe(2);
    gate.resolve();
    await reset;
    expect(bench.pool.stats).toMatchObject({ idle: 1, leased: 1, created: 2 });
  });

  it('replaces an idle one that dies', async () => {
    const bench = new PoolBench({ minIdle: 2 });
    await bench.pool.warmUp();
    await bench.clock.advance(2_000);
    bench.factory.contexts[0]?.retire(new Error('hung up'));
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 2, created: 3, retired: { invalid: 1 } });
  });

  it('gives what was created ahead to the caller that came meanwhile', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ minIdle: 1, max: 2 });
    bench.factory.creating = (attempt) => (attempt === 2 ? gate.promise : undefined);
    await bench.borrow(1);
    const asked = bench.ask();
    expect(bench.factory.attempts).toBe(2);
    gate.resolve();
    await settle();
    expect(asked.value?.resource.id).toBe(2);
  });

  it('takes no place from callers that wait', async () => {
    const bench = new PoolBench({ minIdle: 3, max: 4, creation: { concurrency: 1 } });
    const asked = [1, 2, 3, 4].map(() => bench.ask());
    await bench.clock.advance(SOON);
    expect(asked.map(({ state }) => state)).toEqual(Array.from(asked, () => 'fulfilled'));
    expect(bench.factory.attempts).toBe(4);
  });

  it('ends with the pool', async () => {
    const bench = new PoolBench({ minIdle: 2 });
    await bench.borrow(1);
    bench.pool.tryAcquire();
    const closed = bench.pool.close({ deadline: '1s' });
    await bench.clock.advance(60_000);
    await closed;
    expect([bench.factory.alive, bench.factory.attempts]).toEqual([0, 3]);
    expect(bench.clock.running).toBe(0);
  });

  it('is kept for nobody while the pool drains', async () => {
    const bench = new PoolBench({ minIdle: 2 });
    const [lease] = await bench.borrow(1);
    await settle();
    bench.pool.tryAcquire();
    const drained = bench.pool.drain();
    await bench.clock.advance(5_000);
    expect(bench.pool.stats).toMatchObject({ leased: 2, idle: 1, created: 3 });
    await lease.release();
    await bench.clock.advance(10_000);
    await drained;
  });
});

describe('minIdle beside min', () => {
  it.each([
    ['min where it is more', { min: 4, minIdle: 1 }, { size: 4, idle: 3 }],
    ['minIdle on top of the loans where that is more', { min: 2, minIdle: 3 }, { size: 4, idle: 3 }],
  ])('keeps %s', async (_, options, kept) => {
    const bench = new PoolBench(options);
    await bench.borrow(1);
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ leased: 1, ...kept });
  });

  it('is not lost to idleTimeout', async () => {
    const bench = new PoolBench({ min: 3, minIdle: 2, idleTimeout: '1s' });
    const leases = await bench.borrow(6);
    for (const lease of leases.slice(0, 4)) await lease.release();
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ leased: 2, idle: 2, created: 8 });
    for (const lease of leases) await lease.release();
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ leased: 0, idle: 3, created: 8 });
  });

  it('is not pruned', async () => {
    const retirement = { prune: { interval: '1s', samples: 3 } };
    const bench = new PoolBench({ minIdle: 2, retirement });
    const leases = await bench.borrow(6);
    for (const lease of leases.slice(1)) await lease.release();
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ leased: 1, idle: 2, retired: { pruned: 5 } });
  });

  it('is there after warmUp', async () => {
    const bench = new PoolBench({ min: 1, minIdle: 3 }, { creating: () => settle() });
    await bench.pool.warmUp();
    expect(bench.pool.stats).toMatchObject({ idle: 3, creating: 0 });
  });

  it('keeps warmUp from nothing that max does not leave', async () => {
    const bench = new PoolBench({ minIdle: 2, max: 2 });
    await bench.borrow(2);
    await bench.pool.warmUp();
    expect(bench.pool.stats).toMatchObject({ size: 2, created: 2 });
  });
});

describe('minIdle that cannot be created', () => {
  it('is tried for again by the next sweep and no sooner', async () => {
    const bench = new PoolBench({ minIdle: 1 });
    await bench.borrow(1);
    await settle();
    bench.factory.creating = () => Promise.reject(refused);
    bench.pool.tryAcquire();
    await bench.clock.advance(SOON);
    expect(bench.factory.attempts).toBe(3);
    for (let turn = 0; turn < 5; turn++) {
      bench.pool.tryAcquire();
      await bench.clock.advance(SOON);
    }
    expect(bench.factory.attempts).toBe(3);
    await bench.clock.advance(5_000);
    expect(bench.factory.attempts).toBe(8);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.stats).toMatchObject({ leased: 2, idle: 1 });
  });

  it('leaves callers what is there, and tells nobody', async () => {
    const bench = new PoolBench({ minIdle: 2, max: 3 });
    bench.factory.creating = (attempt) => (attempt === 1 ? undefined : Promise.reject(refused));
    const [lease] = await bench.borrow(1);
    await settle();
    await lease.release();
    expect((await bench.pool.acquire()).resource.id).toBe(1);
  });

  it('fails warmUp', async () => {
    const bench = new PoolBench({ minIdle: 2 }, { creating: () => Promise.reject(refused) });
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
  });

  it('waits while the breaker is open', async () => {
    const breaker = { failures: 1, cooldown: '10s', maxCooldown: '10s' };
    const bench = new PoolBench({ minIdle: 1, creation: { retry: { attempts: 1 }, breaker } });
    bench.factory.creating = (attempt) => (attempt === 2 ? Promise.reject(refused) : undefined);
    await bench.borrow(1);
    await settle();
    expect(bench.pool.breaker).toBe('open');
    await bench.clock.advance(9_000);
    expect(bench.factory.attempts).toBe(2);
    await bench.clock.advance(2_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, breaker: 'closed' });
  });

  it('is tried for within one creation as often as creation.retry says', async () => {
    const retry = { attempts: 3, delay: 10, maxDelay: 10 };
    const bench = new PoolBench({ minIdle: 1, creation: { retry } });
    bench.factory.creating = (attempt) =>
      attempt === 2 || attempt === 3 ? Promise.reject(refused) : undefined;
    await bench.borrow(1);
    await bench.clock.advance(100);
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 2 });
  });
});

describe('reconfiguring minIdle', () => {
  it('creates what is missing now, with everything on loan', async () => {
    const bench = new PoolBench();
    await bench.borrow(3);
    bench.pool.reconfigure({ minIdle: 2 });
    await settle();
    expect(bench.pool.stats).toMatchObject({ leased: 3, idle: 2 });
  });

  it('lets go of what is not to be kept any more when it has been idle for long', async () => {
    const bench = new PoolBench({ minIdle: 3, idleTimeout: '1s' });
    await bench.borrow(1);
    await bench.clock.advance(5_000);
    bench.pool.resize({ minIdle: 1 });
    expect(bench.pool.stats.idle).toBe(3);
    await bench.clock.advance(5_000);
    expect(bench.pool.stats).toMatchObject({ leased: 1, idle: 1 });
  });

  it('is refused above max, and below minIdle max is', () => {
    const bench = new PoolBench({ minIdle: 2, max: 3 });
    expect(() => bench.pool.resize({ minIdle: 4 })).toThrow(expect.objectContaining({ option: 'minIdle' }));
    expect(() => bench.pool.resize({ max: 1 })).toThrow(expect.objectContaining({ option: 'minIdle' }));
    expect(bench.pool.options).toMatchObject({ minIdle: 2, max: 3 });
  });

  it('keeps within the size that an adaptive pool has found', async () => {
    const bench = new PoolBench({ minIdle: 2, sizing: { mode: 'adaptive', least: 2, most: 8 } });
    await bench.borrow(1);
    await bench.clock.advance(SOON);
    expect(bench.pool.stats).toMatchObject({ max: 2, leased: 1, idle: 1 });
  });
});

describe('minIdle on a budget', () => {
  it('takes what is left over, and leaves it to callers of other pools', async () => {
    const clock = new VirtualClock();
    const quota = { budget: new ResourceBudget(4) };
    const a = new PoolBench({ type: 'a', minIdle: 4, quota }, {}, clock);
    const b = new PoolBench({ type: 'b', minIdle: 4, quota }, {}, clock);
    await a.borrow(1);
    await clock.advance(SOON);
    expect(a.pool.stats).toMatchObject({ leased: 1, idle: 3 });
    await b.borrow(2);
    await clock.advance(10_000);
    expect([a.pool.stats.size, b.pool.stats.size]).toEqual([2, 2]);
    expect([a.factory.attempts, b.factory.attempts]).toEqual([4, 2]);
  });

  it('does not keep warmUp from ending', async () => {
    const quota = { budget: new ResourceBudget(3) };
    const clock = new VirtualClock();
    await new PoolBench({ type: 'a', quota }, {}, clock).borrow(2);
    const bench = new PoolBench({ minIdle: 3, quota }, {}, clock);
    await bench.pool.warmUp();
    expect(bench.pool.stats.idle).toBe(1);
  });
});
