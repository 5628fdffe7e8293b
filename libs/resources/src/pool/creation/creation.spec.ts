import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { AcquireTimeoutError, ResourceCreationError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

const refused = new Error('connection refused');

describe('a creation that fails', () => {
  const throwing = (): never => {
    throw refused;
  };
  const rejecting = (): Promise<never> => Promise.reject(refused);

  it.each([
    ['throws', throwing],
    ['rejects', rejecting],
  ])('fails its caller with the cause when create %s', async (_, creating) => {
    const bench = new PoolBench({}, { creating });
    const asked = bench.ask({ owner: 'Orders.find' });
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({
      type: 'thing',
      cause: refused,
      owner: 'Orders.find',
      stats: { creating: 0, size: 0, pending: 0 },
    });
    expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0, pending: 0, created: 0 });
  });

  it('fails one caller, and the rest get their own attempt', async () => {
    const bench = new PoolBench({ max: 3 });
    bench.factory.creating = (attempt) => (attempt === 2 ? rejecting() : undefined);
    const asked = [bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(asked.filter(({ state }) => state === 'rejected')).toHaveLength(1);
    expect(asked.filter(({ state }) => state === 'fulfilled')).toHaveLength(2);
    expect(bench.factory.attempts).toBe(3);
  });

  it.each([1, 2, 10])('is attempted once for each caller and no more, with max %d', async (max) => {
    const bench = new PoolBench({ max }, { creating: throwing });
    const asked = Array.from({ length: 20 }, () => bench.ask());
    await bench.clock.advance(60_000);
    expect(asked.every(({ error }) => error instanceof ResourceCreationError)).toBe(true);
    expect(bench.factory.attempts).toBe(20);
  });

  it('leaves a caller alone whom a resource on its way will serve', async () => {
    const reset = new Deferred();
    const bench = new PoolBench({ max: 2 }, { reset: () => reset.promise });
    const lease = await bench.pool.acquire();
    bench.factory.creating = rejecting;
    const asked = [bench.ask(), bench.ask()];
    void lease.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'pending']);
    reset.resolve();
    await settle();
    expect(asked[1]?.state).toBe('fulfilled');
  });

  it('fails nobody when it was for a caller that has gone', async () => {
    const [reset, gate] = [new Deferred(), new Deferred()];
    const bench = new PoolBench({ max: 2 }, { reset: () => reset.promise });
    const lease = await bench.pool.acquire();
    bench.factory.creating = () => gate.promise;
    const controller = new AbortController();
    bench.ask({ signal: controller.signal });
    controller.abort();
    void lease.release();
    const asked = bench.ask();
    gate.reject(refused);
    await settle();
    expect(asked.state).toBe('pending');
    reset.resolve();
    await settle();
    expect(asked.value?.resource.id).toBe(1);
  });

  it('of a try before the last success is none any more when its creation gives up', async () => {
    const coming = new Deferred();
    const bench = new PoolBench({
      max: 2,
      creation: { retry: { attempts: 2, delay: '1s' } },
      random: () => 0.9,
    });
    bench.factory.creating = (attempt) => (attempt === 1 ? Promise.reject(refused) : coming.promise);
    const asked = [bench.ask(), bench.ask({ timeout: 500 })];
    await settle();
    expect(bench.pool.stats.failing).toBeDefined();
    coming.resolve();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    await bench.clock.advance(2_000);
    expect(bench.pool.stats).toMatchObject({ creating: 0, failing: undefined });
  });

  it('is known until one succeeds', async () => {
    const bench = new PoolBench();
    expect(bench.pool.lastCreationError).toBeUndefined();
    bench.factory.creating = rejecting;
    bench.ask();
    await settle();
    const known = { name: 'ResourceCreationError', cause: refused, stats: { max: 10, pending: 0 } };
    expect(bench.pool.lastCreationError).toMatchObject(known);
    bench.factory.creating = () => undefined;
    await bench.pool.acquire();
    expect(bench.pool.lastCreationError).toBeUndefined();
  });

  it('aborts the signal that create was given', async () => {
    const bench = new PoolBench({}, { creating: rejecting });
    bench.ask();
    await settle();
    expect(bench.factory.contexts[0]?.signal).toMatchObject({ aborted: true, reason: refused });
  });

  it('reaches the caller whatever was thrown', async () => {
    const bench = new PoolBench({}, { creating: () => Promise.reject(Object.create(null)) });
    const asked = bench.ask();
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
  });
});

