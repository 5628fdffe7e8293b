import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../time/virtual-clock.fixture.js';
import { CountingFactory } from './counting-factory.fixture.js';
import { Deferred, never } from './deferred.fixture.js';
import { InvalidOptionsError, PoolPausedError } from './index.js';
import { ONE_TRY, PoolBench } from './pool-bench.fixture.js';
import type { PoolOptions } from './pool-options.js';

describe('keys of a pool that has none', () => {
  it('are refused with the name of the class that has them', () => {
    expect(() => new PoolBench({ keyed: {} })).toThrow(
      '"keyed" makes one pool of each key: use KeyedResourcePool',
    );
  });
});

describe('pause', () => {
  it('lends nothing until resume, then serves in order', async () => {
    const bench = new PoolBench({ max: 2 });
    await bench.inventory(2);
    bench.pool.pause();
    expect(bench.pool.paused).toBe(true);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    bench.pool.resume();
    await settle();
    expect(bench.pool.paused).toBe(false);
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending']);
  });

  it('creates nothing, and takes back what is on loan', async () => {
    const bench = new PoolBench({ max: 2 });
    const lease = await bench.pool.acquire();
    bench.pool.pause();
    const asked = bench.ask();
    await lease.release();
    await settle();
    expect(asked.state).toBe('pending');
    expect(bench.pool.stats).toMatchObject({ idle: 1, pending: 1 });
    expect(bench.factory.attempts).toBe(1);
  });

  it('fails a caller at its deadline with PoolPausedError', async () => {
    const bench = new PoolBench({ acquireTimeout: 100 });
    await bench.inventory(1);
    bench.pool.pause();
    const asked = bench.ask({ owner: 'Orders.find' });
    await bench.clock.advance(110);
    expect(asked.error).toBeInstanceOf(PoolPausedError);
    expect(asked.error).toMatchObject({
      type: 'thing',
      owner: 'Orders.find',
      timeout: 100,
      stats: { idle: 1 },
    });
    expect(bench.pool.stats.timeouts).toBe(1);
  });

  it('counts every caller against maxWaiting', async () => {
    const bench = new PoolBench({ maxWaiting: 1 });
    await bench.inventory(2);
    bench.pool.pause();
    const asked = [bench.ask(), bench.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'rejected']);
  });
});

describe('resize', () => {
  it('up serves those who wait', async () => {
    const bench = new PoolBench({ max: 1 });
    await bench.pool.acquire();
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    bench.pool.resize({ max: 3 });
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending']);
    expect(bench.pool.stats.max).toBe(3);
  });

  it('down harms no lease, and retires what is too many when it comes back', async () => {
    const bench = new PoolBench({ max: 4 });
    const leases = await bench.borrow(4);
    bench.pool.resize({ max: 2 });
    expect(leases.every(({ ended }) => !ended)).toBe(true);
    for (const lease of leases) await lease.release();
    expect(bench.pool.stats).toMatchObject({ size: 2, idle: 2, max: 2, retired: { resized: 2 } });
  });

  it('down retires idle resources at once, the least recently used first', async () => {
    const bench = new PoolBench({ max: 4 });
    await bench.inventory(4);
    bench.pool.resize({ max: 1 });
    await settle();
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, retired: { resized: 3 } });
  });

  it('down while creations are in flight serves with the first of them, and retires the others', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 3 }, { creating: () => gate.promise });
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    bench.pool.resize({ max: 1 });
    gate.resolve();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending', 'pending']);
    expect(asked[0].value?.resource.id).toBe(1);
    expect(bench.pool.stats).toMatchObject({ size: 1, retired: { resized: 2 } });
    await asked[0].value?.release();
    await settle();
    expect(asked[1].state).toBe('fulfilled');
  });

  it('down leaves alone a resource that is borrowed while others are retired', async () => {
    const bench = new PoolBench({ max: 3 });
    await bench.inventory(3);
    bench.factory.destroying = () => void bench.pool.tryAcquire();
    bench.pool.resize({ max: 1 });
    await settle();
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
    expect(bench.pool.stats).toMatchObject({ size: 1, leased: 1 });
  });

  it('of min fills it', async () => {
    const bench = new PoolBench({ max: 5 });
    await bench.inventory(1);
    bench.pool.resize({ min: 3 });
    await settle();
    expect(bench.pool.stats).toMatchObject({ min: 3, idle: 3 });
  });

  it('leaves unchanged what is not given', () => {
    const bench = new PoolBench({ min: 1, max: 3 });
    bench.pool.resize({ min: undefined, max: 4 });
    expect(bench.pool.stats).toMatchObject({ min: 1, max: 4 });
    bench.pool.resize({});
    expect(bench.pool.stats).toMatchObject({ min: 1, max: 4 });
  });

  it.each([{ max: 0 }, { min: 5 }, { min: -1 }, { max: 1.5 }])(
    'to %p is refused, and nothing changes',
    (size) => {
      const bench = new PoolBench({ min: 1, max: 3 });
      expect(() => bench.pool.resize(size)).toThrow(InvalidOptionsError);
      expect(bench.pool.stats).toMatchObject({ min: 1, max: 3 });
    },
  );
});

