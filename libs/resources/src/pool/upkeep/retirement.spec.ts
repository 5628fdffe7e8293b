import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { PoolOptions } from '../pool-options.js';

describe('idleTimeout', () => {
  it('retires what is idle above min, the least recently used first', async () => {
    const bench = new PoolBench({ min: 1, idleTimeout: '10s' });
    await bench.inventory(3);
    await bench.clock.advance(11_000);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, retired: { idle: 2 } });
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
    await bench.clock.advance(60_000);
    expect(bench.pool.stats.size).toBe(1);
  });

  it('counts from the last use', async () => {
    const bench = new PoolBench({ idleTimeout: '10s' });
    await bench.inventory(2);
    for (let second = 0; second < 15; second++) {
      await bench.clock.advance(1_000);
      await (await bench.pool.acquire()).release();
    }
    expect(bench.pool.stats).toMatchObject({ size: 1, retired: { idle: 1 } });
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1]);
  });

  it('does not concern a resource on loan', async () => {
    const bench = new PoolBench({ idleTimeout: '1s' });
    const lease = await bench.pool.acquire();
    await bench.clock.advance(60_000);
    expect(lease.ended).toBe(false);
    await lease.release();
    await bench.clock.advance(900);
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('keeps a resource that was idle for longer from being lent, whenever the pool looks', async () => {
    for (const order of ['mostRecent', 'leastRecent'] as const) {
      const bench = new PoolBench({ idleTimeout: 400, lending: { order } });
      await bench.inventory(2);
      bench.clock.stall(300);
      await bench.pool.tryAcquire()?.release();
      bench.clock.stall(100);
      const lease = bench.pool.tryAcquire(); // the other one is due, and this one was just used
      expect(lease?.resource.id).toBe(order === 'mostRecent' ? 2 : 1);
      await lease?.release();
      bench.clock.stall(400);
      expect(bench.pool.tryAcquire()).toBeUndefined();
      expect((await bench.pool.acquire()).resource.id).toBe(3);
      expect(bench.pool.stats.retired.idle).toBe(2);
    }
  });

  it('keeps one from the caller who has waited, and lends what belongs to min all the same', async () => {
    const bench = new PoolBench({ min: 1, idleTimeout: '1s' });
    await bench.inventory(3);
    bench.clock.stall(1_000);
    expect((await bench.pool.acquire()).resource.id).toBe(3);
    await settle();
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
    expect(bench.pool.stats.retired.idle).toBe(2);
  });

  it('counts from the moment of the return, and destroys within a quarter of it', async () => {
    for (const after of [10, 260, 510, 760]) {
      const bench = new PoolBench({ idleTimeout: '1s' });
      let gone = 0;
      bench.factory.destroying = () => (gone = bench.clock.now());
      const lease = await bench.pool.acquire();
      await bench.clock.advance(after);
      await lease.release();
      const returned = bench.clock.now();
      await bench.clock.advance(1_250);
      expect(gone - returned).toBeGreaterThanOrEqual(1_000);
      expect(gone - returned).toBeLessThanOrEqual(1_250);
    }
  });

  it('is looked at often enough when it is short', async () => {
    const bench = new PoolBench({ idleTimeout: 200 });
    await bench.inventory(1);
    await bench.clock.advance(300);
    expect(bench.pool.stats.retired.idle).toBe(1);
  });

  it('of Infinity retires nothing', async () => {
    const bench = new PoolBench({ idleTimeout: Infinity, maxLifetime: Infinity });
    await bench.inventory(2);
    await bench.clock.advance(3_600_000);
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('lets the process end meanwhile', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    expect(bench.clock.running).toBeGreaterThan(0);
    expect(bench.clock.holding).toBe(0);
  });

  it('leaves no timer behind when nothing is left', async () => {
    const bench = new PoolBench({ idleTimeout: '1s' });
    await bench.inventory(2);
    await bench.clock.advance(20_000);
    expect(bench.pool.stats.size).toBe(0);
    expect(bench.clock.running).toBe(0);
  });
});

describe('maxLifetime', () => {
  it('keeps an old resource from being lent', async () => {
    const bench = new PoolBench({ maxLifetime: 800 });
    await bench.inventory(1);
    bench.clock.stall(800);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    expect(bench.pool.stats.retired.lifetime).toBe(1);
    expect((await bench.pool.acquire()).resource.id).toBe(2);
  });

  it('passes over the old ones to one that is young enough', async () => {
    const bench = new PoolBench({ maxLifetime: 800 });
    const old = await bench.pool.acquire();
    bench.clock.stall(400);
    const young = await bench.pool.acquire();
    await young.release();
    await old.release();
    bench.clock.stall(400);
    expect(bench.pool.tryAcquire()?.resource.id).toBe(2);
  });

  it('keeps an old resource that comes back from the one who waits', async () => {
    const bench = new PoolBench({ max: 1, maxLifetime: '1m', acquireTimeout: '5m' });
    const lease = await bench.pool.acquire();
    const asked = bench.ask();
    await bench.clock.advance(60_000);
    await lease.release();
    await settle();
    expect(asked.value?.resource.id).toBe(2);
  });

  it('retires an old idle resource without anybody asking, min or not', async () => {
    const bench = new PoolBench({ min: 1, maxLifetime: '1m' });
    await bench.inventory(1);
    await bench.clock.advance(61_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 2, destroyed: 1, retired: { lifetime: 1 } });
  });
});

