import { describe, expect, it } from '@jest/globals';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { abandonLease } from './collected-leases.js';
import { Deferred, never } from '../deferred.fixture.js';
import { KeyedResourcePool } from '../keyed/keyed-resource-pool.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { AbandonmentOptions } from './abandonment-options.js';
import { ResourceBudget } from '../sizing/resource-budget.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

/** A pool of so many resources, as many of which are abandoned one after the other, 100 ms apart. */
async function abandoned(
  count: number,
  abandonment: AbandonmentOptions,
  options: ResourcePoolOptions = {},
): Promise<PoolBench> {
  const bench = new PoolBench({ max: 4, abandonment, ...options });
  for (const lease of await bench.borrow(count)) {
    abandonLease(lease);
    await bench.clock.advance(100);
  }
  return bench;
}

describe('a lease that is abandoned', () => {
  it('ends for its owner at once, and only once', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire({ owner: 'GET /slow' });
    const events = bench.record();
    abandonLease(lease);
    abandonLease(lease);
    expect(lease.ended).toBe(true);
    expect(() => lease.resource).toThrow(LeaseReleasedError);
    await lease.release();
    await lease.invalidate();
    expect(events).toEqual([{ kind: 'abandoned', type: 'thing', resourceId: 1, owner: 'GET /slow' }]);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 0, leased: 0, abandoned: 1, released: 1 });
    expect(bench.pool.leases()).toEqual([]);
    expect(bench.pool.leaseOf(bench.factory.created[0])).toBeUndefined();
  });

  it('is the same to one that may be collected, and anything else is released', async () => {
    const bench = new PoolBench({ leaks: { reclaimCollected: true } });
    abandonLease(await bench.pool.acquire());
    expect(bench.pool.stats.abandoned).toBe(1);
    const lease = await bench.pool.acquire();
    abandonLease({
      get resource() {
        return lease.resource;
      },
      age: 0,
      owner: 'a test',
      ended: false,
      release: () => lease.release(),
      invalidate: () => lease.invalidate(),
      [Symbol.asyncDispose]: () => lease.release(),
    });
    expect(bench.pool.stats).toMatchObject({ abandoned: 1, idle: 1 });
  });

  it('gives its place in the quota back at once', async () => {
    const bench = new PoolBench({ max: 3, quota: { max: 1 }, abandonment: { wait: '1h' } });
    const lease = await bench.pool.acquire({ tenant: 'acme' });
    const next = bench.ask({ tenant: 'acme' });
    expect(bench.pool.stats.pending).toBe(1);
    abandonLease(lease);
    await settle();
    expect(next.state).toBe('fulfilled');
  });
});

