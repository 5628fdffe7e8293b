import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Deferred, never, Outcome } from './deferred.fixture.js';
import { type CreateContext, PoolClosedError, ResourcePool } from './index.js';
import { PoolBench } from './pool-bench.fixture.js';

const NOTHING_LEFT = { size: 0, idle: 0, leased: 0, creating: 0, destroying: 0, pending: 0 };

describe('close', () => {
  it('destroys everything, and leaves no timer', async () => {
    const bench = new PoolBench({ min: 2 });
    await bench.inventory(3);
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
    expect(events).toContainEqual({ kind: 'leaked', type: 'thing', resourceId: 1, owner: 'slow report' });
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

  it('gives up creations in flight, waits for what they bring after all, and destroys it', async () => {
    const [gate, gone] = [new Deferred(), new Deferred()];
    const bench = new PoolBench(
      { acquireTimeout: '1m', retirement: { timeout: '2s' } },
      { creating: () => gate.promise, destroying: () => gone.promise },
    );
    const waiting = bench.ask();
    const closed = new Outcome(bench.pool.close({ deadline: 100 }));
    await bench.clock.advance(100);
    expect(waiting.error).toBeInstanceOf(PoolClosedError);
    expect(bench.factory.contexts[0]?.signal).toMatchObject({ aborted: true });
    expect(bench.factory.contexts[0]?.signal.reason).toBeInstanceOf(PoolClosedError);
    await bench.clock.advance(1_000);
    expect(closed.state).toBe('pending');
    gate.resolve();
    await settle();
    expect(bench.factory.destroyed).toEqual(bench.factory.created);
    expect(bench.factory.created).toHaveLength(1);
    expect(closed.state).toBe('pending');
    gone.resolve();
    await settle();
    expect(closed.value).toMatchObject({ clean: true, duration: 100 });
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, created: 1, destroyed: 1 });
    expect(bench.clock.running).toBe(0);
  });

  it('waits no longer than one destroy may take, whenever the creation settles and however long the destroy takes', async () => {
    const gate = new Deferred();
    const bench = new PoolBench(
      { retirement: { timeout: '2s' } },
      { creating: () => gate.promise, destroying: never },
    );
    bench.ask();
    const closed = new Outcome(bench.pool.close({ deadline: 0 }));
    await bench.clock.advance(1_900);
    gate.resolve();
    await bench.clock.advance(90);
    expect(closed.state).toBe('pending');
    await bench.clock.advance(20);
    expect(closed.state).toBe('fulfilled');
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, created: 1, destroyed: 1 });
    expect(bench.clock.running).toBe(0);
  });

  it('destroys when it comes what comes even later, or failed in time and came all the same', async () => {
    for (const timeout of ['1s', '1m']) {
      const gate = new Deferred();
      const bench = new PoolBench(
        { retirement: { timeout: '2s' }, creation: { timeout, retry: { attempts: 1 } } },
        { creating: () => gate.promise },
      );
      bench.ask();
      await bench.clock.advance(3_000);
      const closed = new Outcome(bench.pool.close({ deadline: 0 }));
      await bench.clock.advance(1_999);
      expect(closed.state).toBe('pending');
      await bench.clock.advance(10);
      expect(closed.state).toBe('fulfilled');
      gate.resolve();
      await settle();
      expect(bench.factory.destroyed).toHaveLength(1);
      expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, created: 1, destroyed: 1 });
      expect(bench.clock.holding).toBe(0);
    }
  });

  it('takes no creation that it gives up for a failure', async () => {
    const bench = new PoolBench({ min: 1 }, { creating: () => never() });
    void bench.pool.warmUp().catch(() => undefined);
    void bench.pool.close();
    await settle();
    expect(bench.pool.stats).toMatchObject({ creating: 0, failing: undefined });
    expect(bench.pool.lastCreationError).toBeUndefined();
  });

  it('waits at once for nothing more when a creation heeds its signal', async () => {
    const bench = new PoolBench();
    bench.factory.creating = () =>
      new Promise((_, reject) => {
        const { signal } = bench.factory.contexts.at(-1) as CreateContext; // of this very call
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    bench.ask();
    const closed = new Outcome(bench.pool.close({ deadline: 0 }));
    await bench.clock.advance(1);
    expect(closed.value).toMatchObject({ clean: true });
    expect(bench.clock.running).toBe(0);
  });

  it('of many pools with many creations that hang takes as long as that of one', async () => {
    const clock = new VirtualClock();
    const pools = Array.from({ length: 3 }, () => {
      const options = { clock, max: 3, retirement: { timeout: '2s' } };
      const pool = new ResourcePool({ create: never }, options);
      for (let i = 0; i < 3; i++) pool.acquire().catch(() => undefined);
      return pool;
    });
    const closed = new Outcome(Promise.all(pools.map((pool) => pool.close({ deadline: '1s' }))));
    await clock.advance(3_000);
    expect(closed.state).toBe('fulfilled');
  });

  it('from within create is survived', async () => {
    const bench = new PoolBench({ retirement: { timeout: '1s' } });
    let closed: Outcome<unknown> | undefined;
    bench.factory.creating = () => {
      closed = new Outcome(bench.pool.close({ deadline: 0 }));
      return never();
    };
    bench.ask();
    await bench.clock.advance(1_010);
    expect(closed?.state).toBe('fulfilled');
    expect(bench.pool.stats).toMatchObject(NOTHING_LEFT);
  });

  it('is bounded when a destroy hangs', async () => {
    const bench = new PoolBench({ retirement: { timeout: '2s' } }, { destroying: never });
    await bench.inventory(2);
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

  it('does not validate or lend what is destroyed during its reset', async () => {
    const [reset, destroyed] = [new Deferred(), new Deferred()];
    const validated: number[] = [];
    const bench = new PoolBench(
      { validation: { onReturn: true } },
      {
        reset: () => reset.promise,
        validate: ({ id }) => validated.push(id) > 0,
        destroying: () => destroyed.promise,
      },
    );
    const lease = await bench.pool.acquire();
    void lease.release();
    const closed = bench.pool.close({ deadline: 100 });
    await bench.clock.advance(100);
    reset.resolve();
    await settle();
    destroyed.resolve();
    await closed;
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
    const [a, , , d] = await bench.borrow(4);
    await a.release();
    bench.pool.observe(({ kind }) => {
      if (kind === 'leaked') void d.release();
      if (kind === 'retired') for (const { context } of bench.factory.created) context.retire();
    });
    const closed = bench.pool.close({ deadline: 1 });
    await bench.clock.advance(1);
    await closed;
    expect(bench.pool.stats).toMatchObject({ ...NOTHING_LEFT, acquired: 4, released: 4, destroyed: 4 });
  });
});