describe('retirement.jitter', () => {
  /** How long each of so many resources, created together, is kept: to the next second. */
  async function lives(count: number, options: PoolOptions): Promise<number[]> {
    let jitterFactor = 0;
    const random = (): number => jitterFactor++ / count;
    const bench = new PoolBench({ maxLifetime: '100s', idleTimeout: Infinity, random, ...options });
    const start = bench.clock.now();
    const ends: number[] = [];
    bench.factory.destroying = () => ends.push((bench.clock.now() - start) / 1_000);
    await bench.inventory(count);
    await bench.clock.advance(101_000);
    return ends.toSorted((a, b) => a - b);
  }

  it('shortens lives at random, so that what was created together does not go together', async () => {
    expect(await lives(4, { retirement: { jitter: 0.4 } })).toEqual([70, 80, 90, 100]);
  });

  it('is a tenth by default, and can be switched off', async () => {
    expect(await lives(2, {})).toEqual([95, 100]);
    expect(await lives(2, { retirement: { jitter: 0 } })).toEqual([100, 100]);
  });

  it('shortens a life that is reconfigured by the same part as before', async () => {
    const bench = new PoolBench({ maxLifetime: '1h', random: () => 0.5 });
    await bench.inventory(1);
    bench.pool.reconfigure({ maxLifetime: '100s' });
    await bench.clock.advance(94_000);
    expect(bench.pool.stats.size).toBe(1);
    await bench.clock.advance(1_000);
    expect(bench.pool.stats.retired.lifetime).toBe(1);
  });
});

describe('maxUses', () => {
  it('retires a resource when its last permitted loan ends', async () => {
    const bench = new PoolBench({ max: 1, maxUses: 2 });
    const ids: number[] = [];
    for (let loan = 0; loan < 5; loan++) await bench.pool.use(({ id }) => void ids.push(id));
    expect(ids).toEqual([1, 1, 2, 2, 3]);
    expect(bench.pool.stats.retired.uses).toBe(2);
  });
});

