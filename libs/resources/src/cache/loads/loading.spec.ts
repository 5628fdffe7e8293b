import { describe, expect, it, jest } from '@jest/globals';
import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheClosedError } from '../../errors/cache/cache-closed-error.js';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { Deferred, never, Outcome } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheOptions } from '../cache-options.js';
import { ResourceCache } from '../resource-cache.js';

function start(options: CacheOptions = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { type: 'prices', clock });
  /** Brings 1, 2, 3 and so on. */
  const load = jest.fn(() => load.mock.calls.length);
  return { clock, cache, load };
}

const failing = () => Promise.reject(new Error('no answer'));

describe('a load', () => {
  it('is told its key, and a signal', async () => {
    const { cache } = start();
    const load = jest.fn(({ key, signal }: { key: string; signal: AbortSignal }) => [key, signal.aborted]);
    expect(await cache.wrap('tea', load)).toEqual(['tea', false]);
  });

  it('that never settles blocks nobody past its time-out, and is told to stop', async () => {
    const { clock, cache } = start({ load: { timeout: '1s' } });
    let signal: AbortSignal | undefined;
    const asked = [1, 2].map(
      () =>
        new Outcome(
          cache.wrap('tea', (context) => {
            ({ signal } = context);
            return never();
          }),
        ),
    );
    await clock.advance(1_010);
    for (const { error } of asked) expect(error).toBeInstanceOf(CacheTimeoutError);
    expect(asked[0].error).toMatchObject({ type: 'prices', key: 'tea', timeout: 1_000, waitedFor: 'load' });
    expect(signal?.reason).toBe(asked[0].error);
    expect(await cache.wrap('tea', () => 'at last')).toBe('at last');
    expect(cache.stats).toMatchObject({ failures: 1, loads: 2 });
  });

  it('may have a time-out of its own', async () => {
    const { clock, cache } = start();
    const asked = new Outcome(cache.wrap('tea', never, { loadTimeout: 50 }));
    await clock.advance(60);
    expect(asked.error).toMatchObject({ timeout: 50 });
  });

  it('goes on when one of those who wait leaves', async () => {
    const { clock, cache } = start();
    const brought = new Deferred<string>();
    const leaving = new AbortController();
    const left = new Outcome(cache.wrap('tea', () => brought.promise, { signal: leaving.signal }));
    const impatient = new Outcome(cache.wrap('tea', never, { timeout: 100 }));
    const stayed = cache.wrap('tea', never);
    await clock.advance(110);
    leaving.abort(new Error('enough'));
    await settle();
    expect(left.error).toBeInstanceOf(CacheAbortedError);
    expect(left.error).toMatchObject({ cause: new Error('enough'), key: 'tea' });
    expect(impatient.error).toMatchObject({ timeout: 100, waitedFor: 'load' });
    brought.resolve('value');
    expect(await stayed).toBe('value');
    expect(cache.getSync('tea')).toBe('value');
  });

  it('is aborted when the last of them leaves, and the next loads anew', async () => {
    const { cache } = start();
    let signal: AbortSignal | undefined;
    const brought = new Deferred<string>();
    const leaving = new AbortController();
    const left = new Outcome(
      cache.wrap(
        'tea',
        (context) => {
          ({ signal } = context);
          return brought.promise;
        },
        { signal: leaving.signal },
      ),
    );
    await settle();
    leaving.abort();
    await settle();
    expect([left.state, signal?.aborted]).toEqual(['rejected', true]);
    const next = cache.wrap('tea', () => 'anew');
    brought.resolve('stale');
    expect(await next).toBe('anew');
    expect(cache.peek('tea')).toBe('anew');
    expect(cache.stats.failures).toBe(0);
  });

  it('does not begin for who has left already', async () => {
    const { cache, load } = start();
    await expect(cache.wrap('tea', load, { signal: AbortSignal.abort() })).rejects.toThrow(CacheAbortedError);
    expect(load).not.toHaveBeenCalled();
  });

  it('counts the time that it takes', async () => {
    const { clock, cache } = start();
    const brought = new Deferred<string>();
    const asked = cache.wrap('tea', () => brought.promise);
    await clock.advance(30);
    brought.resolve('value');
    await asked;
    expect(cache.stats).toMatchObject({ loads: 1, loadTime: 30, failures: 0 });
  });

  it('fails when the life of what it brings cannot be told', async () => {
    const { cache } = start();
    await expect(cache.wrap('tea', () => 1, { ttl: () => 'a while' })).rejects.toThrow('"ttl" must be');
    await expect(cache.wrap('tea', () => 1, { tags: () => [5] as never })).rejects.toThrow('"tags" must be');
    expect(cache.stats).toMatchObject({ failures: 2, size: 0 });
  });

  it('fails when the cache is closed meanwhile', async () => {
    const { cache } = start();
    const asked = new Outcome(cache.wrap('tea', never));
    await settle();
    await cache.close();
    await settle();
    expect(asked.error).toBeInstanceOf(CacheClosedError);
  });
});

