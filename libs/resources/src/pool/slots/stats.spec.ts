import { describe, expect, it, jest } from '@jest/globals';
import { NeutralGround } from '../../time/neutral-ground.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { PoolEvent } from '../../reports/pool-event.js';
import { PoolEvents } from '../pool-events.js';

describe('stats', () => {
  it('count what is where, at any moment', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ max: 3 });
    const { pool } = bench;
    expect(pool.stats).toMatchObject({
      min: 0,
      max: 3,
      size: 0,
      idle: 0,
      leased: 0,
      creating: 0,
      pending: 0,
    });
    await bench.inventory(1);
    bench.factory.creating = () => gate.promise;
    await pool.acquire();
    bench.ask();
    bench.ask();
    bench.ask();
    expect(pool.stats).toMatchObject({
      size: 3,
      idle: 0,
      leased: 1,
      creating: 2,
      pending: 3,
      acquired: 2,
      released: 1,
    });
    gate.resolve();
    await settle();
    expect(pool.stats).toMatchObject({ size: 3, idle: 0, leased: 3, creating: 0, pending: 1, created: 3 });
  });

  it('are a picture, and do not change afterwards', async () => {
    const { pool } = new PoolBench();
    const before = pool.stats;
    await (await pool.acquire()).invalidate();
    expect(before).toMatchObject({ created: 0, retired: { invalid: 0 } });
  });
});

describe('events', () => {
  it('tell all that happens', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 1, maxLeaseTime: '10s' });
    const { pool, factory } = bench;
    const events = bench.record();
    const type = 'thing';
    const take = (): PoolEvent[] => events.splice(0);

    const lease = await pool.acquire({ owner: 'a' });
    expect(take()).toEqual([
      { kind: 'created', type, resourceId: 1 },
      { kind: 'acquired', type, resourceId: 1, owner: 'a' },
    ]);
    await lease.release();
    expect(take()).toEqual([{ kind: 'released', type, resourceId: 1, owner: 'a' }]);

    const held = await pool.acquire({ owner: 'b' });
    const controller = new AbortController();
    bench.ask({ owner: 'c', signal: controller.signal });
    bench.ask({ owner: 'd' });
    controller.abort();
    bench.ask({ owner: 'e', timeout: 100 });
    await bench.clock.advance(110);
    expect(take()).toEqual([
      { kind: 'acquired', type, resourceId: 1, owner: 'b' },
      { kind: 'refused', type, owner: 'd' },
      { kind: 'aborted', type, owner: 'c' },
      { kind: 'timeout', type, owner: 'e' },
    ]);

    await held.invalidate('bad');
    expect(take()).toEqual([
      { kind: 'released', type, resourceId: 1, owner: 'b' },
      { kind: 'retired', type, resourceId: 1, reason: 'invalid', cause: 'bad' },
      { kind: 'destroyed', type, resourceId: 1 },
    ]);

    const cause = new Error('refused');
    factory.creating = () => Promise.reject(cause);
    bench.ask();
    await settle();
    expect(take()).toEqual([{ kind: 'creationFailed', type, cause }]);

    factory.creating = () => undefined;
    factory.destroying = () => Promise.reject(cause);
    await pool.acquire({ owner: 'f' });
    await bench.clock.advance(12_000);
    expect(take()).toEqual([
      { kind: 'created', type, resourceId: 2 },
      { kind: 'creationRecovered', type },
      { kind: 'acquired', type, resourceId: 2, owner: 'f' },
      { kind: 'leaked', type, resourceId: 2, owner: 'f' },
      { kind: 'retired', type, resourceId: 2, reason: 'leaked', cause: undefined },
      { kind: 'destroyFailed', type, resourceId: 2, cause },
      { kind: 'destroyed', type, resourceId: 2 },
    ]);
  });

  it('tell of an abort that came before the call', async () => {
    const bench = new PoolBench();
    const events = bench.record();
    bench.ask({ owner: 'a', signal: AbortSignal.abort() });
    expect(events).toEqual([{ kind: 'aborted', type: 'thing', owner: 'a' }]);
  });

  it('reach every listener until it stops', async () => {
    const { pool } = new PoolBench();
    const [first, second] = [jest.fn(), jest.fn()];
    const stop = pool.observe(first);
    pool.observe(second);
    await (await pool.acquire()).release();
    stop();
    stop();
    await (await pool.acquire()).release();
    expect(first).toHaveBeenCalledTimes(3);
    expect(second).toHaveBeenCalledTimes(5);
  });

  it('need not even be made while nobody listens', () => {
    const events = new PoolEvents(new NeutralGround());
    expect(events.observed).toBe(false);
    const stops = [events.observe(() => undefined), events.observe(() => undefined)];
    expect(events.observed).toBe(true);
    stops[0]();
    expect(events.observed).toBe(true);
    stops[1]();
    expect(events.observed).toBe(false);
  });

  it('reach a listener as often as it listens', async () => {
    const { pool } = new PoolBench();
    const listener = jest.fn();
    const stop = pool.observe(listener);
    pool.observe(listener);
    await pool.acquire();
    expect(listener).toHaveBeenCalledTimes(4);
    stop();
    await pool.acquire();
    expect(listener).toHaveBeenCalledTimes(6);
  });

  it('disturb nothing when a listener throws', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { pool } = new PoolBench();
    const error = new Error('listener failed');
    const heard = jest.fn();
    pool.observe(() => {
      throw error;
    });
    pool.observe(() => {
      throw 'text';
    });
    pool.observe(heard);
    await pool.use(() => undefined);
    await (await pool.acquire()).invalidate();
    expect(pool.stats).toMatchObject({ size: 0, acquired: 2, released: 2 });
    expect(heard.mock.calls.length).toBeGreaterThan(5);
    expect(warned.mock.calls.map(([warning]) => warning)).toContain(error);
    expect(warned.mock.calls.map(([warning]) => warning)).toContain('text');
    warned.mockRestore();
  });

  it('show a lease as ended to who hears of its end', async () => {
    const bench = new PoolBench({ max: 1, maxLeaseTime: '1s' });
    const held: number[] = [];
    const lease = await bench.pool.acquire();
    bench.pool.observe(({ kind }) => {
      if (kind !== 'released' && kind !== 'leaked') return;
      held.push(bench.pool.leases().length);
      void lease.release();
    });
    await lease.release();
    await bench.pool.acquire();
    await bench.clock.advance(1_300);
    expect(held).toEqual([0, 0]);
    expect(bench.pool.stats).toMatchObject({ acquired: 2, released: 2 });
  });

  it('of a caller that gives up come when it has left the queue', async () => {
    const bench = new PoolBench({ max: 1 });
    await bench.inventory(1);
    bench.pool.pause();
    bench.pool.observe(({ kind }) => {
      if (kind === 'aborted' || kind === 'timeout') bench.pool.resume();
    });
    const controller = new AbortController();
    const asked = [bench.ask({ signal: controller.signal }), bench.ask({ timeout: 50 })];
    controller.abort();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'fulfilled']);
    expect(bench.pool.stats).toMatchObject({ pending: 0, leased: 1, acquired: 2 });
  });
});