describe('a creation that does not settle', () => {
  it('fails its caller after creation.timeout and frees its place', async () => {
    const bench = new PoolBench({ max: 1, creation: { timeout: '1s' } }, { creating: never });
    const asked = bench.ask();
    await bench.clock.advance(1_010);
    expect(asked.error).toMatchObject({
      name: 'ResourceCreationError',
      cause: { name: 'TimeLimitError', message: 'create did not settle within 1000 ms' },
    });
    expect(bench.factory.contexts[0]?.signal.aborted).toBe(true);
    expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0 });
    bench.factory.creating = () => undefined;
    await expect(bench.pool.acquire()).resolves.toBeDefined();
  });

  it('fails a caller in less of a hurry than the creation, at its own deadline', async () => {
    const bench = new PoolBench({ acquireTimeout: 200 }, { creating: never });
    const asked = bench.ask();
    await bench.clock.advance(210);
    expect(asked.error).toBeInstanceOf(AcquireTimeoutError);
    await bench.clock.advance(10_000);
    expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0 });
    expect(bench.factory.attempts).toBe(1);
  });

  it('has what it makes too late destroyed once, and counted', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ creation: { timeout: 100 } }, { creating: () => gate.promise });
    const asked = bench.ask();
    await bench.clock.advance(120);
    expect(asked.state).toBe('rejected');
    const events = bench.record();
    gate.resolve();
    await settle();
    expect(events.map(({ kind }) => kind)).toEqual(['created', 'destroyed']);
    expect(bench.factory.created).toHaveLength(1);
    expect(bench.factory.destroyed).toEqual(bench.factory.created);
    expect(bench.pool.stats).toMatchObject({ size: 0, idle: 0, created: 1, destroyed: 1, destroying: 0 });
    expect(bench.factory.attempts).toBe(1);
  });
});

describe('creation.concurrency', () => {
  it('bounds the creations in flight, and all callers are served in the end', async () => {
    let inFlight = 0;
    let most = 0;
    const creating = async (): Promise<void> => {
      most = Math.max(most, ++inFlight);
      await settle();
      inFlight--;
    };
    const bench = new PoolBench({ max: 6, creation: { concurrency: 2 } }, { creating });
    await bench.borrow(6);
    expect(most).toBe(2);
    expect(bench.factory.attempts).toBe(6);
  });

  it('bounds a warm-up too', async () => {
    const bench = new PoolBench({ min: 5, creation: { concurrency: 1 } }, { creating: () => settle() });
    const warm = bench.pool.warmUp();
    expect(bench.pool.stats.creating).toBe(1);
    await warm;
    expect(bench.pool.stats).toMatchObject({ idle: 5 });
  });
});

