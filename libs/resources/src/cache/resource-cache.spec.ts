import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourceCache } from './resource-cache.js';

const NOTHING_BUT_VALUES = [null, 0, '', false, NaN] as const;

/** A load that ends when the test says so. */
class Load {
  calls = 0;
  finish!: (value: unknown) => void;
  fail!: (error: unknown) => void;

  readonly start = (): Promise<unknown> => {
    this.calls++;
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  };
}

/** Lets a look-up come to its load. */
const begun = () => new Promise((resolve) => setImmediate(resolve));

describe('ResourceCache', () => {
  it('keeps a value under a key, by reference', async () => {
    const cache = new ResourceCache();
    const value = { when: new Date(), self: undefined as unknown };
    value.self = value;
    await cache.put('key', value);
    expect(await cache.get('key')).toBe(value);
    expect(await cache.get('another')).toBeUndefined();
  });

  it('replaces the value under a key', async () => {
    const cache = new ResourceCache();
    await cache.put('key', 1);
    await cache.put('key', 2);
    expect(await cache.get('key')).toBe(2);
    expect(cache.stats.size).toBe(1);
  });

  it.each(NOTHING_BUT_VALUES)('keeps %p, which is a value', async (value) => {
    const cache = new ResourceCache();
    await cache.put('key', value);
    expect(await cache.get('key')).toBe(value);
    expect(cache.stats).toMatchObject({ hits: 1, misses: 0, size: 1 });
  });

  it('takes undefined for no value', async () => {
    const cache = new ResourceCache();
    await cache.put('key', 1);
    await cache.put('key', undefined);
    expect(await cache.get('key')).toBeUndefined();
    expect(cache.stats.size).toBe(0);
  });

  it('holds at most as many entries as it may, with lru the least recently used leaving first', async () => {
    const cache = new ResourceCache({ max: 2, eviction: 'lru' });
    await cache.put('a', 1);
    await cache.put('b', 2);
    await cache.get('a');
    await cache.put('c', 3);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual([1, undefined, 3]);
    expect(cache.stats.size).toBe(2);
  });

  it('keeps an entry for its ttl', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({ ttl: '1s' }, { clock });
    await cache.put('default', 1);
    await cache.put('longer', 2, { ttl: '1m' });
    await cache.put('for ever', 3, { ttl: Infinity });
    clock.stall(1_000);
    expect(await cache.get('default')).toBeUndefined();
    expect(await cache.get('longer')).toBe(2);
    clock.stall(1e12);
    expect(await cache.get('longer')).toBeUndefined();
    expect(await cache.get('for ever')).toBe(3);
  });

  it('refuses options that cannot work', async () => {
    expect(() => new ResourceCache({ max: 0 })).toThrow('"cache.max"');
    expect(() => new ResourceCache({ ttl: 'soon' }, { at: 'orders.cache' })).toThrow('"orders.cache.ttl"');
    const cache = new ResourceCache();
    await expect(cache.put('key', 1, { ttl: 0 })).rejects.toThrow(InvalidOptionsError);
    await expect(cache.wrap('key', () => 1, { ttl: -1 })).rejects.toThrow('"ttl"');
    expect(cache.stats).toMatchObject({ hits: 0, misses: 0, hitRate: 0, size: 0 });
  });

  it('deletes an entry, and says whether there was one', async () => {
    const cache = new ResourceCache();
    await cache.put('key', 1);
    expect(await cache.delete('key')).toBe(true);
    expect(await cache.delete('key')).toBe(false);
    expect(await cache.get('key')).toBeUndefined();
  });

  it('forgets everything when it is cleared, but not its counts', async () => {
    const cache = new ResourceCache();
    await cache.put('a', 1);
    await cache.get('a');
    await cache.clear();
    expect(await cache.get('a')).toBeUndefined();
    expect(cache.stats).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5, size: 0 });
  });

  it('counts look-ups, and nothing before the first', async () => {
    const cache = new ResourceCache();
    expect(cache.stats).toMatchObject({ hits: 0, misses: 0, hitRate: 0, size: 0 });
    await cache.get('a');
    expect(cache.stats.hitRate).toBe(0);
    await cache.put('a', 1);
    for (let i = 0; i < 3; i++) await cache.get('a');
    expect(cache.stats).toMatchObject({ hits: 3, misses: 1, hitRate: 0.75, size: 1 });
  });

  describe('wrap', () => {
    it('loads once, and finds it from then on', async () => {
      const cache = new ResourceCache();
      const load = jest.fn(() => ({ id: 1 }));
      const value = await cache.wrap('key', load);
      expect(await cache.wrap('key', load)).toBe(value);
      expect(await cache.get('key')).toBe(value);
      expect(load).toHaveBeenCalledTimes(1);
      expect(cache.stats).toMatchObject({ hits: 2, misses: 1 });
    });

    it('loads once for all who ask meanwhile; whoever needs no load of his own has a hit', async () => {
      const cache = new ResourceCache();
      const load = new Load();
      const asked = Promise.all([1, 2, 3].map(() => cache.wrap('key', load.start)));
      await begun();
      const late = cache.wrap('key', load.start);
      await begun();
      const value = { id: 1 };
      load.finish(value);
      for (const loaded of [...(await asked), await late]) expect(loaded).toBe(value);
      expect(load.calls).toBe(1);
      expect(cache.stats).toMatchObject({ hits: 3, misses: 1, size: 1 });
    });

    it('loads each key for itself', async () => {
      const cache = new ResourceCache();
      expect(await Promise.all([cache.wrap('a', () => 1), cache.wrap('b', () => 2)])).toEqual([1, 2]);
    });

    it.each(NOTHING_BUT_VALUES)('finds %p again, which is a value', async (value) => {
      const cache = new ResourceCache();
      const load = jest.fn(() => value);
      expect(await cache.wrap('key', load)).toBe(value);
      expect(await cache.wrap('key', load)).toBe(value);
      expect(load).toHaveBeenCalledTimes(1);
    });

    it('keeps nothing when undefined was loaded', async () => {
      const cache = new ResourceCache();
      const load = jest.fn(() => undefined);
      expect(await cache.wrap('key', load)).toBeUndefined();
      expect(await cache.wrap('key', load)).toBeUndefined();
      expect(load).toHaveBeenCalledTimes(2);
      expect(cache.stats).toMatchObject({ hits: 0, misses: 2, size: 0 });
    });

    it.each([new Error('no answer'), undefined, null, 0])(
      'fails for all who ask when the load fails with %p, counts no hit, and loads anew for the next',
      async (reason) => {
        const cache = new ResourceCache();
        const load = new Load();
        const asked = Promise.allSettled([cache.wrap('key', load.start), cache.wrap('key', load.start)]);
        await begun();
        load.fail(reason);
        expect(await asked).toEqual([
          { status: 'rejected', reason },
          { status: 'rejected', reason },
        ]);
        expect(cache.stats).toMatchObject({ hits: 0, misses: 2, size: 0 });
        expect(await cache.wrap('key', () => 'an answer')).toBe('an answer');
      },
    );

    it('fails when the load throws at once', async () => {
      const cache = new ResourceCache();
      const failing = cache.wrap('key', () => {
        throw new Error('no answer');
      });
      await expect(failing).rejects.toThrow('no answer');
    });

    it('keeps what was loaded for its ttl', async () => {
      const clock = new VirtualClock();
      const cache = new ResourceCache({ ttl: '1s' }, { clock });
      const load = jest.fn(() => load.mock.calls.length);
      expect(await cache.wrap('default', load)).toBe(1);
      expect(await cache.wrap('longer', load, { ttl: '1m' })).toBe(2);
      clock.stall(1_000);
      expect(await cache.wrap('default', load)).toBe(3);
      expect(await cache.wrap('longer', load)).toBe(2);
    });

    it('does not keep what a load brings after the key was deleted', async () => {
      const cache = new ResourceCache();
      const load = new Load();
      const stale = cache.wrap('key', load.start);
      await begun();
      await cache.delete('key');
      load.finish('stale');
      expect(await stale).toBe('stale');
      expect(await cache.get('key')).toBeUndefined();
      expect(await cache.wrap('key', () => 'fresh')).toBe('fresh');
    });

    it('loads anew for those who ask after the key was deleted, while the old load is in flight', async () => {
      const cache = new ResourceCache();
      const [old, anew] = [new Load(), new Load()];
      const stale = cache.wrap('key', old.start);
      await begun();
      await cache.delete('key');
      const fresh = cache.wrap('key', anew.start);
      await begun();
      old.finish('stale');
      expect(await stale).toBe('stale');
      const joined = cache.wrap('key', () => 'a third');
      anew.finish('fresh');
      expect([await fresh, await joined, await cache.get('key')]).toEqual(['fresh', 'fresh', 'fresh']);
    });

    it('does not overwrite what was put while it loaded', async () => {
      const cache = new ResourceCache();
      const load = new Load();
      const stale = cache.wrap('key', load.start);
      await begun();
      await cache.put('key', 'newer');
      load.finish('stale');
      expect(await stale).toBe('stale');
      expect(await cache.get('key')).toBe('newer');
    });

    it('does not bring back what was cleared', async () => {
      const cache = new ResourceCache();
      const load = new Load();
      const stale = cache.wrap('key', load.start);
      await begun();
      await cache.clear();
      load.finish('stale');
      await stale;
      expect(cache.stats.size).toBe(0);
    });
  });
});