describe('its resource', () => {
  it('is held for the time to wait, and then retires, destroyed as any other', async () => {
    const bench = await abandoned(1, { wait: '1s' });
    const events = bench.record();
    await bench.clock.advance(890);
    expect(bench.pool.stats).toMatchObject({ abandoned: 1, retired: { abandoned: 0 } });
    await bench.clock.advance(20);
    expect(bench.factory.destroyed).toEqual(bench.factory.created);
    expect(bench.pool.stats).toMatchObject({ size: 0, abandoned: 0, retired: { abandoned: 1 } });
    expect(events.map(({ kind }) => kind)).toEqual(['retired', 'destroyed']);
    expect(events[0]).toMatchObject({ reason: 'abandoned' });
  });

  it('is never lent on, even if somebody waits and there is nothing else', async () => {
    const bench = await abandoned(1, { wait: '1s' }, { max: 1, acquireTimeout: '10s' });
    const waiting = bench.ask();
    expect(bench.pool.tryAcquire()).toBeUndefined();
    await bench.clock.advance(890);
    expect([waiting.state, bench.factory.attempts]).toEqual(['pending', 1]);
    await bench.clock.advance(20);
    expect(bench.pool.leases().map(({ owner }) => owner)).toEqual(['anonymous']);
    expect(bench.factory.created.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('retires at once with a wait of 0', async () => {
    const bench = await abandoned(2, { wait: 0 });
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, destroyed: 2, retired: { abandoned: 2 } });
  });

  it('is held until others need the room with a wait of Infinity', async () => {
    const bench = await abandoned(1, { wait: Infinity, max: 0 });
    await bench.clock.advance(86_400_000);
    expect(bench.pool.stats.abandoned).toBe(1);
    abandonLease(await bench.pool.acquire());
    expect(bench.pool.stats).toMatchObject({ abandoned: 1, retired: { abandoned: 1 } });
  });

  it('holds no process', async () => {
    const bench = await abandoned(1, { wait: '1h' });
    expect([bench.clock.running > 0, bench.clock.holding]).toEqual([true, 0]);
  });

  it('goes first when it came first and more are held than may be', async () => {
    const bench = await abandoned(3, { wait: '1h', max: 0.5 });
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1]);
    expect(bench.pool.stats).toMatchObject({ abandoned: 2, retired: { abandoned: 1 } });
  });

  it('may be one at least, whatever the share', async () => {
    const bench = await abandoned(2, { wait: '1h', max: 0 });
    expect(bench.pool.stats).toMatchObject({ abandoned: 1, retired: { abandoned: 1 } });
  });

  it('goes at once when it dies, and when it was known to be dead', async () => {
    const bench = await abandoned(1, { wait: '1h' });
    bench.factory.created[0]?.context.retire(new Error('the socket closed'));
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, retired: { invalid: 1, abandoned: 0 } });
    const lease = await bench.pool.acquire();
    bench.factory.created[1]?.context.retire(new Error('the socket closed'));
    abandonLease(lease);
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, retired: { invalid: 2, abandoned: 0 } });
  });

  it('holds its place under max until it is destroyed', async () => {
    const bench = await abandoned(1, { wait: '1s' }, { max: 1, acquireTimeout: '1m' });
    const gate = new Deferred();
    bench.factory.destroying = () => gate.promise;
    const waiting = bench.ask();
    await bench.clock.advance(1_000);
    expect([bench.factory.attempts, bench.pool.stats.destroying]).toEqual([1, 1]);
    gate.resolve();
    await settle();
    expect(waiting.state).toBe('fulfilled');
    expect(bench.factory.peak).toBe(1);
  });

  it('is replaced within the limit on creations, as always', async () => {
    const bench = await abandoned(3, { wait: '1s', max: 1 }, { max: 3, creation: { concurrency: 1 } });
    bench.factory.creating = never;
    for (let i = 0; i < 3; i++) bench.ask();
    await bench.clock.advance(2_000);
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, creating: 1 });
  });

  it('counts neither for the minimum nor for who may stay idle', async () => {
    const bench = new PoolBench({ min: 2, max: 4, abandonment: { wait: '1h', max: 1 }, idleTimeout: '1s' });
    await bench.pool.warmUp();
    for (const lease of await bench.borrow(2)) abandonLease(lease);
    await bench.clock.advance(5_000);
    expect(bench.pool.stats).toMatchObject({ size: 4, idle: 2, abandoned: 2 });
  });

  it('lets callers hear at once that creation is suspended, as it will serve nobody', async () => {
    const bench = await abandoned(
      1,
      { wait: '1h' },
      { creation: { breaker: { failures: 1, cooldown: '5s' } } },
    );
    bench.factory.creating = () => Promise.reject(new Error('refused'));
    expect(await failureOf(bench.pool.acquire())).toMatchObject({ name: 'ResourceCreationError' });
    expect(await failureOf(bench.pool.acquire())).toMatchObject({ suspendedFor: expect.any(Number) });
  });
});

