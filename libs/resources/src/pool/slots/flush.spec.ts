import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('flush', () => {
  it('retires the idle resources and resolves when they are gone', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({}, { destroying: () => gate.promise });
    await bench.inventory(2);
    let flushed = false;
    const done = bench.pool.flush().then(() => (flushed = true));
    await settle();
    expect(flushed).toBe(false);
    expect(bench.pool.stats).toMatchObject({ size: 0, destroying: 2 });
    gate.resolve();
    await done;
    expect(bench.pool.stats).toMatchObject({ destroying: 0, retired: { flushed: 2 } });
  });

  it('retires what is on loan when it comes back, and not what was made since', async () => {
    const bench = new PoolBench();
    const old = await bench.pool.acquire();
    await bench.pool.flush();
    const young = await bench.pool.acquire();
    await old.release();
    await young.release();
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: { flushed: 1 } });
  });

  it('leaves alone a resource that is borrowed while others are destroyed', async () => {
    const bench = new PoolBench({ max: 2 });
    await bench.inventory(2);
    bench.factory.destroying = () => void bench.pool.tryAcquire();
    await bench.pool.flush();
    expect(bench.pool.stats).toMatchObject({ leased: 1, retired: { flushed: 1 } });
  });

  it('spread over a time retires one resource after the other, the least recently used first', async () => {
    const bench = new PoolBench();
    await bench.inventory(4);
    let flushed = false;
    const done = bench.pool.flush({ spread: '8s' }).then(() => (flushed = true));
    const gone: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      expect(flushed).toBe(false);
      gone.push(bench.factory.destroyed.length);
      await bench.clock.advance(2_000);
    }
    await done;
    expect(gone).toEqual([0, 1, 2, 3]);
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(bench.pool.stats.retired.flushed).toBe(4);
  });

  it('spread over a time lends each resource until its turn', async () => {
    const bench = new PoolBench({ max: 2 });
    await bench.inventory(2);
    const done = bench.pool.flush({ spread: '8s' });
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(2);
    await bench.clock.advance(4_500);
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1]);
    await lease.release();
    expect((await bench.pool.acquire()).resource.id).toBe(2);
    await bench.clock.advance(4_000);
    await done;
    expect(bench.pool.stats).toMatchObject({ leased: 1, retired: { flushed: 1 } });
  });

  it('spread over a time retires what is on loan when it comes back after its turn', async () => {
    const bench = new PoolBench({ max: 2 });
    const [a, b] = await bench.borrow(2);
    const done = bench.pool.flush({ spread: '8s' });
    await bench.clock.advance(4_500);
    await a?.release();
    expect(bench.pool.stats).toMatchObject({ size: 1, retired: { flushed: 1 } });
    await bench.clock.advance(4_000);
    await done;
    await b?.release();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { flushed: 2 } });
  });

  it('spread over a time lets each of those on loan have its own turn', async () => {
    const bench = new PoolBench({ max: 4 });
    const leases = await bench.borrow(4);
    void bench.pool.flush({ spread: '8s' });
    await bench.clock.advance(4_500);
    for (const lease of leases) void lease.release();
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 2, retired: { flushed: 2 } });
    await bench.clock.advance(4_000);
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { flushed: 4 } });
  });

  it('spread over a time counts nobody twice whose turn has come, and nothing of its own time', async () => {
    const bench = new PoolBench({ max: 2 });
    const [old] = await bench.borrow(2);
    void bench.pool.flush({ spread: '8s' });
    await old?.invalidate();
    const fresh = await bench.pool.acquire();
    await bench.clock.advance(4_500);
    await fresh.release();
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: { flushed: 0, invalid: 1 } });
    await bench.clock.advance(4_500);
    expect(bench.pool.stats).toMatchObject({ idle: 1, leased: 1 });
  });

  it('spread over a time leaves alone what is made meanwhile, and keeps the minimum with it', async () => {
    const bench = new PoolBench({ min: 2 });
    await bench.pool.warmUp();
    const done = bench.pool.flush({ spread: '10s' });
    await bench.clock.advance(11_000);
    await done;
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1, 2]);
    expect(bench.pool.stats).toMatchObject({ idle: 2, created: 4 });
  });

  it('spread over a time throws away what was being created when it began, and comes after its end', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 2 });
    await bench.inventory(1);
    bench.factory.creating = () => gate.promise;
    const asked = [bench.ask({ timeout: '1m' }), bench.ask({ timeout: '1m' })];
    const done = bench.pool.flush({ spread: '2s' });
    await bench.clock.advance(2_500);
    await done;
    bench.factory.creating = () => undefined;
    gate.resolve();
    await settle();
    expect(asked.map(({ value }) => value?.resource.id)).toEqual([1, 3]);
    expect(bench.pool.stats.retired.flushed).toBe(1);
  });

  it('at once does not wait for a flush that takes its time', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    const slow = bench.pool.flush({ spread: '1h' });
    await bench.pool.flush();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { flushed: 2 } });
    await bench.clock.advance(3_700_000);
    await slow;
  });

  it('that takes its time ends when the pool is closed, and leaves no timer behind', async () => {
    const bench = new PoolBench();
    await bench.inventory(3);
    const slow = bench.pool.flush({ spread: '1h' });
    await settle();
    await bench.pool.close();
    await slow;
    expect(bench.pool.stats.retired).toMatchObject({ flushed: 0, closed: 3 });
    expect(bench.clock.running).toBe(0);
  });

  it('lets the process end meanwhile', async () => {
    const bench = new PoolBench();
    await bench.inventory(1);
    void bench.pool.flush({ spread: '1h' });
    await settle();
    expect(bench.clock.holding).toBe(0);
  });

  it.each(['soon', -1, Infinity])('refuses to be spread over %p, and flushes nothing', async (spread) => {
    const bench = new PoolBench();
    await bench.inventory(1);
    await expect(bench.pool.flush({ spread })).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      option: 'spread',
    });
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('says that it cannot be spread over all time', async () => {
    await expect(new PoolBench().pool.flush({ spread: Infinity })).rejects.toThrow('must be finite');
  });
});
