import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { CountingFactory } from '../counting-factory.fixture.js';
import { AcquireTimeoutError, PoolClosedError, ResourceCreationError, ResourcePool } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';
import { seeded } from '../seeded.fixture.js';

const refused = new Error('connection refused');
const rejecting = (): Promise<never> => Promise.reject(refused);
const failing = (times: number) => (attempt: number) => (attempt <= times ? rejecting() : undefined);

/** A bench whose creations are tried up to three times, with pauses of exactly 100 and 200 ms but for the wheel's 8. */
const retrying = (options: ResourcePoolOptions = {}, set: Partial<CountingFactory> = {}): PoolBench =>
  new PoolBench(
    {
      random: () => 1 - 2 ** -53,
      ...options,
      creation: { retry: { attempts: 3, delay: 100, maxDelay: 1_000 }, ...options.creation },
    },
    set,
  );

describe('creation.retry', () => {
  it('serves a caller although the first tries failed', async () => {
    const bench = retrying({}, { creating: failing(2) });
    const asked = bench.ask();
    await bench.clock.advance(320);
    expect(asked.state).toBe('fulfilled');
    expect(bench.factory.attempts).toBe(3);
    expect(bench.pool.stats).toMatchObject({ size: 1, created: 1, creating: 0 });
  });

  it('pauses after each failure, twice as long after the next one', async () => {
    const bench = retrying({}, { creating: rejecting });
    bench.ask();
    await settle();
    expect(bench.factory.attempts).toBe(1);
    await bench.clock.advance(99);
    expect(bench.factory.attempts).toBe(1);
    await bench.clock.advance(10);
    expect(bench.factory.attempts).toBe(2);
    await bench.clock.advance(188);
    expect(bench.factory.attempts).toBe(2);
    await bench.clock.advance(20);
    expect(bench.factory.attempts).toBe(3);
  });

  it('tells the pool of a failure before the next try', async () => {
    const bench = retrying({}, { creating: failing(1) });
    bench.ask();
    await settle();
    const known = { name: 'ResourceCreationError', cause: refused, stats: { pending: 1, creating: 1 } };
    expect(bench.pool.lastCreationError).toMatchObject(known);
    await bench.clock.advance(120);
    expect(bench.pool.lastCreationError).toBeUndefined();
  });

  it('fails the caller with the last error when no try is left', async () => {
    const errors = [1, 2, 3].map((n) => new Error(`refused ${n}`));
    const bench = retrying({}, { creating: (attempt) => Promise.reject(errors[attempt - 1]) });
    const events = bench.record();
    const asked = bench.ask({ owner: 'Orders.find' });
    await bench.clock.advance(320);
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({ cause: errors[2], owner: 'Orders.find', stats: { creating: 0 } });
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(3);
    expect(events).toEqual(errors.map((cause) => ({ kind: 'creationFailed', type: 'thing', cause })));
  });

  it('is on by default', async () => {
    const bench = new PoolBench({}, { creating: failing(2) });
    const pool = new ResourcePool(bench.factory, { clock: bench.clock });
    const lease = pool.acquire();
    await bench.clock.advance(320);
    expect((await lease).resource.id).toBe(1);
  });

  it('spreads the tries by chance, the same with the same numbers', async () => {
    const moments = async (seed: number): Promise<number[]> => {
      const random = seeded(seed);
      const tries: number[] = [];
      const bench = retrying({ random: () => random(1_000) / 1_000 });
      bench.factory.creating = () => {
        tries.push(bench.clock.now() - 1_000_000);
        return rejecting();
      };
      bench.ask();
      await bench.clock.advance(400);
      return tries;
    };
    expect(await moments(1)).toEqual(await moments(1));
    expect(await moments(1)).not.toEqual(await moments(2));
  });

  it('fails the caller at once when the next try would come after its deadline', async () => {
    const bench = retrying({ acquireTimeout: 90 }, { creating: rejecting });
    const asked = bench.ask();
    await settle();
    expect(asked.error).toMatchObject({ name: 'ResourceCreationError', cause: refused });
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(1);
  });

  it('does not try again when nobody waits any more', async () => {
    const bench = retrying({}, { creating: rejecting });
    const controller = new AbortController();
    bench.ask({ signal: controller.signal });
    await settle();
    controller.abort();
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(1);
    expect(bench.pool.stats).toMatchObject({ creating: 0, size: 0 });
  });

  it('tries again for no more callers than wait', async () => {
    const bench = retrying({}, { creating: rejecting });
    const controllers = Array.from({ length: 5 }, () => new AbortController());
    for (const { signal } of controllers) bench.ask({ signal });
    await settle();
    expect(bench.factory.attempts).toBe(5);
    for (const controller of controllers.slice(1)) controller.abort();
    bench.factory.creating = () => undefined;
    await bench.clock.advance(200);
    expect(bench.factory.attempts).toBe(6);
    expect(bench.pool.stats).toMatchObject({ size: 1, leased: 1, creating: 0 });
  });

  it('is tried for one caller at its deadline by a time-out that names the cause', async () => {
    const bench = retrying({ acquireTimeout: 250 }, { creating: rejecting });
    bench.factory.creating = (attempt) => (attempt === 1 ? rejecting() : new Promise(() => undefined));
    const asked = bench.ask();
    await bench.clock.advance(270);
    expect(asked.error).toBeInstanceOf(AcquireTimeoutError);
    expect(asked.error).toMatchObject({ cause: { cause: refused } });
  });

  it('serves a caller who waits for a pause with what comes back meanwhile', async () => {
    const bench = retrying({ max: 2 });
    const lease = await bench.pool.acquire();
    bench.factory.creating = rejecting;
    const asked = bench.ask();
    await settle();
    void lease.release();
    await settle();
    expect(asked.value?.resource.id).toBe(1);
    await bench.clock.advance(1_000);
    expect(bench.factory.attempts).toBe(2);
  });

  it('holds a place under max while it pauses', async () => {
    const bench = retrying({ max: 2 }, { creating: failing(2) });
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(bench.pool.stats).toMatchObject({ creating: 2, size: 2, pending: 3 });
    await bench.clock.advance(110);
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending']);
    expect(bench.factory.peak).toBe(2);
  });

  it('goes on with a new factory at once', async () => {
    const bench = retrying({}, { creating: rejecting });
    const asked = bench.ask();
    await settle();
    bench.factory.creating = () => undefined;
    bench.pool.reconfigure({}, { create: (context) => bench.factory.create(context) });
    await settle();
    expect(asked.state).toBe('fulfilled');
  });

  it('ends at once with the pool', async () => {
    const bench = retrying({}, { creating: rejecting });
    const asked = bench.ask();
    await settle();
    const closed = bench.pool.close({ deadline: 0 });
    await bench.clock.advance(1);
    expect(await closed).toMatchObject({ clean: true });
    expect(asked.error).toBeInstanceOf(PoolClosedError);
    expect(bench.factory.attempts).toBe(1);
    expect(bench.clock.running).toBe(0);
  });

  it('goes on while the pool drains, as long as somebody waits, and ends with the drain', async () => {
    const bench = retrying({ min: 1 }, { creating: rejecting });
    const asked = bench.ask();
    const drained = bench.pool.drain({ deadline: 150 });
    await bench.clock.advance(120);
    expect(bench.factory.attempts).toBe(2);
    await bench.clock.advance(30);
    await drained;
    await settle();
    expect(asked.error).toBeInstanceOf(PoolClosedError);
    expect(bench.pool.stats.creating).toBe(0);
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(2);
  });

  it('serves a warm-up, too', async () => {
    const bench = retrying({ min: 2 }, { creating: failing(3) });
    const warm = bench.pool.warmUp();
    await bench.clock.advance(320);
    await warm;
    expect(bench.pool.stats.idle).toBe(2);
    expect(bench.factory.attempts).toBe(5);
  });

  it('fails a warm-up when no try is left', async () => {
    const bench = retrying({ min: 1 }, { creating: rejecting });
    const failed = expect(bench.pool.warmUp()).rejects.toMatchObject({ cause: refused });
    await bench.clock.advance(320);
    await failed;
    expect(bench.factory.attempts).toBe(3);
  });
});
