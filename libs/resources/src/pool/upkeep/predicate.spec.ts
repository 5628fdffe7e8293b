import { describe, expect, it, jest } from '@jest/globals';
import type { Thing } from '../counting-factory.fixture.js';
import type { ResourceLife } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

type Predicate = (thing: Thing, life: ResourceLife) => boolean;

describe('retirement.predicate', () => {
  it('is asked when a resource comes back, with what it has been through', async () => {
    const predicate = jest.fn<Predicate>(() => false);
    const bench = new PoolBench({ retirement: { predicate } });
    const lease = await bench.pool.acquire();
    bench.clock.stall(400);
    const { resource } = lease;
    await lease.release();
    expect(predicate.mock.calls).toEqual([[resource, { age: 400, idleFor: 0, uses: 1 }]]);
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: { predicate: 0 } });
  });

  it('is not asked about what has to go for another reason', async () => {
    const predicate = jest.fn<Predicate>(() => true);
    const bench = new PoolBench({ retirement: { predicate } });
    const lease = await bench.pool.acquire();
    bench.factory.contexts[0]?.retire();
    await lease.release();
    expect(predicate).not.toHaveBeenCalled();
    expect(bench.pool.stats.retired).toMatchObject({ invalid: 1, predicate: 0 });
  });

  it('is asked by each sweep about what is idle, and about nothing that is on loan', async () => {
    const predicate = jest.fn<Predicate>(() => false);
    const bench = new PoolBench({ retirement: { predicate } });
    const [, idle] = await bench.borrow(2);
    await idle?.release();
    await bench.clock.advance(1_000);
    predicate.mockClear();
    await bench.clock.advance(2_000);
    expect(predicate.mock.calls.map(([{ id }, life]) => [id, life])).toEqual([
      [2, { age: 2_000, idleFor: 2_000, uses: 1 }],
      [2, { age: 3_000, idleFor: 3_000, uses: 1 }],
    ]);
  });

  it('retires what comes back and is unwanted, without a reset first', async () => {
    const reset = jest.fn();
    const bench = new PoolBench(
      { max: 1, retirement: { predicate: (thing: Thing) => thing.id === 1 } },
      { reset },
    );
    await (await bench.pool.acquire()).release();
    expect(reset).not.toHaveBeenCalled();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { predicate: 1 } });
    await (await bench.pool.acquire()).release();
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: { predicate: 1 } });
  });

  it('retires what has become unwanted while it was idle, min or not', async () => {
    const bench = new PoolBench({ min: 1, retirement: { predicate: (_, { age }) => age > 5_000 } });
    await bench.inventory(1);
    await bench.clock.advance(7_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 2, retired: { predicate: 1 } });
  });

  it('that throws is reported, and keeps the resource', async () => {
    const cause = new Error('no such field');
    const bench = new PoolBench({
      retirement: {
        predicate: () => {
          throw cause;
        },
      },
    });
    const events = bench.record();
    await bench.inventory(1);
    expect(events).toContainEqual({ kind: 'predicateFailed', type: 'thing', resourceId: 1, cause });
    await bench.clock.advance(3_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, destroyed: 0 });
  });

  it.each([
    ['a promise', Promise.resolve(true)],
    // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
    ['a thenable', { then: () => undefined }],
  ])('that answers with %s keeps the resource, and is reported', async (_, answer) => {
    const promised = (() => answer) as unknown as () => boolean;
    const bench = new PoolBench({ retirement: { predicate: promised } });
    const events = bench.record();
    await bench.inventory(1);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'predicateFailed' }));
    await bench.clock.advance(3_000);
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('may borrow what it is asked about', async () => {
    const bench: PoolBench = new PoolBench({
      retirement: { predicate: (_, { idleFor }) => idleFor > 0 && bench.pool.tryAcquire() !== undefined },
    });
    await bench.inventory(1);
    await bench.clock.advance(3_000);
    expect(bench.pool.stats).toMatchObject({ leased: 1, destroyed: 0 });
  });
});
