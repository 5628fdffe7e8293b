import { describe, expect, it } from '@jest/globals';
import { settle } from '../time/virtual-clock.fixture.js';
import { Deferred, Outcome } from './deferred.fixture.js';
import { InvalidOptionsError, PoolClosedError } from './index.js';
import { PoolBench } from './pool-bench.fixture.js';

describe('drain', () => {
  it('is over at once when nothing is on loan', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    expect(await bench.pool.drain()).toEqual({ clean: true, held: [], duration: 0 });
    expect(bench.pool.closed).toBe(true);
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('refuses new callers and serves those who wait', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const waiting = bench.ask();
    const drained = new Outcome(bench.pool.drain());
    const late = bench.ask({ owner: 'Orders.find' });
    await settle();
    expect(late.error).toBeInstanceOf(PoolClosedError);
    expect(late.error).toMatchObject({
      type: 'thing',
      owner: 'Orders.find',
      stats: { leased: 1, pending: 1 },
    });
    expect(bench.pool.tryAcquire()).toBeUndefined();
    await lease.release();
    await settle();
    expect(waiting.state).toBe('fulfilled');
    expect(drained.state).toBe('pending');
    await bench.clock.advance(500);
    await waiting.value?.release();
    await settle();
    expect(drained.value).toEqual({ clean: true, held: [], duration: 500 });
    expect(bench.clock.holding).toBe(0);
  });

  it('reports at the deadline who still holds what, and ends no lease', async () => {
    const bench = new PoolBench({ max: 2 });
    const [lease] = [await bench.pool.acquire({ owner: 'slow report' }), await bench.pool.acquire()];
    const drained = new Outcome(bench.pool.drain({ deadline: '2s' }));
    await bench.clock.advance(1_000);
    await bench.pool.leaseOf(bench.factory.created[1])?.release();
    await bench.clock.advance(1_000);
    expect(drained.value).toMatchObject({
      clean: false,
      held: [{ owner: 'slow report', type: 'thing', age: 2_000 }],
      duration: 2_000,
    });
    expect(lease.ended).toBe(false);
    await lease.release();
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('refuses a deadline that is none, and goes on', async () => {
    const bench = new PoolBench();
    await expect(bench.pool.drain({ deadline: 'soon' })).rejects.toMatchObject({ option: 'deadline' });
    await expect(bench.pool.close({ deadline: 'soon' })).rejects.toMatchObject({ option: 'deadline' });
    expect(bench.pool.closed).toBe(false);
  });

  it('dismisses at the deadline those who still wait', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: '1m' });
    await bench.pool.acquire();
    const waiting = bench.ask();
    void bench.pool.drain({ deadline: 100 });
    await bench.clock.advance(100);
    expect(waiting.error).toBeInstanceOf(PoolClosedError);
    expect(bench.pool.stats.pending).toBe(0);
    expect(bench.clock.holding).toBe(0);
  });

  it('waits for a reset, and for the last waiter to give up', async () => {
    const reset = new Deferred();
    const bench = new PoolBench({ max: 1 }, { reset: () => reset.promise });
    const lease = await bench.pool.acquire();
    const controller = new AbortController();
    bench.ask({ signal: controller.signal });
    const drained = new Outcome(bench.pool.drain());
    void lease.release();
    await settle();
    controller.abort();
    await settle();
    expect(drained.state).toBe('pending');
    reset.resolve();
    await settle();
    expect(drained.value).toMatchObject({ clean: true });
  });

  it.each([
    ['invalidate', 0],
    ['the end of maxLeaseTime', 2_000],
    ['a reset that fails', 0],
  ])('is over with %s too', async (how, wait) => {
    const bench = new PoolBench(
      { max: 1, maxLeaseTime: '1s' },
      how.includes('reset') ? { reset: () => Promise.reject('broken') } : {},
    );
    const lease = await bench.pool.acquire();
    const drained = new Outcome(bench.pool.drain());
    if (how === 'invalidate') void lease.invalidate();
    if (how.includes('reset')) void lease.release();
    await bench.clock.advance(wait);
    expect(drained.value).toMatchObject({ clean: true });
  });

  it('waits for ever with a deadline of Infinity', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire();
    const drained = new Outcome(bench.pool.drain({ deadline: Infinity }));
    await bench.clock.advance(3_600_000);
    expect(drained.state).toBe('pending');
    await lease.release();
    await settle();
    expect(drained.state).toBe('fulfilled');
  });

  it.each(['soon', -1, NaN])('with a deadline of %p is refused, and the pool lends on', async (deadline) => {
    const bench = new PoolBench();
    await expect(bench.pool.drain({ deadline })).rejects.toThrow(InvalidOptionsError);
    await expect(bench.pool.close({ deadline })).rejects.toThrow(
      expect.objectContaining({ option: 'deadline' }),
    );
    expect(bench.pool.closed).toBe(false);
    await expect(bench.pool.acquire().then((lease) => lease.release())).resolves.toBeUndefined();
    await expect(bench.pool.close()).resolves.toMatchObject({ clean: true });
  });

  it('twice at a time is over for both', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire();
    const drains = [new Outcome(bench.pool.drain()), new Outcome(bench.pool.drain({ deadline: '1s' }))];
    await bench.clock.advance(1_000);
    expect(drains.map(({ state }) => state)).toEqual(['pending', 'fulfilled']);
    await lease.release();
    await settle();
    expect(drains[0]?.value).toMatchObject({ clean: true });
  });
});
