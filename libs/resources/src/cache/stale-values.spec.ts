import { describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import type { CacheOptions } from './cache-options.js';
import { ResourceCache } from './resource-cache.js';

const down = (): never => {
  throw new Error('down');
};

function start(options: CacheOptions = {}) {
  const clock = new VirtualClock();
  return { clock, cache: new ResourceCache(options, { clock }) };
}

/** Every way in which a value comes into a cache. It lives for a minute. */
const WAYS: [string, (cache: ResourceCache, store: Keyv) => Promise<unknown>][] = [
  ['put', (cache) => cache.put('a', 'old', { ttl: '1m' })],
  ['wrapped', (cache) => cache.wrap('a', () => 'old', { ttl: '1m' })],
  ['set by its Keyv', (cache) => cache.keyv.set('a', 'old', 60_000)],
  ['set by its manager', (cache) => cache.manager.set('a', 'old', 60_000)],
  ['wrapped by its manager', (cache) => cache.manager.wrap('a', () => 'old', 60_000)],
  [
    'found in a secondary store',
    async (cache, store) => {
      await store.set('a', 'old', 60_000);
      await cache.get('a');
    },
  ],
  [
    'found in a secondary store by a wrap',
    async (cache, store) => {
      await store.set('a', 'old', 60_000);
      await cache.wrap('a', down);
    },
  ],
];

describe.each(WAYS)('a value that was %s', (_, bring) => {
  /** Its cache, a second after the end of its life; the secondary store has lost it by then. */
  async function expired(options: CacheOptions) {
    const store = new Keyv();
    const { clock, cache } = start({ stores: [store], ...options });
    await bring(cache, store);
    await settle();
    await clock.advance(61_000);
    await store.clear();
    return { clock, cache };
  }

  it('is given out while a load fails, for as long as the cache says', async () => {
    const { clock, cache } = await expired({ load: { staleIfError: '10s' } });
    expect(await cache.wrap('a', down)).toBe('old');
    expect([cache.peek('a'), cache.has('a'), [...cache.keys()]]).toEqual([undefined, false, []]);
    await clock.advance(9_001);
    await expect(cache.wrap('a', down)).rejects.toThrow('down');
  });

  it('is given out while it is replaced, for as long as the cache says', async () => {
    const { clock, cache } = await expired({ load: { staleWhileRevalidate: '10s' } });
    expect(await cache.wrap('a', () => 'new')).toBe('old');
    await settle();
    expect(await cache.get('a')).toBe('new');
    await clock.advance(1);
  });

  it('is gone without such a window', async () => {
    const { cache } = await expired({});
    expect(cache.stats.size).toBe(0);
    await expect(cache.wrap('a', down)).rejects.toThrow('down');
  });
});

describe('a window of one wrap', () => {
  it('holds for what was put before, and for what is put from then on', async () => {
    const { clock, cache } = start();
    const wrap = (key: string) => cache.wrap(key, down, { staleIfError: '1m' });
    await cache.put('a', 1, { ttl: '10s' });
    expect(await wrap('a')).toBe(1);
    await cache.put('b', 2, { ttl: '10s' });
    await clock.advance(20_000);
    expect(await Promise.all([wrap('a'), wrap('b')])).toEqual([1, 2]);
    await clock.advance(60_000);
    expect(cache.stats.size).toBe(0);
  });

  it('may be given by who puts the value', async () => {
    const { clock, cache } = start();
    await cache.put('a', 1, { ttl: '10s', staleIfError: '1m' });
    await cache.put('b', 2, { ttl: '10s', staleWhileRevalidate: '1m' });
    await clock.advance(20_000);
    expect(await cache.wrap('a', down, { staleIfError: '1m' })).toBe(1);
    expect(await cache.wrap('b', () => 3, { staleWhileRevalidate: '1m' })).toBe(2);
    await expect(cache.put('c', 1, { staleIfError: -1 })).rejects.toThrow('"staleIfError" must be');
  });

  it('is not one of another wrap', async () => {
    const { clock, cache } = start();
    await cache.put('a', 1, { ttl: '10s', staleIfError: '1m' });
    await clock.advance(20_000);
    expect(await cache.get('a')).toBeUndefined();
    await expect(cache.wrap('a', down)).rejects.toThrow('down');
    expect(await cache.wrap('a', () => 2)).toBe(2);
  });

  it('keeps no failure from being remembered for those who have none', async () => {
    const { clock, cache } = start({ load: { errorTtl: '5s' } });
    await cache.put('a', 1, { ttl: '10s', staleIfError: '1m' });
    await clock.advance(20_000);
    const load = jest.fn(down);
    for (let turn = 0; turn < 2; turn++) await expect(cache.wrap('a', load)).rejects.toThrow('down');
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('lets no value live longer that has no end, or no value', async () => {
    const { clock, cache } = start({ load: { negativeTtl: '1s' } });
    await cache.put('for ever', 1);
    await cache.wrap('none', () => undefined);
    expect(await cache.wrap('for ever', down, { staleIfError: '1m' })).toBe(1);
    await clock.advance(2_000);
    await expect(cache.wrap('none', down, { staleIfError: '1m' })).rejects.toThrow('down');
  });
});

describe('a load', () => {
  it('is told the value that it is to replace', async () => {
    const { clock, cache } = start({ ttl: '10s', load: { staleIfError: '1m', refreshAhead: '2s' } });
    const load = jest.fn(({ stale }: { stale?: unknown }) => ((stale as number | undefined) ?? 0) + 1);
    expect(await cache.wrap('a', load)).toBe(1);
    await clock.advance(20_000);
    expect(await cache.wrap('a', load)).toBe(2);
    await clock.advance(9_000);
    expect(await cache.wrap('a', load)).toBe(2); // refreshed ahead
    await settle();
    expect(await cache.wrap('a', load)).toBe(3);
    expect(await cache.wrap('a', load, { forceRefresh: true })).toBe(4);
    expect(load.mock.calls.map(([{ stale }]) => stale)).toEqual([undefined, 1, 2, 3]);
  });

  it('of a live resource is told none', async () => {
    const { cache } = start();
    await cache.put('a', 1);
    const load = jest.fn((context: object) => context);
    await cache.lease('a', load);
    expect(load.mock.calls[0]?.[0]).toMatchObject({ key: 'a' });
    expect(load.mock.calls[0]?.[0]).not.toHaveProperty('stale');
  });
});

describe('a load that brings nothing in place of a value', () => {
  const nothing = () => undefined;

  it.each([
    ['in the background', { staleWhileRevalidate: '1m' }, 61_000, 'old'],
    ['ahead of its end', { refreshAhead: '10s' }, 55_000, 'old'],
    ['when it is too old for the caller', {}, 61_000, undefined],
    ['for who asks for that', { forceRefresh: true }, 0, undefined],
  ])('%s, deletes it', async (_, options, age, answer) => {
    const store = new Keyv();
    const { clock, cache } = start({ stores: [store], load: { staleIfError: '1h' } });
    await cache.put('a', 'old', { ttl: '1m' });
    if (age > 60_000) await store.clear();
    await clock.advance(age);
    expect(await cache.wrap('a', nothing, options)).toBe(answer);
    await settle();
    expect([cache.peek('a'), await store.get('a')]).toEqual([undefined, undefined]);
    await expect(cache.wrap('a', down)).rejects.toThrow('down');
  });

  it('deletes a failure, too, and no value that came meanwhile, and no resource', async () => {
    const { cache } = start({ load: { errorTtl: '1h' } });
    await expect(cache.wrap('a', down)).rejects.toThrow('down');
    await cache.wrap('a', nothing, { forceRefresh: true });
    expect(await cache.wrap('a', () => 1)).toBe(1);
    await cache.wrap('a', () => void cache.put('a', 2), { forceRefresh: true });
    expect(cache.peek('a')).toBe(2);
    const lease = await cache.lease('b', () => ({}));
    await cache.wrap('b', nothing);
    expect(cache.tryLease('b')?.resource).toBe(lease.resource);
  });
});

describe('refreshAhead', () => {
  it('may depend on the value', async () => {
    const { clock, cache } = start({ ttl: '10s' });
    const refreshAhead = jest.fn((value: string) => (value === 'soon' ? '5s' : 0));
    await cache.put('a', 'soon');
    await cache.put('b', 'late');
    await clock.advance(6_000);
    const answers = ['a', 'b'].map((key) => cache.wrap(key, () => 'late', { refreshAhead }));
    expect(await Promise.all(answers)).toEqual(['soon', 'late']);
    await settle();
    expect([cache.peek('a'), cache.stats.loads]).toEqual(['late', 1]);
    expect(refreshAhead.mock.calls).toEqual([['soon'], ['late']]);
  });

  it('of a value fails the caller when it can not be read', async () => {
    const { cache } = start({ ttl: '10s' });
    await cache.put('a', 1);
    const wrap = (refreshAhead: () => never) => cache.wrap('a', () => 2, { refreshAhead });
    await expect(wrap(() => NaN as never)).rejects.toThrow('"refreshAhead" must be');
    await expect(wrap(() => Promise.reject(new Error('late')) as never)).rejects.toThrow(
      '"refreshAhead" must be',
    );
    await expect(wrap(down)).rejects.toThrow('down');
  });
});
