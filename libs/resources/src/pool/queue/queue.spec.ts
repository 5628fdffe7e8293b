import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Outcome } from '../deferred.fixture.js';
import type { Lease } from '../leases/lease.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { Thing } from '../counting-factory.fixture.js';
import type { AcquireOptions } from '../acquire-options.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

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
      expect.objectContaining({
        name: 'InvalidOptionsError',
        option: 'priority',
        message: expect.stringContaining('a whole number from 0 to 9; got '),
      }),
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
    await bench.inventory(3);
    const seen: number[] = [];
    for (let i = 0; i < 2; i++) await bench.pool.use(({ id }) => seen.push(id));
    expect(seen).toEqual(expected);
  });
});
