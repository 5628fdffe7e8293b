import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolClosedError, ResourceCreationError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

const refused = new Error('connection refused');

describe('warmUp', () => {
  it('creates until there are min', async () => {
    const bench = new PoolBench({ min: 3 }, { creating: () => settle() });
    await bench.pool.warmUp();
    expect(bench.pool.stats).toMatchObject({ size: 3, idle: 3, creating: 0 });
  });

  it('does nothing without a minimum', async () => {
    const bench = new PoolBench();
    await bench.pool.warmUp();
    await bench.clock.advance(5_000);
    expect(bench.factory.attempts).toBe(0);
    expect(bench.clock.running).toBe(0);
  });

  it('counts what is there already', async () => {
    const bench = new PoolBench({ min: 3 });
    await bench.inventory(1);
    await bench.pool.warmUp();
    expect(bench.factory.attempts).toBe(3);
  });

  it('fails with the cause, and keeps those that could be created', async () => {
    const bench = new PoolBench({ min: 3 });
    bench.factory.creating = (attempt) => (attempt === 2 ? Promise.reject(refused) : undefined);
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 2, creating: 0 });
    expect(bench.factory.attempts).toBe(3);
  });

  it('can be tried again at once', async () => {
    const bench = new PoolBench({ min: 2 }, { creating: () => Promise.reject(refused) });
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
    bench.factory.creating = () => undefined;
    await bench.pool.warmUp();
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('called twice at the same time creates no more than min', async () => {
    const bench = new PoolBench({ min: 3 }, { creating: () => settle() });
    await Promise.all([bench.pool.warmUp(), bench.pool.warmUp()]);
    expect(bench.factory.attempts).toBe(3);
    expect(bench.pool.stats.idle).toBe(3);
  });

  it('waits for the places of resources that are being destroyed', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ min: 2, max: 2 }, { destroying: () => gate.promise });
    await bench.inventory(2);
    void bench.pool.flush();
    let warm = false;
    const warming = bench.pool.warmUp().then(() => (warm = true));
    await settle();
    expect(warm).toBe(false);
    gate.resolve();
    await warming;
    expect(bench.pool.stats).toMatchObject({ idle: 2, destroyed: 2 });
    expect(bench.factory.peak).toBe(2);
  });

  it('is refused when the pool is closed', async () => {
    const bench = new PoolBench({ min: 1 });
    await bench.pool.close();
    const failure = await bench.pool.warmUp().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PoolClosedError);
    expect(failure).toMatchObject({ owner: 'warmUp()' });
    expect(bench.factory.attempts).toBe(0);
  });

  it('ends when the pool is closed meanwhile, and leaves nothing', async () => {
    const gates = [new Deferred(), new Deferred(), new Deferred()];
    const bench = new PoolBench({ min: 3, creation: { concurrency: 1 } });
    bench.factory.creating = (attempt) => gates[attempt - 1]?.promise;
    const warm = bench.pool.warmUp().then(
      () => 'warm',
      (error: Error) => error.name,
    );
    gates[0]?.resolve();
    await settle();
    const closed = bench.pool.close();
    gates[1]?.resolve();
    await closed;
    expect(await warm).toBe('PoolClosedError');
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(2);
    expect(bench.factory.alive).toBe(0);
    expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0, idle: 0 });
  });

  it('leaves nothing when the pool is closed between two creations, wherever that is', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const bench = new PoolBench({ min: 5, creation: { concurrency: 1 } });
      const warm = bench.pool.warmUp().catch(() => undefined);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await bench.pool.close();
      await warm;
      await settle();
      expect(bench.factory.alive).toBe(0);
      expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0, destroying: 0 });
    }
  });
});

describe('min', () => {
  it('is left alone until somebody needs the pool', async () => {
    const bench = new PoolBench({ min: 3 });
    await bench.clock.advance(5_000);
    expect(bench.factory.attempts).toBe(0);
  });

  it('is filled from the first caller on, even one creation at a time', async () => {
    const bench = new PoolBench({ min: 4, creation: { concurrency: 1 } });
    await bench.pool.acquire();
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 4, idle: 3 });
  });

  it('is filled again after a retirement', async () => {
    const bench = new PoolBench({ min: 2 });
    await bench.pool.warmUp();
    await (await bench.pool.acquire()).invalidate();
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 2, idle: 2, created: 3 });
  });

  it('is filled after a failure by the next sweep and no sooner', async () => {
    const bench = new PoolBench({ min: 2 });
    await bench.pool.warmUp();
    bench.factory.creating = () => Promise.reject(refused);
    await (await bench.pool.acquire()).invalidate();
    await settle();
    expect(bench.factory.attempts).toBe(3);
    await (await bench.pool.acquire()).invalidate();
    await settle();
    expect(bench.factory.attempts).toBe(3);
    await bench.clock.advance(2_500);
    expect(bench.factory.attempts).toBeLessThanOrEqual(3 + 3 * 2);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.stats.idle).toBe(2);
  });

  it('is tried for again and again when nothing at all could be created', async () => {
    const bench = new PoolBench({ min: 1 }, { creating: () => Promise.reject(refused) });
    await expect(bench.pool.warmUp()).rejects.toThrow(ResourceCreationError);
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(11);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('is tried for again when the very first creation, for a caller, has failed', async () => {
    const bench = new PoolBench({ min: 1 }, { creating: () => Promise.reject(refused) });
    bench.ask();
    await settle();
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('that hangs in creation takes no more than its places', async () => {
    const bench = new PoolBench({ min: 2, max: 2, creation: { timeout: '10s' } }, { creating: never });
    void bench.pool.warmUp().catch(() => undefined);
    await bench.clock.advance(9_000);
    expect(bench.factory.attempts).toBe(2);
  });

  it('gives a creation for it to the caller that came meanwhile', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ min: 1, max: 1 }, { creating: () => gate.promise });
    const warm = bench.pool.warmUp();
    const asked = bench.ask();
    gate.resolve();
    await warm;
    await settle();
    expect(asked.value?.resource.id).toBe(1);
    expect(bench.factory.attempts).toBe(1);
  });
});
