import { describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import { Deferred, never, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { KeyvSix } from './keyv/keyv-six.fixture.js';
import { ResourceCache } from './resource-cache.js';
import { type Thing, Things } from './resources.fixture.js';

/*
 * What was seen to go wrong in the caches of the field, each in the words of what a user meets. Where the bug sits behind
 * `wrap` of cache-manager, the cache's own `wrap` and that of its `manager` are both asked.
 */

type Wrap = <T>(key: string, load: () => T | Promise<T>, ttl?: number) => Promise<T>;

const WAYS: [string, (cache: ResourceCache) => Wrap][] = [
  ['wrap', (cache) => (key, load, ttl) => cache.wrap(key, load, { ttl })],
  ['manager.wrap', (cache) => (key, load, ttl) => cache.manager.wrap(key, load, ttl)],
];

describe.each(WAYS)('where cache-manager 7 goes wrong, %s', (_, of) => {
  it.each(['delete', 'set', 'clear'] as const)(
    'does not bring back what a %s has replaced during a load',
    async (change) => {
      const cache = new ResourceCache();
      const brought = new Deferred<string>();
      const asked = of(cache)('a', () => brought.promise);
      await settle();
      if (change === 'delete') await cache.manager.del('a');
      if (change === 'set') await cache.manager.set('a', 'newer');
      if (change === 'clear') await cache.manager.clear();
      brought.resolve('stale');
      await asked;
      expect(await cache.manager.get('a')).toBe(change === 'set' ? 'newer' : undefined);
    },
  );

  it('is not blocked for ever by a load that never settles', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({}, { clock });
    const stuck = new Outcome(of(cache)('a', never));
    const joined = new Outcome(of(cache)('a', () => 'later'));
    await clock.advance(10_010);
    expect([stuck.state, joined.state]).toEqual(['rejected', 'rejected']);
    expect(await of(cache)('a', () => 'again')).toBe('again');
  });

  it('rejects for all who wait when a load rejects with nothing', async () => {
    for (const reason of [undefined, null, 0, '', false]) {
      const cache = new ResourceCache();
      // oxlint-disable-next-line prefer-promise-reject-errors
      const asked = [1, 2, 3].map(() => of(cache)('a', () => Promise.reject(reason)));
      expect(await Promise.allSettled(asked)).toEqual(asked.map(() => ({ status: 'rejected', reason })));
    }
  });

  it('can keep that there is nothing', async () => {
    const cache = new ResourceCache({ load: { negativeTtl: '1m' } });
    const load = jest.fn(() => undefined);
    await of(cache)('a', load);
    await of(cache)('a', load);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('answers although a store cannot write', async () => {
    const store = new Keyv();
    jest.spyOn(store, 'set').mockRejectedValue(new Error('down'));
    const cache = new ResourceCache({ stores: [store] });
    expect(await of(cache)('a', () => 'loaded')).toBe('loaded');
  });

  it('gives memory no more life than a secondary store has left', async () => {
    const clock = new VirtualClock();
    const store = new Keyv();
    await store.set('a', 1, 60_000); // by the machine's own time
    const cache = new ResourceCache({ stores: [store] }, { clock });
    expect(await of(cache)('a', () => 2, 200_000)).toBe(1);
    clock.stall(60_001);
    expect(cache.peek('a')).toBeUndefined();
  });

  it('loads once, and writes once, when a value is refreshed while many read it', async () => {
    const clock = new VirtualClock();
    const store = new Keyv();
    const cache = new ResourceCache({ stores: [store], load: { refreshAhead: 500 } }, { clock });
    await of(cache)('a', () => 1, 1_000);
    await settle();
    const set = jest.spyOn(store, 'set');
    clock.stall(800);
    const brought = new Deferred<number>();
    const load = jest.fn(() => brought.promise);
    const read = () => cache.wrap('a', load, { ttl: 1_000 });
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    brought.resolve(2);
    await settle();
    expect([load.mock.calls.length, set.mock.calls.length, cache.peek('a')]).toEqual([1, 1, 2]);
  });

  it('keeps two caches apart, whatever they are called', async () => {
    const [one, two] = [new ResourceCache(), new ResourceCache()];
    const asked = [of(one)('a', () => 'one'), of(two)('a', () => 'two')];
    expect(await Promise.all(asked)).toEqual(['one', 'two']);
  });
});

describe('where cache-manager 7 goes wrong, the cache', () => {
  it('asks the secondary stores when memory has nothing, and fills memory', async () => {
    const store = new Keyv();
    await store.set('a', 1);
    const cache = new ResourceCache({ stores: [store] });
    expect(await cache.manager.get('a')).toBe(1);
    expect(cache.peek('a')).toBe(1);
    expect(await cache.manager.mget(['a', 'b'])).toEqual([1, undefined]);
  });

  it('causes no unhandled rejection when a secondary store fails', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const store = new Keyv();
    for (const method of ['get', 'set', 'delete', 'clear'] as const)
      jest.spyOn(store, method).mockRejectedValue(new Error('down'));
    const cache = new ResourceCache({ stores: [store] });
    void cache.put('a', 1);
    void cache.delete('a');
    void cache.wrap('b', () => 2);
    void cache.clear();
    for (let turn = 0; turn < 5; turn++) await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('tells a raw answer without a life as one without an end', async () => {
    const { manager } = new ResourceCache();
    expect(await manager.wrap('a', () => 1, { raw: true })).toEqual({ value: 1, expires: undefined });
    const asked = Date.now();
    const raw = await manager.wrap('b', () => 1, { raw: true, ttl: 1_000 });
    expect(raw?.expires).toBeGreaterThan(asked);
  });

  it('is bounded by default, and what has expired does not stay', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({}, { clock });
    for (let index = 0; index < 3_000; index++) await cache.manager.set(`${index}`, index, 1_000);
    expect(cache.stats.size).toBe(1_000);
    await clock.advance(2_000);
    expect(cache.stats.size).toBe(0);
  });

  it('knows its hit rate', async () => {
    const cache = new ResourceCache();
    await cache.manager.get('a');
    await cache.manager.wrap('a', () => 1);
    await cache.manager.get('a');
    await cache.manager.wrap('a', () => 1);
    expect(cache.stats).toMatchObject({ hits: 2, misses: 2, hitRate: 0.5 });
  });
});

describe('where Keyv goes wrong, the cache', () => {
  it('finds out at the start that a Keyv gives no raw answers', async () => {
    const cache = new ResourceCache({ stores: [new KeyvSix() as never] });
    await expect(cache.check()).rejects.toThrow('Install the version that works');
  });

  it('keeps keys apart that look like prefixed ones', async () => {
    const { keyv } = new ResourceCache();
    await keyv.set('a', 1);
    await keyv.set('keyv:a', 2);
    expect([await keyv.get('a'), await keyv.get('keyv:a')]).toEqual([1, 2]);
  });

  it('clears only itself', async () => {
    const [one, two] = [new ResourceCache(), new ResourceCache()];
    await one.keyv.set('a', 1);
    await two.keyv.set('a', 2);
    await one.keyv.clear();
    expect([await one.keyv.get('a'), await two.keyv.get('a')]).toEqual([undefined, 2]);
  });

  it('counts each of several misses', async () => {
    const cache = new ResourceCache();
    await cache.keyv.getMany(['a', 'b', 'c']);
    expect(cache.stats).toMatchObject({ hits: 0, misses: 3 });
  });

  it.each([
    [
      'a class',
      new (class Money {
        constructor(readonly cents = 5) {}
      })(),
    ],
    ['a date', new Date()],
    ['a map', new Map([[1, 2]])],
    ['a bigint', 5n],
    ['a function', () => 5],
  ])('keeps %s as it is', async (_, value) => {
    const { keyv, manager } = new ResourceCache();
    await keyv.set('a', value);
    expect(await manager.get('a')).toBe(value);
  });
});

describe('where cacheable and its memory store go wrong, the cache', () => {
  it('fails when a load fails', async () => {
    const cache = new ResourceCache();
    await expect(cache.wrap('a', () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
  });

  it('tells of eviction and of expiry, each once and by its cause', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({ max: 1, ttl: 1_000 }, { clock });
    await cache.put('a', 1);
    await cache.put('b', 2);
    await clock.advance(2_000);
    expect(cache.stats.evictions).toEqual({
      evicted: 1,
      expired: 1,
      deleted: 0,
      replaced: 0,
      cleared: 0,
      invalid: 0,
    });
  });

  it('holds no more than its bound', async () => {
    const cache = new ResourceCache({ max: 100 });
    for (let index = 0; index < 5_000; index++) await cache.put(`${index}`, index);
    expect(cache.stats.size).toBe(100);
  });
});

describe('where bentocache goes wrong, the cache', () => {
  it.each(['delete', 'put', 'invalidateTags'] as const)('lets a %s during a load win', async (change) => {
    const cache = new ResourceCache();
    const brought = new Deferred<string>();
    const asked = cache.wrap('a', () => brought.promise, { tags: ['t'] });
    await settle();
    if (change === 'delete') await cache.delete('a');
    if (change === 'put') await cache.put('a', 'newer');
    if (change === 'invalidateTags') cache.invalidateTags(['t']);
    brought.resolve('stale');
    await asked;
    expect(await cache.get('a')).toBe(change === 'put' ? 'newer' : undefined);
  });
});

describe('where lru-cache and quick-lru go wrong, the cache', () => {
  it('destroys nothing that somebody uses', async () => {
    const cache = new ResourceCache({ max: 1 });
    const things = new Things();
    const lease = await cache.lease<Thing>('a', things.load, { destroy: things.destroy });
    const next = new Outcome(cache.lease<Thing>('b', things.load, { destroy: things.destroy }));
    await settle();
    expect([lease.resource.destroyed, next.state]).toEqual([0, 'pending']);
    await lease.release();
    await settle();
    expect([things.made[0].destroyed, next.state]).toEqual([1, 'fulfilled']);
  });

  it('lets no destroy that throws escape, and nothing evicted stay', async () => {
    const cache = new ResourceCache({ max: 1 });
    const destroy = (): never => {
      throw new Error('stuck');
    };
    await (await cache.lease('a', () => ({}), { destroy })).release();
    await expect(cache.put('b', 1)).resolves.toBeUndefined();
    await settle();
    expect([cache.stats.size, cache.stats.destroyFailures, cache.peek('a')]).toEqual([1, 1, undefined]);
  });

  it('destroys what has expired although nobody asks for it', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({ ttl: 500 }, { clock });
    const things = new Things();
    await (await cache.lease<Thing>('a', things.load, { destroy: things.destroy })).release();
    await clock.advance(1_000);
    expect(things.made[0].destroyed).toBe(1);
  });

  it('never holds more than max, not even for a moment', async () => {
    const cache = new ResourceCache({ max: 10 });
    for (let index = 0; index < 1_000; index++) {
      await cache.put(`${index % 37}`, index);
      expect(cache.stats.size).toBeLessThanOrEqual(10);
    }
  });
});
