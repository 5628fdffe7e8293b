import { describe, expect, it } from '@jest/globals';
import {
  AcquireAbortedError,
  AcquireTimeoutError,
  PoolExhaustedError,
  PoolOverloadedError,
} from '../errors/index.js';
import { settle } from '../time/virtual-clock.fixture.js';
import { Outcome } from './deferred.fixture.js';
import type { Lease } from './lease.js';
import { PoolBench } from './pool-bench.fixture.js';
import type { Thing } from './counting-factory.fixture.js';
import type { AcquireOptions, ResourcePoolOptions } from './resource-pool.js';

/** Lets them wait for the one resource of a pool, and tells in which order they are served. */
async function served(options: ResourcePoolOptions, ...asks: AcquireOptions[]): Promise<string[]> {
  const bench = new PoolBench({ max: 1, ...options });
  const [held] = await bench.borrow(1);
  const order: string[] = [];
  for (const ask of asks) {
    void bench.pool.acquire(ask).then((lease) => {
      order.push(lease.owner);
      return lease.release();
    });
  }
  void held.release();
  await settle();
  return order;
}

const ask = (owner: string, more: AcquireOptions = {}): AcquireOptions => ({ owner, ...more });

describe('the order of the queue', () => {
  const three = [ask('a'), ask('b'), ask('c')];

  it('is first come, first served by default', async () => {
    expect(await served({}, ...three)).toEqual(['a', 'b', 'c']);
  });

  it('is last come, first served with "lifo"', async () => {
    expect(await served({ queue: { order: 'lifo' } }, ...three)).toEqual(['c', 'b', 'a']);
  });

  it('follows the callers\' priorities with "priority"', async () => {
    const asks = [ask('a'), ask('b', { priority: 9 }), ask('c', { priority: 1 })];
    expect(await served({ queue: { order: 'priority' } }, ...asks)).toEqual(['b', 'c', 'a']);
    expect(await served({ queue: { order: 'fifo' } }, ...asks)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['100ms', ['a', 'b']],
    [Infinity, ['b', 'a']],
  ])('lets waiting count for priority by an ageing of %s', async (ageing, [first]) => {
    const bench = new PoolBench({ max: 1, queue: { order: 'priority', ageing } });
    const [held] = await bench.borrow(1);
    const asked: Outcome<Lease<Thing>>[] = [bench.ask(ask('a'))];
    await bench.clock.advance(1_000);
    asked.push(bench.ask(ask('b', { priority: 5 })));
    void held.release();
    await settle();
    expect(asked.find(({ state }) => state === 'fulfilled')?.value?.owner).toBe(first);
  });

  it('serves one of each owner in turn with "fair"', async () => {
    const asks = [ask('a'), ask('a'), ask('a'), ask('b'), ask('c')];
    expect(await served({ queue: { order: 'fair' } }, ...asks)).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('is fair between tenants, where they are given', async () => {
    const asks = [
      ask('a', { tenant: 'x' }),
      ask('b', { tenant: 'x' }),
      ask('c', { tenant: 'x' }),
      ask('d', { tenant: 'y' }),
    ];
    expect(await served({ queue: { order: 'fair' } }, ...asks)).toEqual(['a', 'd', 'b', 'c']);
  });

  it.each([-1, 10, 1.5, NaN, '1'])('refuses a priority of %p', async (priority) => {
    const { pool } = new PoolBench();
    await expect(pool.acquire({ priority: priority as number })).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: 'priority' }),
    );
    expect(pool.stats).toMatchObject({ pending: 0, size: 0 });
  });

  it('changes under load, and nobody is lost', async () => {
    const bench = new PoolBench({ max: 1 });
    const [held] = await bench.borrow(1);
    const order: string[] = [];
    for (const owner of ['a', 'b', 'c']) {
      void bench.pool.acquire({ owner }).then((lease) => (order.push(lease.owner), lease.release()));
    }
    bench.pool.reconfigure({ queue: { order: 'lifo' } });
    expect(bench.pool.stats.pending).toBe(3);
    void held.release();
    await settle();
    expect(order).toEqual(['c', 'b', 'a']);
  });
});

