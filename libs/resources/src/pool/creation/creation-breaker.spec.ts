import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { CountingFactory } from '../counting-factory.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { ResourceCreationError, ResourcePool } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const refused = new Error('connection refused');
const rejecting = (): Promise<never> => Promise.reject(refused);

/** A bench whose creation is suspended after two failures in a row, for one second and then for two. */
const guarded = (options: ResourcePoolOptions = {}, set: Partial<CountingFactory> = {}): PoolBench =>
  new PoolBench(
    {
      acquireTimeout: '10s',
      ...options,
      creation: {
        retry: { attempts: 1 },
        breaker: { failures: 2, cooldown: '1s', maxCooldown: '2s' },
        ...options.creation,
      },
    },
    set,
  );

/** Fails until the breaker is open. */
const open = async (options?: ResourcePoolOptions): Promise<PoolBench> => {
  const bench = guarded(options, { creating: rejecting });
  for (let caller = 0; caller < 2; caller++) {
    bench.ask();
    await settle();
  }
  expect(bench.pool.breaker).toBe('open');
  return bench;
};

describe('creation.breaker', () => {
  it('suspends creation after so many failures in a row, and callers fail at once with the last error', async () => {
    const bench = await open();
    await bench.clock.advance(400);
    const asked = bench.ask({ owner: 'Orders.find' });
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({
      cause: refused,
      owner: 'Orders.find',
      suspendedFor: 600,
      message: expect.stringContaining('creation is suspended for another 600 ms'),
    });
    expect(bench.factory.attempts).toBe(2);
  });

  it('fails all who wait when it opens', async () => {
    const bench = guarded({ max: 1 }, { creating: rejecting });
    const asked = Array.from({ length: 1_000 }, () => bench.ask());
    await settle();
    expect(asked.every(({ error }) => error instanceof ResourceCreationError)).toBe(true);
    expect(bench.factory.attempts).toBe(2);
    expect(bench.pool.stats.pending).toBe(0);
  });

  it('takes a burst that fails together for one failure', async () => {
    const bench = guarded({ max: 10 }, { creating: rejecting });
    for (let caller = 0; caller < 10; caller++) bench.ask();
    await settle();
    expect(bench.factory.attempts).toBe(10);
    expect(bench.pool.breaker).toBe('closed');
  });

  it('ends the pauses between tries when it opens', async () => {
    const bench = guarded({ creation: { retry: { attempts: 9, delay: '1s', maxDelay: '1s' } } });
    bench.factory.creating = rejecting;
    const first = bench.ask({ timeout: '9s' });
    await settle();
    expect(bench.pool.stats.creating).toBe(1);
    const second = bench.ask();
    await settle();
    expect(bench.pool.breaker).toBe('open');
    expect([first.state, second.state]).toEqual(['rejected', 'rejected']);
    expect(bench.pool.stats.creating).toBe(0);
  });

  it('lets callers wait whom a resource on loan may serve', async () => {
    const bench = guarded({ max: 3 });
    const lease = await bench.pool.acquire();
    bench.factory.creating = rejecting;
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(bench.pool.breaker).toBe('open');
    const late = bench.ask();
    await settle();
    expect(late.state).toBe('pending');
    const waiting = asked.filter(({ state }) => state === 'pending');
    void lease.release();
    await settle();
    expect(waiting[0]?.value?.resource.id).toBe(1);
  });

  it('fails those, too, when the resource on loan comes back broken', async () => {
    const bench = guarded({ max: 2 });
    const lease = await bench.pool.acquire();
    bench.factory.creating = rejecting;
    bench.ask();
    await settle();
    bench.ask();
    await settle();
    const late = bench.ask();
    await settle();
    expect(late.state).toBe('pending');
    await lease.invalidate();
    await settle();
    expect(late.error).toMatchObject({ name: 'ResourceCreationError', cause: refused });
  });

  it('lends what is idle all the same', async () => {
    const bench = guarded({ max: 2 });
    const [one] = await bench.borrow(1);
    bench.factory.creating = rejecting;
    bench.ask();
    await settle();
    const waiting = bench.ask();
    await settle();
    await one?.release();
    await waiting.value?.release();
    expect(bench.pool.breaker).toBe('open');
    await expect(bench.pool.acquire()).resolves.toBeDefined();
  });

  it('tries once when the cooldown is over, for those who have waited', async () => {
    const bench = guarded({ max: 5 });
    await bench.pool.acquire();
    bench.factory.creating = rejecting;
    for (let caller = 0; caller < 4; caller++) {
      bench.ask();
      await settle();
    }
    expect(bench.factory.attempts).toBe(3);
    const gate = new Deferred();
    bench.factory.creating = () => gate.promise;
    await bench.clock.advance(1_001);
    expect(bench.pool.breaker).toBe('half-open');
    expect(bench.factory.attempts).toBe(4);
    const events = bench.record();
    gate.resolve();
    await settle();
    expect(bench.pool.breaker).toBe('closed');
    expect(events[0]).toEqual({ kind: 'breakerClosed', type: 'thing' });
    expect(bench.pool.stats.pending).toBe(0);
  });

  it('lets callers wait for the probe, and fails them with it', async () => {
    const bench = await open();
    await bench.clock.advance(1_000);
    const gate = new Deferred();
    bench.factory.creating = () => gate.promise;
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(bench.factory.attempts).toBe(3);
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    gate.reject(refused);
    await settle();
    expect(asked.every(({ error }) => error instanceof ResourceCreationError)).toBe(true);
    expect(bench.factory.attempts).toBe(3);
  });

  it('waits twice as long after a probe that failed, up to the most', async () => {
    const bench = await open();
    const events = bench.record();
    for (const pause of [1_000, 2_000, 2_000]) {
      await bench.clock.advance(pause - 1);
      bench.ask();
      await bench.clock.advance(1);
      bench.ask();
      await settle();
    }
    expect(bench.factory.attempts).toBe(5);
    const opened = events.filter(({ kind }) => kind === 'breakerOpened');
    expect(opened).toEqual(
      [2_000, 2_000, 2_000].map((cooldown) => ({
        kind: 'breakerOpened',
        type: 'thing',
        cause: refused,
        cooldown,
      })),
    );
  });

  it('probes again each time that the longest pause has passed, while probes hang and callers wait', async () => {
    const bench = await open({ creation: { timeout: '1h' } });
    await bench.clock.advance(1_000);
    bench.factory.creating = () => new Promise<never>(() => undefined); // silence
    const asked = Array.from({ length: 9 }, () => bench.ask({ timeout: '1h' }));
    await bench.clock.advance(3 * 2_000);
    expect(bench.factory.attempts).toBe(2 + 4);
    bench.factory.creating = () => undefined; // the server is back; what hangs, hangs for ever
    await bench.clock.advance(2_000);
    expect(asked[0]?.state).toBe('fulfilled');
    expect(bench.pool.breaker).toBe('closed');
  });

  it('probes again while probes hang for callers who come one after the other', async () => {
    const bench = await open({ creation: { timeout: '1h' } });
    await bench.clock.advance(1_000);
    bench.factory.creating = () => new Promise<never>(() => undefined); // silence
    for (let caller = 0; caller < 3; caller++) {
      const asked = bench.ask({ timeout: 1_500 });
      await bench.clock.advance(2_000);
      expect(asked.error).toMatchObject({ name: 'AcquireTimeoutError' });
    }
    bench.factory.creating = () => undefined; // the server is back; what hangs, hangs for ever
    await expect(bench.pool.use(() => 'served')).resolves.toBe('served');
    expect(bench.pool.breaker).toBe('closed');
  });

  it('lets no probe hang beside more than "concurrency" allows', async () => {
    const bench = await open({ creation: { timeout: '1h', concurrency: 2 } });
    await bench.clock.advance(1_000);
    bench.factory.creating = () => new Promise<never>(() => undefined);
    for (let caller = 0; caller < 9; caller++) bench.ask({ timeout: '1h' });
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(2 + 2);
  });

  it('does not probe when nobody needs anything', async () => {
    const bench = await open();
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(2);
    expect(bench.clock.running).toBe(0);
  });

  it('probes for the minimum, and fills it when the other side is back', async () => {
    const bench = guarded({ min: 2 }, { creating: rejecting });
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
    await bench.clock.advance(60_000);
    const { attempts } = bench.factory;
    expect(attempts).toBeLessThanOrEqual(2 + 2 + 30);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(3_000);
    expect(bench.pool.stats.idle).toBe(2);
    expect(bench.pool.breaker).toBe('closed');
  });

  it('fails a warm-up at once', async () => {
    const bench = await open({ min: 1 });
    await expect(bench.pool.warmUp()).rejects.toMatchObject({ cause: refused, suspendedFor: 1_000 });
  });

  it('closes with a new factory', async () => {
    const bench = await open();
    bench.factory.creating = () => undefined;
    bench.pool.reconfigure({}, { create: (context) => bench.factory.create(context) });
    expect(bench.pool.breaker).toBe('closed');
    await expect(bench.pool.acquire()).resolves.toBeDefined();
    expect(bench.clock.holding).toBe(0);
  });

  it('fills the minimum at once with a new factory', async () => {
    const bench = await open({ min: 2 });
    bench.factory.creating = () => undefined;
    bench.pool.reconfigure({}, { create: (context) => bench.factory.create(context) });
    await settle();
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('never opens with Infinity', async () => {
    const bench = guarded({ creation: { breaker: { failures: Infinity } } }, { creating: rejecting });
    for (let caller = 0; caller < 100; caller++) {
      bench.ask();
      await settle();
    }
    expect(bench.factory.attempts).toBe(100);
  });

  it('keeps callers waiting while the pool is paused, and fails them with resume', async () => {
    const bench = await open();
    bench.pool.pause();
    const asked = bench.ask();
    await settle();
    expect(asked.state).toBe('pending');
    bench.pool.resume();
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
  });

  it('leaves no timer behind when the pool closes', async () => {
    const bench = await open();
    await bench.pool.close();
    expect(bench.clock.running).toBe(0);
  });

  it('is on by default, from the fifth failure in a row', async () => {
    const bench = new PoolBench({}, { creating: rejecting });
    const pool = new ResourcePool(bench.factory, { clock: bench.clock });
    const failures: unknown[] = [];
    pool.acquire().catch((error: unknown) => failures.push(error));
    await bench.clock.advance(320);
    expect(pool.breaker).toBe('closed');
    pool.acquire().catch((error: unknown) => failures.push(error));
    await bench.clock.advance(110);
    expect(pool.breaker).toBe('open');
    expect(bench.factory.attempts).toBe(5);
    expect(failures).toHaveLength(2);
  });
});