describe('context.retire', () => {
  it('during the creation fails it, and what comes of it is destroyed', async () => {
    const bench = new PoolBench();
    bench.factory.creating = () => {
      bench.factory.contexts[0]?.retire(refused);
      return undefined;
    };
    const asked = bench.ask();
    await settle();
    expect(asked.error).toMatchObject({ name: 'ResourceCreationError', cause: refused });
    expect(bench.factory.destroyed).toEqual(bench.factory.created);
    expect(bench.pool.stats).toMatchObject({ size: 0, created: 1, destroyed: 1 });
  });

  it('is heard once: the first cause counts', async () => {
    const bench = new PoolBench();
    const events = bench.record();
    const lease = await bench.pool.acquire();
    bench.factory.contexts[0]?.retire(refused);
    bench.factory.contexts[0]?.retire(new Error('closed'));
    await lease.release();
    expect(events).toContainEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 1,
      reason: 'invalid',
      cause: refused,
    });
  });

  it('during the creation says so even without a cause', async () => {
    const bench = new PoolBench();
    bench.factory.creating = () => bench.factory.contexts[0]?.retire();
    const asked = bench.ask();
    await settle();
    expect(asked.error).toMatchObject({
      message: expect.stringContaining('it was retired before its creation had ended'),
    });
  });

  it('during the creation makes no busy loop of filling the minimum', async () => {
    const bench = new PoolBench({ min: 2, max: 4 });
    bench.factory.creating = (attempt) => {
      if (attempt < 10_000) bench.factory.contexts[attempt - 1]?.retire(refused);
      return undefined;
    };
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
    await settle();
    expect(bench.factory.attempts).toBeLessThanOrEqual(4);
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBeLessThanOrEqual(50);
  });

  it('while idle takes the resource out at once', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    const events = bench.record();
    bench.factory.created[1]?.context.retire(refused);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, retired: { invalid: 1 } });
    expect(events[0]).toEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 2,
      reason: 'invalid',
      cause: refused,
    });
    expect((await bench.pool.acquire()).resource.id).toBe(1);
  });

  it('while idle makes room for a replacement when it was part of the minimum', async () => {
    const bench = new PoolBench({ min: 1, max: 1 });
    await bench.inventory(1);
    bench.factory.created[0]?.context.retire();
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
  });

  it('while on loan waits for the end of the loan, and keeps the cause', async () => {
    const bench = new PoolBench({ max: 1 });
    const events = bench.record();
    const lease = await bench.pool.acquire();
    const thing = lease.resource;
    thing.context.retire(refused);
    thing.context.retire(new Error('again'));
    expect(lease.ended).toBe(false);
    expect(thing.destroyed).toBe(false);
    await lease.release();
    expect(thing.destroyed).toBe(true);
    expect(events).toContainEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 1,
      reason: 'invalid',
      cause: refused,
    });
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });

  it('during the reset retires it afterwards', async () => {
    const reset = new Deferred();
    const bench = new PoolBench({}, { reset: () => reset.promise });
    const lease = await bench.pool.acquire();
    const thing = lease.resource;
    const released = lease.release();
    thing.context.retire(refused);
    reset.resolve();
    await released;
    expect(bench.pool.stats).toMatchObject({ size: 0, destroyed: 1, retired: { invalid: 1 } });
  });

  it('after the end does nothing', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire();
    const thing = lease.resource;
    await lease.invalidate();
    thing.context.retire();
    await settle();
    expect(bench.factory.destroyed).toHaveLength(1);
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });

  it('before the first loan counts as a creation that failed, with a cause or without', async () => {
    const bench = new PoolBench({ min: 1 });
    await bench.pool.warmUp();
    const events = bench.record();
    bench.factory.created[0].context.retire();
    expect(events.map(({ kind }) => kind)).toEqual(['retired', 'creationFailed']);
    expect(bench.pool.lastCreationError).toMatchObject({
      name: 'ResourceCreationError',
      stats: { size: 0 },
      message: expect.stringContaining('it died before its first loan'),
    });
    await settle();
    expect(bench.factory.attempts).toBe(1);
    await bench.clock.advance(1_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 2 });
    await bench.clock.advance(1_000);
    bench.factory.created[1].context.retire();
    await settle();
    expect(bench.pool.lastCreationError).toBeUndefined();
    expect(bench.pool.stats).toMatchObject({ idle: 1, created: 3 });
  });

  it('before the first loan is heard by nobody who could still borrow it', async () => {
    const bench = new PoolBench({ min: 1 });
    await bench.pool.warmUp();
    const borrowed: unknown[] = [];
    bench.pool.observe(() => borrowed.push(bench.pool.tryAcquire()));
    bench.factory.created[0].context.retire();
    expect(borrowed).toEqual([undefined, undefined]);
    await settle();
    expect(bench.factory.destroyed).toHaveLength(1);
  });

  it('right after the creation, again and again, makes no busy loop', async () => {
    const bench = new PoolBench({ min: 1, max: 2 });
    bench.factory.creating = (attempt) => {
      if (attempt < 10_000) setImmediate(() => bench.factory.contexts[attempt - 1]?.retire(refused));
      return undefined;
    };
    await bench.pool.warmUp();
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBeLessThanOrEqual(12);
    expect(bench.pool.lastCreationError).toMatchObject({ cause: refused });
  });
});