describe('reconfigure', () => {
  it('changes options from then on', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: '1m' });
    await bench.pool.acquire();
    bench.pool.reconfigure({ acquireTimeout: 100 });
    const asked = bench.ask();
    await bench.clock.advance(110);
    expect(asked.error).toMatchObject({ timeout: 100 });
  });

  it('changes one option of a group and leaves the others of it', () => {
    const bench = new PoolBench({
      validation: { onBorrow: false, timeout: '3s' },
      creation: { concurrency: 2 },
    });
    bench.pool.reconfigure({
      validation: { timeout: '1s', onBorrow: undefined },
      creation: { retry: { delay: 20 } },
    });
    expect(bench.pool.options).toEqual({
      readiness: 'ignored',
      validation: { onBorrow: false, timeout: '1s' },
      creation: { concurrency: 2, retry: { attempts: 1, delay: 20 }, breaker: { failures: Infinity } },
    });
  });

  it('applies a shorter lifetime to what exists', async () => {
    const bench = new PoolBench({ maxLifetime: '1h' });
    await bench.inventory(1);
    await bench.clock.advance(60_000);
    bench.pool.reconfigure({ maxLifetime: '30s' });
    expect(bench.pool.tryAcquire()).toBeUndefined();
    expect(bench.pool.stats.retired.lifetime).toBe(1);
  });

  it('applies a smaller number of uses to what is idle', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    bench.pool.reconfigure({ maxUses: 1 });
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { uses: 2 } });
  });

  it('changes nothing when one value of many cannot work', async () => {
    const bench = new PoolBench({ max: 2 });
    const other = new CountingFactory();
    const change: PoolOptions = { max: 5, acquireTimeout: '9s', idleTimeout: 'soon' };
    expect(() => bench.pool.reconfigure(change, other)).toThrow(
      expect.objectContaining({ option: 'idleTimeout' }),
    );
    expect(bench.pool.stats.max).toBe(2);
    expect(bench.pool.options).toEqual({ readiness: 'ignored', max: 2, creation: ONE_TRY });
    await bench.pool.acquire();
    expect([bench.factory.attempts, other.attempts]).toEqual([1, 0]);
  });

  it('refuses a factory that cannot work, and one that cannot do what the options ask', () => {
    const bench = new PoolBench({ validation: { onBorrow: true } }, { validate: () => true });
    expect(() => bench.pool.reconfigure({}, {} as CountingFactory)).toThrow(
      expect.objectContaining({ option: 'factory.create' }),
    );
    expect(() => bench.pool.reconfigure({}, new CountingFactory())).toThrow(
      expect.objectContaining({ option: 'validation.onBorrow' }),
    );
  });

  it('with a new factory lends nothing more of the old one, and has the old one destroy its own', async () => {
    const bench = new PoolBench({ max: 3 });
    const leases = await bench.borrow(2);
    await leases[0]?.release();
    const other = new CountingFactory();
    bench.pool.reconfigure({}, other);
    const lease = await bench.pool.acquire();
    expect(other.created).toContain(lease.resource);
    expect(leases[1]?.ended).toBe(false);
    await leases[1]?.release();
    expect(bench.factory.alive).toBe(0);
    expect(other.destroyed).toEqual([]);
    expect(bench.pool.stats.retired.flushed).toBe(2);
  });

  it('with a new factory has it serve those who wait, without a creation too many', async () => {
    const bench = new PoolBench({ max: 1, min: 1 });
    await bench.pool.acquire();
    const asked = [bench.ask(), bench.ask()];
    const other = new CountingFactory();
    bench.pool.reconfigure({ max: 3 }, other);
    await settle();
    expect(asked.map(({ value }) => value?.resource)).toEqual(other.created);
    expect(other.attempts).toBe(2);
    expect(other.destroyed).toEqual([]);
  });

  it('with a new factory throws away what a creation in flight brings, and serves its caller anew', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 2 }, { creating: () => gate.promise, destroying: never });
    const asked = bench.ask();
    const other = new CountingFactory();
    bench.pool.reconfigure({}, other);
    gate.resolve();
    await settle();
    expect(bench.factory.destroyed).toHaveLength(1);
    expect(asked.value?.resource).toBe(other.created[0]);
  });

  it('keeps the minimum with the new factory', async () => {
    const bench = new PoolBench({ min: 2, max: 2 });
    await bench.pool.warmUp();
    const other = new CountingFactory();
    bench.pool.reconfigure({}, other);
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 2, size: 2 });
    expect([bench.factory.alive, other.alive, other.attempts]).toEqual([0, 2, 2]);
  });

  it('validates from the moment on that the factory can', async () => {
    const bench = new PoolBench();
    const other = new CountingFactory();
    other.validate = jest.fn(() => true);
    bench.pool.reconfigure({}, other);
    await bench.inventory(1);
    await bench.clock.advance(500);
    await bench.pool.acquire();
    expect(other.validate).toHaveBeenCalledTimes(1);
  });
});
