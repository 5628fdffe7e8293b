import { describe, expect, it, jest } from '@jest/globals';
import { createCache } from 'cache-manager';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCache } from '../resource-cache.js';

describe('the cache as a Keyv', () => {
  it('has the same entries, by reference', async () => {
    const { keyv, ...cache } = withCache();
    const value = { since: new Date(), cycle: undefined as unknown };
    value.cycle = value;
    await keyv.set('a', value);
    await cache.cache.put('b', value);
    expect([cache.cache.getSync('a'), await keyv.get('b')]).toEqual([value, value]);
    expect(await keyv.get('a')).toBe(value);
    expect(await keyv.has('a')).toBe(true);
    expect(await keyv.delete('a')).toBe(true);
    expect(await keyv.delete('a')).toBe(false);
    expect(cache.cache.peek('a')).toBeUndefined();
    expect(await keyv.getMany(['a', 'b'])).toEqual([undefined, value]);
    await keyv.clear();
    expect(cache.cache.stats.size).toBe(0);
  });

  it('tells when an entry ends', async () => {
    const { clock, keyv, cache } = withCache();
    await keyv.set('a', 1, 60_000);
    await cache.put('b', 2, { ttl: '1m' });
    await cache.put('c', 3);
    clock.stall(20_000);
    for (const key of ['a', 'b']) {
      const asked = Date.now();
      const raw = await keyv.get(key, { raw: true });
      expect(raw?.expires).toBeGreaterThanOrEqual(asked + 40_000);
      expect(raw?.expires).toBeLessThanOrEqual(Date.now() + 40_000);
    }
    expect(await keyv.get('c', { raw: true })).toEqual({ value: 3, expires: undefined });
    clock.stall(40_000);
    expect(await keyv.get('a')).toBeUndefined();
  });

  it('has the life of the cache when none is given', async () => {
    const { clock, keyv } = withCache({ ttl: '1m' });
    await keyv.set('a', 1);
    clock.stall(60_000);
    expect(await keyv.get('a')).toBeUndefined();
  });

  it('counts its look-ups', async () => {
    const { keyv, cache } = withCache();
    await keyv.set('a', 1);
    await keyv.get('a');
    await keyv.get('b');
    expect(cache.stats).toMatchObject({ hits: 1, misses: 1 });
  });

  it('does not see live resources', async () => {
    const { keyv, cache } = withCache();
    await cache.lease('a', () => ({}));
    expect(await keyv.get('a')).toBeUndefined();
  });

  it('is a store for any cache-manager', async () => {
    const { keyv, cache } = withCache();
    const manager = createCache({ stores: [keyv] });
    const asked = Date.now();
    await manager.set('a', 1, 1_000);
    expect(cache.getSync('a')).toBe(1);
    expect(await manager.ttl('a')).toBeGreaterThan(asked);
    const load = jest.fn(() => 2);
    expect([await manager.wrap('b', load), await manager.wrap('b', load)]).toEqual([2, 2]);
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe('the cache as a cache-manager', () => {
  it('has the same entries', async () => {
    const { manager, cache } = withCache();
    await manager.set('a', 1);
    await manager.mset([
      { key: 'b', value: 2 },
      { key: 'c', value: 3, ttl: 1_000 },
    ]);
    expect(['a', 'b', 'c'].map((key) => cache.getSync(key))).toEqual([1, 2, 3]);
    expect(await manager.mget(['a', 'b', 'd'])).toEqual([1, 2, undefined]);
    await manager.del('a');
    await manager.mdel(['b']);
    expect(['a', 'b', 'c'].map((key) => cache.peek(key))).toEqual([undefined, undefined, 3]);
    await manager.clear();
    expect(cache.stats.size).toBe(0);
  });

  it('wraps with all arguments of cache-manager', async () => {
    const { clock, manager } = withCache();
    const load = jest.fn(() => load.mock.calls.length);
    expect(await manager.wrap('a', load)).toBe(1);
    expect(await manager.wrap('for ever', load, 0)).toBe(2);
    expect(await manager.wrap('by time', load, 1_000)).toBe(3);
    expect(await manager.wrap('by value', load, (value) => value * 1_000)).toBe(4);
    expect(await manager.wrap('by options', load, { ttl: 1_000 })).toBe(5);
    expect(await manager.wrap('raw', load, { ttl: 1_000, raw: true })).toMatchObject({
      value: 6,
      expires: expect.any(Number),
    });
    expect(await manager.wrap('raw for ever', load, { raw: true })).toEqual({ value: 7, expires: undefined });
    clock.stall(1_000);
    expect(await manager.wrap('for ever', load)).toBe(2);
    expect(await manager.wrap('by value', load)).toBe(4);
    expect(await manager.wrap('by time', load)).toBe(8);
    expect(await manager.wrap('by options', load)).toBe(9);
  });

  it('refreshes below the threshold', async () => {
    const { clock, manager } = withCache();
    const load = jest.fn(() => load.mock.calls.length);
    await manager.wrap('a', load, 1_000, 200);
    clock.stall(700);
    expect(await manager.wrap('a', load, 1_000, 200)).toBe(1);
    clock.stall(200);
    expect(await manager.wrap('a', load, 1_000, 200)).toBe(1);
    await settle();
    expect(await manager.wrap('a', load, 1_000, 200)).toBe(2);
  });

  it('tells of what was done through it', async () => {
    const { manager } = withCache();
    const heard = jest.fn();
    manager.on('set', heard);
    await manager.set('a', 1);
    expect(heard).toHaveBeenCalled();
  });
});

function withCache(options: { ttl?: string } = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { clock });
  return { clock, cache, keyv: cache.keyv, manager: cache.manager };
}