describe('the life of a value', () => {
  it('may depend on the value', async () => {
    const { clock, cache, load } = start();
    const ttl = (value: number) => value * 1_000;
    expect(await cache.wrap('tea', load, { ttl })).toBe(1);
    await clock.advance(999);
    expect(await cache.wrap('tea', load, { ttl })).toBe(1);
    await clock.advance(1);
    expect(await cache.wrap('tea', load, { ttl })).toBe(2);
    await clock.advance(1_999);
    expect(cache.peek('tea')).toBe(2);
  });

  it('is shortened by jitter, and never longer than asked for', async () => {
    const { clock, cache } = start({ ttl: 1_000, jitter: 0.5 });
    for (let index = 0; index < 200; index++) await cache.put(`${index}`, index);
    clock.stall(500);
    expect(cache.stats.size).toBe(200);
    const left = () =>
      Array.from({ length: 200 }, (_, index) => cache.peek(`${index}`)).filter((v) => v !== undefined);
    expect(left().length).toBeGreaterThan(150);
    clock.stall(250);
    expect(left().length).toBeGreaterThan(50);
    expect(left().length).toBeLessThan(150);
    clock.stall(250);
    expect(left()).toEqual([]);
  });

  it('ends when nobody uses it for so long', async () => {
    const { clock, cache } = start({ idleTtl: 1_000 });
    await cache.put('tea', 1);
    for (let turn = 0; turn < 3; turn++) {
      clock.stall(900);
      expect(cache.getSync('tea')).toBe(1);
    }
    clock.stall(1_000);
    expect(cache.getSync('tea')).toBeUndefined();
  });

  it('ends although nobody asks, in steps, and without keeping the process alive', async () => {
    const { clock, cache } = start({ max: 10_000 });
    for (let index = 0; index < 5_000; index++) await cache.put(`${index}`, index, { ttl: 100 });
    await cache.put('tea', 1, { ttl: '1h' });
    expect(clock.holding).toBe(0);
    await clock.advance(1_000);
    expect(cache.stats.size).toBe(3_001);
    await clock.advance(2_000);
    expect(cache.stats).toMatchObject({ size: 1, evictions: { expired: 5_000 } });
    await cache.clear();
    await clock.advance(1_000);
    expect(clock.running).toBe(0);
  });
});