describe('maxLeaseTime', () => {
  it('revokes a lease that is held for too long, and serves the next caller', async () => {
    const bench = new PoolBench({ max: 1, maxLeaseTime: '1m', acquireTimeout: '5m' });
    const events = bench.record();
    const lease = await bench.pool.acquire({ owner: 'forgetful' });
    const thing = lease.resource;
    const asked = bench.ask();
    await bench.clock.advance(59_000);
    expect(lease.ended).toBe(false);
    await bench.clock.advance(2_000);
    expect(lease.ended).toBe(true);
    expect(thing.destroyed).toBe(true);
    expect(asked.value?.resource.id).toBe(2);
    expect(events).toContainEqual({ kind: 'leaked', type: 'thing', resourceId: 1, owner: 'forgetful' });
    expect(bench.pool.stats.retired.leaked).toBe(1);
  });

  it('counts from the moment of the loan, however long the turn of the event loop has run by then', async () => {
    const clock = new VirtualClock(0, { hasTurns: true });
    const bench = new PoolBench({ max: 2, maxLeaseTime: '1m' }, {}, clock);
    await bench.inventory(2);
    bench.pool.tryAcquire();
    clock.stall(100);
    expect(bench.pool.tryAcquire()?.age).toBe(0);
  });

  it('makes the late release harmless', async () => {
    const bench = new PoolBench({ max: 1, maxLeaseTime: '1s' });
    const lease = await bench.pool.acquire();
    await bench.clock.advance(1_300);
    const next = await bench.pool.acquire();
    await lease.release();
    await lease.invalidate();
    expect(next.ended).toBe(false);
    expect(bench.pool.stats).toMatchObject({ leased: 1, acquired: 2, released: 1 });
    expect(bench.factory.destroyed).toHaveLength(1);
  });

  it('leaves alone who gives back in time', async () => {
    const bench = new PoolBench({ maxLeaseTime: '10s' });
    for (let loan = 0; loan < 4; loan++) {
      const lease = await bench.pool.acquire();
      await bench.clock.advance(9_000);
      await lease.release();
    }
    expect(bench.pool.stats).toMatchObject({ created: 1, retired: { leaked: 0 } });
  });

  it('does not end twice a lease that a listener gives back', async () => {
    const bench = new PoolBench({ maxLeaseTime: '10s' });
    const [a, b] = await bench.borrow(2);
    bench.pool.observe(({ kind }) => {
      if (kind === 'leaked') void Promise.all([a?.release(), b?.release()]);
    });
    await bench.clock.advance(13_000);
    expect(bench.pool.stats).toMatchObject({ leased: 0, acquired: 2, released: 2 });
  });
});

describe('destroy', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('stuck');
      },
    ],
    ['rejects', () => Promise.reject(new Error('stuck'))],
  ])('that %s is reported and frees its place', async (_, destroying) => {
    const bench = new PoolBench({ max: 1 }, { destroying });
    const events = bench.record();
    const lease = await bench.pool.acquire();
    await expect(lease.invalidate()).resolves.toBeUndefined();
    expect(events).toContainEqual({
      kind: 'destroyFailed',
      type: 'thing',
      resourceId: 1,
      cause: expect.objectContaining({ message: 'stuck' }),
    });
    expect(bench.pool.stats).toMatchObject({ size: 0, destroying: 0, destroyed: 1 });
    await expect(bench.pool.acquire()).resolves.toBeDefined();
  });

  it('that hangs holds its place until retirement.timeout', async () => {
    const bench = new PoolBench({ max: 1, retirement: { timeout: '2s' } }, { destroying: never });
    const events = bench.record();
    const lease = await bench.pool.acquire();
    const thrown = lease.invalidate();
    const asked = bench.ask();
    await bench.clock.advance(1_990);
    expect(bench.pool.stats).toMatchObject({ size: 0, destroying: 1, pending: 1 });
    expect(bench.factory.attempts).toBe(1);
    await bench.clock.advance(20);
    await thrown;
    expect(asked.value?.resource.id).toBe(2);
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'destroyFailed',
        cause: expect.objectContaining({ name: 'TimeLimitError' }),
      }),
    );
  });

  it('may be missing', async () => {
    const { clock } = new PoolBench();
    const { ResourcePool } = await import('../resource-pool.js');
    const pool = new ResourcePool({ create: () => ({}) }, { max: 1, clock });
    await (await pool.acquire()).invalidate();
    await (await pool.acquire()).release();
    expect(pool.stats).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
  });

  it('holds the place of its resource until it is done', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 2 }, { destroying: () => gate.promise });
    const [a] = await bench.borrow(2);
    void a?.invalidate();
    const asked = bench.ask();
    await settle();
    expect(asked.state).toBe('pending');
    gate.resolve();
    await settle();
    expect(asked.state).toBe('fulfilled');
  });

  it('does not disturb a borrower whom it calls up while resources are swept', async () => {
    const bench = new PoolBench({ min: 1, idleTimeout: '5s', maxLifetime: '1h' });
    await bench.inventory(3);
    const borrowed: (number | undefined)[] = [];
    bench.factory.destroying = () => borrowed.push(bench.pool.tryAcquire()?.resource.id);
    await bench.clock.advance(6_000);
    expect(borrowed).toEqual([3, undefined]);
    expect(bench.pool.leases()).toHaveLength(1);
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
  });
});
