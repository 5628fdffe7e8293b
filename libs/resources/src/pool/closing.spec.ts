import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError, PoolClosedError } from './index.js';
import { settle } from '../time/virtual-clock.fixture.js';
import { Deferred, never, Outcome } from './deferred.fixture.js';
import { PoolBench } from './pool-bench.fixture.js';

const NOTHING_LEFT = { size: 0, idle: 0, leased: 0, creating: 0, destroying: 0, pending: 0 };

describe('drain', () => {
  it('is over at once when nothing is on loan', async () => {
    const bench = new PoolBench();
    await bench.stock(2);
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

describe('close', () => {
  it('destroys everything, and leaves no timer', async () => {
    const bench = new PoolBench({ min: 2 });
    await bench.stock(3);
    expect(await bench.pool.close()).toMatchObject({ clean: true, held: [] });
    expect(bench.factory.alive).toBe(0);
    expect(bench.pool.stats).toMatchObject({
      ...NOTHING_LEFT,
      created: 3,
      destroyed: 3,
      retired: { closed: 3 },
    });
    expect(bench.clock.running).toBe(0);
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(3);
  });

  it('of a pool that was never used is clean', async () => {
    const bench = new PoolBench({ min: 2 });
    expect(await bench.pool.close()).toEqual({ clean: true, held: [], duration: 0 });
    expect(bench.clock.running).toBe(0);
  });

  it('revokes at the deadline what is still on loan, and destroys it', async () => {
    const bench = new PoolBench({ max: 2 });
    const events = bench.record();
    const lease = await bench.pool.acquire({ owner: 'slow report' });
    const thing = lease.resource;
    const closed = new Outcome(bench.pool.close({ deadline: '1s' }));
    await bench.clock.advance(1_000);
    expect(closed.value).toMatchObject({ clean: false, held: [{ owner: 'slow report' }] });
    expect(lease.ended).toBe(true);
    expect(thing.destroyed).toBe(true);
    expect(events).toContainEqual({ kind: 'leaked', type: 'thing', owner: 'slow report' });
    expect(bench.pool.stats).toMatchObject({
      ...NOTHING_LEFT,
      acquired: 1,
      released: 1,
      retired: { closed: 1 },
    });
  });

  it('makes a release after it harmless', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire();
    const closed = bench.pool.close({ deadline: 100 });
    await bench.clock.advance(100);
    await closed;
    await lease.release();
    await lease.invalidate();
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, released: 1, destroyed: 1 });
  });

  it('a second time gets the same report', async () => {
    const bench = new PoolBench();
    await bench.pool.acquire();
    const closes = [new Outcome(bench.pool.close({ deadline: 100 })), new Outcome(bench.pool.close())];
    await bench.clock.advance(100);
    expect(closes[1]?.value).toBe(closes[0]?.value);
    expect(await bench.pool.close()).toBe(closes[0]?.value);
  });

  it('gives up creations in flight, and destroys what still comes of them', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ acquireTimeout: '1m' }, { creating: () => gate.promise });
    const waiting = bench.ask();
    const closed = new Outcome(bench.pool.close({ deadline: 100 }));
    await bench.clock.advance(100);
    expect(closed.state).toBe('fulfilled');
    expect(waiting.error).toBeInstanceOf(PoolClosedError);
    expect(bench.factory.contexts[0]?.signal).toMatchObject({ aborted: true });
    expect(bench.factory.contexts[0]?.signal.reason).toBeInstanceOf(PoolClosedError);
    gate.resolve();
    await settle();
    expect(bench.factory.destroyed).toEqual(bench.factory.created);
    expect(bench.factory.created).toHaveLength(1);
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, created: 1, destroyed: 1 });
  });

  it('from within create is survived', async () => {
    const bench = new PoolBench();
    let closed: Outcome<unknown> | undefined;
    bench.factory.creating = () => {
      closed = new Outcome(bench.pool.close({ deadline: 0 }));
      return never();
    };
    bench.ask();
    await bench.clock.advance(10);
    expect(closed?.state).toBe('fulfilled');
    expect(bench.pool.stats).toMatchObject(NOTHING_LEFT);
  });

  it('is bounded when a destroy hangs', async () => {
    const bench = new PoolBench({ retirement: { timeout: '2s' } }, { destroying: never });
    await bench.stock(2);
    const closed = new Outcome(bench.pool.close({ deadline: '1s' }));
    await bench.clock.advance(1_990);
    expect(closed.state).toBe('pending');
    await bench.clock.advance(20);
    expect(closed.state).toBe('fulfilled');
    expect(bench.pool.stats).toMatchObject(NOTHING_LEFT);
  });

  it('leaves no release waiting for a reset that hangs', async () => {
    const bench = new PoolBench({}, { reset: never });
    const lease = await bench.pool.acquire();
    const released = new Outcome(lease.release());
    const closed = new Outcome(bench.pool.close({ deadline: 100 }));
    await bench.clock.advance(100);
    expect([closed.state, released.state]).toEqual(['fulfilled', 'fulfilled']);
    expect(bench.factory.destroyed).toHaveLength(1);
    expect(bench.clock.running).toBe(0);
  });

  it('does not validate or lend what was destroyed during its reset', async () => {
    const reset = new Deferred();
    const validated: number[] = [];
    const bench = new PoolBench(
      { validation: { onReturn: true } },
      { reset: () => reset.promise, validate: ({ id }) => validated.push(id) > 0 },
    );
    const lease = await bench.pool.acquire();
    void lease.release();
    const closed = bench.pool.close({ deadline: 100 });
    await bench.clock.advance(100);
    await closed;
    reset.resolve();
    await settle();
    expect(validated).toEqual([]);
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, destroyed: 1 });
  });

  it('ends a drain that still waits', async () => {
    const bench = new PoolBench();
    await bench.pool.acquire();
    const drained = new Outcome(bench.pool.drain({ deadline: Infinity }));
    const closed = new Outcome(bench.pool.close({ deadline: 100 }));
    await bench.clock.advance(100);
    expect([closed.state, drained.state]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('leaves nothing, wherever a creation is at that moment', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const bench = new PoolBench({}, { creating: () => Promise.resolve() });
      const controller = new AbortController();
      bench.ask({ signal: controller.signal });
      controller.abort();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await bench.pool.close();
      await settle();
      expect(bench.factory.alive).toBe(0);
      expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, created: 1, destroyed: 1 });
    }
  });

  it('does not end twice what a listener gives back or retires meanwhile', async () => {
    const bench = new PoolBench({ max: 4 });
    const [a, b] = await bench.borrow(4);
    await a?.release();
    bench.pool.observe(({ kind }) => {
      if (kind === 'leaked') void b?.release();
      if (kind === 'retired') for (const { context } of bench.factory.created) context.retire();
    });
    const closed = bench.pool.close({ deadline: 1 });
    await bench.clock.advance(1);
    await closed;
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, acquired: 4, released: 4, destroyed: 4 });
  });
});