describe('a stale value', () => {
  it('is given out while one load in the background replaces it', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { staleWhileRevalidate: 500 } });
    expect(await cache.wrap('tea', load)).toBe(1);
    await clock.advance(1_000);
    expect(await cache.wrap('tea', load)).toBe(1);
    await settle();
    expect([await cache.get('tea'), cache.peek('tea')]).toEqual([2, 2]);
    await clock.advance(1_400);
    const brought = new Deferred<number>();
    const slow = jest.fn(() => brought.promise);
    expect(await Promise.all([1, 2, 3].map(() => cache.wrap('tea', slow)))).toEqual([2, 2, 2]);
    expect(await cache.get('tea')).toBeUndefined();
    brought.resolve(7);
    await settle();
    expect([await cache.wrap('tea', slow), slow.mock.calls.length]).toEqual([7, 1]);
  });

  it('is gone when its time is over, too', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { staleWhileRevalidate: 500 } });
    await cache.wrap('tea', load);
    clock.stall(1_500);
    expect(await cache.wrap('tea', load)).toBe(2);
  });

  it('outlives a load in the background that fails, which is reported', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { staleWhileRevalidate: 500, errorTtl: 500 } });
    const heard = jest.fn();
    cache.observe(heard);
    await cache.wrap('tea', load);
    clock.stall(1_100);
    expect(await cache.wrap('tea', failing)).toBe(1);
    await settle();
    expect(heard.mock.calls).toEqual([
      [{ kind: 'refreshFailed', type: 'prices', key: 'tea', cause: new Error('no answer') }],
    ]);
    expect(await cache.wrap('tea', failing)).toBe(1);
  });

  it('is given out when a load fails or takes too long, for a while', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { staleIfError: 500 } });
    await cache.wrap('tea', load);
    clock.stall(1_200);
    expect(await cache.wrap('tea', failing)).toBe(1);
    const slow = new Outcome(cache.wrap('tea', never, { timeout: 100 }));
    await clock.advance(110);
    expect(slow.value).toBe(1);
    const left = new AbortController();
    const leaving = cache.wrap('tea', never, { signal: left.signal });
    left.abort();
    await expect(leaving).rejects.toThrow(CacheAbortedError);
    clock.stall(200);
    await expect(cache.wrap('tea', failing)).rejects.toThrow('no answer');
  });

  it('is replaced when the load succeeds', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { staleIfError: 500 } });
    await cache.wrap('tea', load);
    clock.stall(1_200);
    expect([await cache.wrap('tea', load), cache.peek('tea')]).toEqual([2, 2]);
  });
});

describe('refreshing ahead', () => {
  it('replaces a value that is used near its end, once for all', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { refreshAhead: 200 } });
    await cache.wrap('tea', load);
    await clock.advance(700);
    expect(await cache.wrap('tea', load)).toBe(1);
    await clock.advance(150);
    expect(await Promise.all([1, 2].map(() => cache.wrap('tea', load)))).toEqual([1, 1]);
    await clock.advance(500);
    expect(await cache.wrap('tea', load)).toBe(2);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('does not bring back what was deleted meanwhile', async () => {
    const { clock, cache, load } = start({ ttl: 1_000, load: { refreshAhead: 200 } });
    await cache.wrap('tea', load);
    await clock.advance(900);
    const brought = new Deferred<string>();
    await cache.wrap('tea', () => brought.promise);
    await cache.delete('tea');
    brought.resolve('stale');
    await settle();
    expect(cache.peek('tea')).toBeUndefined();
  });
});