describe('the order of lending', () => {
  it.each([
    ['mostRecent', [3, 3]],
    ['leastRecent', [1, 2]],
  ] as const)('lends what came back by "%s"', async (order, expected) => {
    const bench = new PoolBench({ max: 3, lending: { order } });
    await bench.stock(3);
    const seen: number[] = [];
    for (let i = 0; i < 2; i++) await bench.pool.use(({ id }) => seen.push(id));
    expect(seen).toEqual(expected);
  });
});

describe('controlled delay', () => {
  /** A pool of one whose holders keep it for 100 ms each, while a caller comes every 50 ms. */
  async function overload(bench: PoolBench, callers: number): Promise<Outcome<Lease<Thing>>[]> {
    const asked: Outcome<Lease<Thing>>[] = [];
    for (let i = 0; i < callers; i++) {
      const asking = bench.pool.acquire();
      asked.push(new Outcome(asking));
      void asking.then(
        (lease) => void bench.clock.setTimeout(() => void lease.release(), 100),
        () => undefined,
      );
      await bench.clock.advance(50);
    }
    return asked;
  }

  it('sheds some under lasting overload and serves the others in time', async () => {
    const bench = new PoolBench({
      max: 1,
      acquireTimeout: '1m',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    const events = bench.record();
    const asked = await overload(bench, 200);
    const shed = asked.filter(({ state }) => state === 'rejected');
    expect(shed.length).toBeGreaterThan(50);
    for (const { error } of shed) expect(error).toBeInstanceOf(PoolOverloadedError);
    expect(events.filter(({ kind }) => kind === 'shed')).toHaveLength(shed.length);
    expect(bench.pool.stats.pending).toBeLessThan(20);
  });

  it('is off by default: all wait', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: '1m' });
    const asked = await overload(bench, 200);
    expect(asked.filter(({ state }) => state === 'rejected')).toEqual([]);
    expect(bench.pool.stats.pending).toBeGreaterThan(90);
  });

  it('sheds nobody while the pool keeps up', async () => {
    const bench = new PoolBench({
      max: 4,
      acquireTimeout: '1m',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    const asked = await overload(bench, 200);
    expect(asked.filter(({ state }) => state === 'rejected')).toEqual([]);
  });

  it('sheds who has waited for too long when nothing comes back at all', async () => {
    const bench = new PoolBench({
      max: 1,
      acquireTimeout: '1h',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    await bench.borrow(1);
    const early = bench.ask({ owner: 'early' });
    await bench.clock.advance(950);
    const late = bench.ask({ owner: 'late' });
    await bench.clock.advance(60);
    expect([early.error, late.state]).toEqual([expect.any(PoolOverloadedError), 'pending']);
    expect(early.error).toMatchObject({ type: 'thing', owner: 'early' });
    await bench.clock.advance(1_000);
    expect(late.error).toBeInstanceOf(PoolOverloadedError);
    expect(bench.pool.stats.pending).toBe(0);
  });
});

describe('an empty queue with controlled delay', () => {
  it('does not keep the process alive', async () => {
    const bench = new PoolBench({ max: 1, queue: { coDel: {} } });
    const [held] = await bench.borrow(1);
    const waiting = bench.ask();
    await held.release();
    await settle();
    expect([waiting.state, bench.clock.holding]).toEqual(['fulfilled', 0]);
  });
});

describe('a quota', () => {
  it('holds back who has as many leases as it allows, and nobody else', async () => {
    const bench = new PoolBench({ max: 4, quota: { max: 2 } });
    const asked = ['a', 'a', 'a', 'b'].map((owner) => bench.ask({ owner }));
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending', 'fulfilled']);
    expect(bench.pool.stats).toMatchObject({ leased: 3, pending: 1, creating: 0 });
    void asked[0].value?.release();
    await settle();
    expect(asked[2].state).toBe('fulfilled');
  });

  it('counts per tenant, where one is given', async () => {
    const bench = new PoolBench({ max: 4, quota: { max: 1 } });
    const asked = ['x', 'x', 'y'].map((tenant, index) => bench.ask({ owner: `o${index}`, tenant }));
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending', 'fulfilled']);
  });

  it('holds for tryAcquire', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    await bench.stock(1);
    const lease = bench.pool.tryAcquire({ owner: 'a' });
    await bench.stock(1);
    expect(bench.pool.tryAcquire({ owner: 'a' })).toBeUndefined();
    expect(bench.pool.tryAcquire({ owner: 'b' })).toBeDefined();
    void lease?.release();
    expect(bench.pool.tryAcquire({ owner: 'a' })).toBeDefined();
  });

  it('ends the wait of who is held back at its deadline, and on abort', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    const controller = new AbortController();
    const late = bench.ask({ owner: 'a', timeout: 100 });
    const gone = bench.ask({ owner: 'a', signal: controller.signal });
    controller.abort();
    await bench.clock.advance(200);
    expect([late.error, gone.error]).toEqual([
      expect.any(AcquireTimeoutError),
      expect.any(AcquireAbortedError),
    ]);
    expect(bench.pool.stats.pending).toBe(0);
  });

  it('gives the unit of a caller that gave up to the next of its lane', async () => {
    const bench = new PoolBench({ max: 1, quota: { max: 1 } });
    const held = await bench.pool.acquire({ owner: 'b' });
    const first = bench.ask({ owner: 'a', timeout: 100 });
    const second = bench.ask({ owner: 'a' });
    await bench.clock.advance(200);
    void held.release();
    await settle();
    expect([first.state, second.state]).toEqual(['rejected', 'fulfilled']);
  });

  it('counts who is held back among those that wait', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 1, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    bench.ask({ owner: 'a' });
    await expect(bench.pool.acquire({ owner: 'a' })).rejects.toThrow(PoolExhaustedError);
  });

  it('lets nobody of its lane wait when nobody may wait, however many places are free', async () => {
    const bench = new PoolBench({ max: 4, maxWaiting: 0, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    await expect(bench.pool.acquire({ owner: 'a' })).rejects.toThrow(PoolExhaustedError);
  });

  it('keeps nobody out on account of those it holds back, when a place is free', async () => {
    const bench = new PoolBench({ max: 2, maxWaiting: 2, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    for (let i = 0; i < 2; i++) bench.ask({ owner: 'a' });
    expect((await bench.pool.acquire({ owner: 'b' })).owner).toBe('b');
  });

  it.each([
    [1, ['fulfilled', 'pending', 'pending']],
    [2, ['fulfilled', 'fulfilled', 'pending']],
    [Infinity, ['fulfilled', 'fulfilled', 'fulfilled']],
  ])('can be changed to %d under load', async (max, states) => {
    const bench = new PoolBench({ max: 4, quota: { max: 3 } });
    const held = await Promise.all([1, 2, 3].map(() => bench.pool.acquire({ owner: 'a' })));
    const asked = [1, 2, 3].map(() => bench.ask({ owner: 'a' }));
    bench.pool.reconfigure({ quota: { max } });
    for (const lease of held) void lease.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(states);
  });

  it('keeps nobody from being served at the end', async () => {
    const bench = new PoolBench({ max: 3, quota: { max: 1 } });
    const owners = Array.from({ length: 60 }, (_, index) => `o${index % 4}`);
    const all = Promise.all(
      owners.map(async (owner) => {
        const lease = await bench.pool.acquire({ owner });
        await settle();
        await lease.release();
      }),
    );
    await all;
    expect(bench.pool.stats).toMatchObject({ pending: 0, leased: 0, acquired: 60 });
    expect((await bench.pool.close()).clean).toBe(true);
  });
});
