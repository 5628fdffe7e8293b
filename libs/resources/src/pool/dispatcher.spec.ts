import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Deferred, never } from './deferred.fixture.js';
import { PoolBench } from './pool-bench.fixture.js';
import { ResourcePool } from './resource-pool.js';

describe('the dispatcher', () => {
  it('lends the same resource again', async () => {
    const { pool, factory } = new PoolBench();
    const first = await pool.acquire();
    const thing = first.resource;
    await first.release();
    const second = await pool.acquire();
    expect(second.resource).toBe(thing);
    expect(factory.attempts).toBe(1);
  });

  it('lends the most recently used resource first', async () => {
    const { pool } = new PoolBench();
    const [a, b, c] = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    const things = [a.resource, b.resource, c.resource];
    await c.release();
    await a.release();
    await b.release();
    const again = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    expect(again.map(({ resource }) => resource)).toEqual([things[1], things[0], things[2]]);
  });

  it('lends nothing twice at a time', async () => {
    const bench = new PoolBench({ max: 5 });
    const leases = await bench.borrow(5);
    expect(new Set(leases.map(({ resource }) => resource)).size).toBe(5);
  });

  it('never has more than max under a burst', async () => {
    const bench = new PoolBench({ max: 3 }, { creating: () => settle() });
    const work = Array.from({ length: 100 }, () => bench.pool.use(() => settle()));
    await Promise.all(work);
    expect(bench.factory.peak).toBe(3);
    expect(bench.pool.stats).toMatchObject({
      size: 3,
      idle: 3,
      leased: 0,
      pending: 0,
      acquired: 100,
      released: 100,
    });
  });

  it('creates no more than there are callers without a resource', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 10 }, { creating: () => gate.promise });
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    expect(bench.factory.attempts).toBe(3);
    gate.resolve();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(bench.factory.attempts).toBe(3);
  });

  it('creates nothing for a caller whom a creation given up by another will serve', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 10 }, { creating: () => gate.promise });
    const controller = new AbortController();
    bench.ask({ signal: controller.signal });
    controller.abort();
    const second = bench.ask();
    expect(bench.factory.attempts).toBe(1);
    gate.resolve();
    await settle();
    expect(second.state).toBe('fulfilled');
  });

  it('does not create above max although the factory borrows while it creates', async () => {
    const bench = new PoolBench({ max: 2 });
    bench.factory.creating = () => {
      if (bench.factory.attempts < 5) bench.ask();
      return never();
    };
    bench.pool.pause();
    bench.ask();
    bench.ask();
    bench.pool.resume();
    expect(bench.factory.attempts).toBe(2);
    expect(bench.pool.stats.creating).toBe(2);
  });

  it('serves callers in the order in which they came', async () => {
    const { pool } = new PoolBench({ max: 1 });
    const lease = await pool.acquire();
    const served: number[] = [];
    const callers = Array.from({ length: 10 }, (_, i) => pool.use(() => void served.push(i)));
    await lease.release();
    await Promise.all(callers);
    expect(served).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('lets no caller pass those who wait', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const waiting = bench.ask({ owner: 'waiting' });
    void lease.release();
    const late = bench.ask({ owner: 'late' });
    expect(bench.pool.tryAcquire()).toBeUndefined();
    await settle();
    expect(waiting.state).toBe('fulfilled');
    expect(late.state).toBe('pending');
  });

  it('hands a resource over within release, so that tryAcquire cannot snatch it', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    bench.ask({ owner: 'waiting' });
    void lease.release();
    expect(bench.pool.leases().map(({ owner }) => owner)).toEqual(['waiting']);
  });

  it('lets nobody pass those who wait while they are being served one by one', async () => {
    const bench = new PoolBench({ max: 2 });
    await bench.inventory(2);
    bench.pool.pause();
    const asked = [bench.ask(), bench.ask()];
    const snatched: unknown[] = [];
    bench.pool.observe(({ kind }) => kind === 'acquired' && snatched.push(bench.pool.tryAcquire()));
    bench.pool.resume();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(snatched).toEqual([undefined, undefined]);
  });

  it('makes no timer for a loan of an idle resource', async () => {
    const bench = new PoolBench();
    await bench.inventory(1);
    const timers = bench.clock.running;
    void (await bench.pool.acquire()).release();
    expect(bench.clock.running).toBe(timers);
  });

  it('reads the clock once a turn of the event loop at most, however many loans are made and waited for', async () => {
    const clock = new VirtualClock(1_000, { hasTurns: true });
    const pool = new ResourcePool({ create: () => ({}) }, { max: 2, clock });
    const loan = async (): Promise<void> => void (await pool.acquire()).release();
    await Promise.all([loan(), loan(), loan()]);
    clock.endTurn();
    clock.reads = 0;
    await Promise.all(Array.from({ length: 100 }, loan));
    expect(clock.reads).toBeLessThanOrEqual(1);
    await pool.close();
  });

  it('releases with a shared promise when there is nothing to wait for', async () => {
    const { pool } = new PoolBench();
    const [a, b] = [await pool.acquire(), await pool.acquire()];
    expect(a.release()).toBe(b.release());
  });

  describe('tryAcquire', () => {
    it('lends an idle resource synchronously', async () => {
      const bench = new PoolBench();
      await bench.inventory(1);
      const lease = bench.pool.tryAcquire({ owner: 'hurry' });
      expect(lease?.resource.id).toBe(1);
      expect(lease?.owner).toBe('hurry');
      expect(bench.pool.tryAcquire()).toBeUndefined();
    });

    it('never creates', async () => {
      const { pool, factory } = new PoolBench();
      expect(pool.tryAcquire()).toBeUndefined();
      await settle();
      expect(factory.attempts).toBe(0);
    });

    it('names nobody unless told', async () => {
      const bench = new PoolBench();
      await bench.inventory(1);
      expect(bench.pool.tryAcquire()?.owner).toBe('anonymous');
    });
  });

  describe('use', () => {
    it('gives what the work returns, and gives the resource back', async () => {
      const { pool } = new PoolBench();
      await expect(pool.use(({ id }, lease) => `${id} for ${lease.owner}`, { owner: 'work' })).resolves.toBe(
        '1 for work',
      );
      expect(pool.stats).toMatchObject({ idle: 1, leased: 0 });
    });

    it('throws what the work throws, and gives the resource back', async () => {
      const { pool } = new PoolBench();
      const error = new Error('work failed');
      const fail = (): never => {
        throw error;
      };
      await expect(pool.use(fail)).rejects.toBe(error);
      await expect(pool.use(() => Promise.reject(error))).rejects.toBe(error);
      expect(pool.stats).toMatchObject({ idle: 1, leased: 0 });
    });

    it('does not wait for the reset', async () => {
      const { pool } = new PoolBench({}, { reset: never });
      await expect(pool.use(() => 1)).resolves.toBe(1);
    });

    it('leaves a resource that the work has given back itself to its next owner', async () => {
      const { pool } = new PoolBench({ max: 1 });
      await pool.use(async (_, lease) => {
        await lease.release();
        await pool.acquire({ owner: 'next' });
      });
      expect(pool.leases().map(({ owner }) => owner)).toEqual(['next']);
    });
  });

  it('finds the lease that holds a resource', async () => {
    const { pool } = new PoolBench();
    const lease = await pool.acquire();
    const thing = lease.resource;
    expect(pool.leaseOf(thing)).toBe(lease);
    await lease.release();
    expect(pool.leaseOf(thing)).toBeUndefined();
    expect(pool.leaseOf({})).toBeUndefined();
  });
});