describe('keeping that there is nothing', () => {
  it('is done when asked for, and looks like a miss to get', async () => {
    const { clock, cache } = start({ load: { negativeTtl: 1_000 } });
    const load = jest.fn(() => undefined);
    for (let turn = 0; turn < 3; turn++) expect(await cache.wrap('tea', load)).toBeUndefined();
    expect(load).toHaveBeenCalledTimes(1);
    expect(await cache.get('tea')).toBeUndefined();
    expect(cache.stats).toMatchObject({ hits: 2, misses: 2 });
    clock.stall(1_000);
    await cache.wrap('tea', load);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('keeps failures when asked for, falsy ones too, until a value comes', async () => {
    for (const reason of [new Error('no answer'), undefined, 0]) {
      const { clock, cache } = start({ load: { errorTtl: 1_000 } });
      // oxlint-disable-next-line prefer-promise-reject-errors
      const load = jest.fn(() => Promise.reject(reason));
      const asked = [cache.wrap('tea', load), cache.wrap('tea', load)];
      expect(await Promise.allSettled(asked)).toEqual(asked.map(() => ({ status: 'rejected', reason })));
      expect(await Promise.allSettled([cache.wrap('tea', load)])).toEqual([{ status: 'rejected', reason }]);
      expect(load).toHaveBeenCalledTimes(1);
      expect(await cache.get('tea')).toBeUndefined();
      clock.stall(1_000);
      expect(await cache.wrap('tea', () => 1)).toBe(1);
    }
  });

  it('is ended by a put', async () => {
    const { cache } = start({ load: { errorTtl: 1_000 } });
    await expect(cache.wrap('tea', failing)).rejects.toThrow('no answer');
    await cache.put('tea', 2);
    expect(await cache.wrap('tea', failing)).toBe(2);
  });
});

describe('tags', () => {
  it('let values be forgotten together', async () => {
    const { cache } = start();
    await cache.put('tea', 1, { tags: ['drinks', 'hot'] });
    await cache.put('juice', 2, { tags: ['drinks'] });
    await cache.put('bread', 3, { tags: ['food'] });
    await cache.wrap('soup', () => 4, { tags: (value) => (value === 4 ? ['hot'] : []) });
    expect(cache.invalidateTags(['hot', 'nothing'])).toBe(2);
    expect(['tea', 'juice', 'bread', 'soup'].map((key) => cache.peek(key))).toEqual([
      undefined,
      2,
      3,
      undefined,
    ]);
    expect(cache.invalidateTags(['drinks'])).toBe(1);
  });

  it('belong to the value, not to the key', async () => {
    const { cache } = start({ max: 1, eviction: 'lru' });
    await cache.put('tea', 1, { tags: ['hot'] });
    await cache.put('tea', 2);
    expect(cache.invalidateTags(['hot'])).toBe(0);
    await cache.put('tea', 3, { tags: ['hot'] });
    await cache.put('juice', 4); // evicts it
    await cache.put('tea', 5);
    expect([cache.invalidateTags(['hot']), cache.peek('tea')]).toEqual([0, 5]);
  });

  it.each([
    ['known before', ['hot']],
    ['told by the value', () => ['hot']],
  ])('that are %s win over a load in flight', async (_, tags) => {
    const { cache } = start();
    const brought = new Deferred<string>();
    const asked = cache.wrap('tea', () => brought.promise, { tags });
    await settle();
    cache.invalidateTags(['hot']);
    brought.resolve('stale');
    expect(await asked).toBe('stale');
    expect(cache.peek('tea')).toBeUndefined();
  });

  it('that are others do not', async () => {
    const { cache } = start();
    const brought = new Deferred<string>();
    const asked = cache.wrap('tea', () => brought.promise, { tags: ['hot'] });
    await settle();
    cache.invalidateTags(['cold']);
    brought.resolve('value');
    expect([await asked, cache.peek('tea')]).toEqual(['value', 'value']);
  });
});

describe('the cache by weight', () => {
  it('holds no more than it may', async () => {
    const { cache } = start({ max: Infinity, maxWeight: 10, weigh: (value) => String(value).length });
    await cache.put('a', 'four');
    await cache.put('b', 'sixsix');
    expect(cache.stats).toMatchObject({ size: 2, weight: 10, evictions: { evicted: 0 } });
    await cache.put('c', '1');
    expect(cache.stats.weight).toBeLessThanOrEqual(10);
    await cache.put('d', 'longer than all that may be');
    expect(cache.peek('d')).toBeUndefined();
  });
});

describe('wrong use', () => {
  it.each([
    [(cache: ResourceCache) => cache.wrap(5 as never, () => 1), '"key" must be a string; got 5'],
    [
      (cache: ResourceCache) => cache.put(Symbol('tea') as never, 1),
      '"key" must be a string; got Symbol(tea)',
    ],
    [(cache: ResourceCache) => cache.delete({} as never), '"key" must be a string; got an object'],
    [(cache: ResourceCache) => cache.lease(null as never, () => 1), '"key" must be a string; got null'],
    [(cache: ResourceCache) => cache.wrap('tea', 5 as never), '"load" must be a function'],
    [(cache: ResourceCache) => cache.lease('tea', undefined as never), '"load" must be a function'],
    [
      (cache: ResourceCache) => cache.lease('tea', () => 1, { destroy: 5 as never }),
      '"destroy" must be a function',
    ],
    [(cache: ResourceCache) => cache.lease('tea', () => 1, { timeout: 0 }), '"timeout" must be more than 0'],
    [
      (cache: ResourceCache) => cache.wrap('tea', () => 1, { signal: 5 as never }),
      '"signal" must be an AbortSignal',
    ],
    [
      (cache: ResourceCache) => cache.wrap('tea', () => 1, { tags: 'hot' as never }),
      '"tags" must be an array',
    ],
    [
      (cache: ResourceCache) => cache.put('tea', 1, { tags: [1] as never }),
      '"tags" must be an array of strings',
    ],
    [(cache: ResourceCache) => cache.wrap('tea', () => 1, { refreshAhead: -1 }), '"refreshAhead" must be'],
  ])('is refused by name (%#)', async (use, problem) => {
    await expect(use(start().cache)).rejects.toThrow(problem);
  });
});