describe('the time for which it is held', () => {
  it('does not count while the process was frozen', async () => {
    const bench = await abandoned(1, { wait: '10s' });
    bench.clock.stall(3_600_000);
    await bench.clock.advance(5_000);
    expect(bench.pool.stats.abandoned).toBe(1);
    await bench.clock.advance(6_000);
    expect(bench.pool.stats.abandoned).toBe(0);
  });

  it('follows a reconfiguration of the wait, of the share and of the size', async () => {
    const bench = await abandoned(3, { wait: '1h', max: 1 });
    bench.pool.reconfigure({ abandonment: { max: 0.5 } });
    expect(bench.pool.stats).toMatchObject({ abandoned: 2, retired: { abandoned: 1 } });
    bench.pool.reconfigure({ abandonment: { wait: '190ms' } });
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
    await bench.clock.advance(100);
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, retired: { abandoned: 3 } });
  });

  it('ends when the pool shrinks below them, before anything idle goes', async () => {
    const bench = new PoolBench({ max: 4, abandonment: { wait: '1h', max: 1 } });
    const leases = await bench.borrow(4);
    for (const lease of leases.slice(0, 2)) abandonLease(lease);
    for (const lease of leases.slice(2)) await lease.release();
    bench.pool.resize({ max: 2 });
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 2, idle: 2, abandoned: 0 });
  });

  it('is waited for by a drain within its limit, and ended by a close', async () => {
    const bench = await abandoned(1, { wait: '1s' });
    const drained = bench.pool.drain({ deadline: '10s' });
    await bench.clock.advance(950);
    expect(await drained).toMatchObject({ clean: true, held: [], duration: expect.closeTo(900, -2) });
    const other = await abandoned(1, { wait: '1h' });
    const closed = other.pool.close({ deadline: 500 });
    await other.clock.advance(600);
    expect(await closed).toMatchObject({ clean: true, duration: 500 });
    expect(other.pool.stats).toMatchObject({ size: 0, abandoned: 0, retired: { closed: 1, abandoned: 0 } });
    expect(other.clock.running).toBe(0);
  });
});

describe('abandonment beside other policies', () => {
  it('keeps the place of a key until it is over', async () => {
    const bench = new PoolBench();
    const pool = new KeyedResourcePool(bench.factory, {
      clock: bench.clock,
      keyed: { maxKeys: 1 },
      abandonment: { wait: '1s' },
      acquireTimeout: '1m',
    });
    abandonLease(await pool.acquire({ key: 'acme' }));
    expect(pool.stats).toMatchObject({ abandoned: 1, leased: 0, released: 1 });
    const other = pool.acquire({ key: 'globex' });
    await bench.clock.advance(900);
    expect(pool.keys).toEqual(['acme']);
    await bench.clock.advance(200);
    await (await other).release();
    expect(pool.keys).toEqual(['globex']);
    expect(pool.stats).toMatchObject({ abandoned: 0, retired: { abandoned: 1 } });
    await pool.close();
  });

  it('keeps its unit of a budget until it is over, and then lets another pool have it', async () => {
    const budget = new ResourceBudget(2);
    const bench = new PoolBench({ quota: { budget }, abandonment: { wait: '1s', max: 1 } });
    const other = new PoolBench({ quota: { budget }, acquireTimeout: '1m' }, {}, bench.clock);
    for (const lease of await bench.borrow(2)) abandonLease(lease);
    const waiting = other.ask();
    await bench.clock.advance(900);
    expect([waiting.state, budget.used]).toEqual(['pending', 2]);
    await bench.clock.advance(200);
    expect([waiting.state, budget.used]).toEqual(['fulfilled', 1]);
  });

  it('works where the size is found by measuring', async () => {
    const bench = new PoolBench({ sizing: { mode: 'adaptive' }, abandonment: { wait: '2s' } });
    const asked = Array.from({ length: 20 }, () => bench.ask({ timeout: '1h' }));
    for (let i = 0; i < 60; i++) {
      await bench.clock.advance(1_100);
      for (const { value } of asked) if (value !== undefined) abandonLease(value);
    }
    expect(bench.pool.stats).toMatchObject({ abandoned: 0, leased: 0, pending: 0, acquired: 20 });
    expect(bench.pool.stats.retired.abandoned).toBe(20);
  });
});
