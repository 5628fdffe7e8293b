import { describe, expect, it } from '@jest/globals';
import { type Cache, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { type CacheEvent, InvalidOptionsError, ResourceCache } from 'nestjs-resources/cache';
import { Deferred, never, Outcome } from '../../../libs/resources/src/pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../../libs/resources/src/time/virtual-clock.fixture.js';

/** A store that can neither be read nor written. */
const broken = (): Keyv =>
  new Keyv({
    throwOnErrors: true,
    store: Object.assign(new Map(), {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
    }),
  });

/* Each difference to cache-manager that docs/guide/migration.md tells of. */
describe('from cache-manager', () => {
  it('a cache is bounded', async () => {
    const [theirs, ours] = [createCache(), new ResourceCache()];
    for (let index = 0; index < 1_200; index++) {
      await theirs.set(`${index}`, index);
      await ours.put(`${index}`, index);
    }
    expect(await theirs.get('0')).toBe(0);
    expect(ours.stats.size).toBe(1_000);
  });

  it('memory comes first, and a store that fails is left out', async () => {
    const theirs = createCache({ stores: [broken()] });
    await expect(theirs.set('a', 1)).rejects.toThrow('down');
    const ours = new ResourceCache({ stores: [broken()] });
    await ours.put('a', 1);
    expect(await ours.get('a')).toBe(1);
    expect(await ours.get('b')).toBeUndefined();
  });

  it('a ttl is above 0, or Infinity', async () => {
    const theirs = createCache();
    await theirs.set('a', 1, 0);
    expect(await theirs.get('a')).toBe(1);
    const ours = new ResourceCache();
    await expect(ours.put('a', 1, { ttl: 0 })).rejects.toThrow(InvalidOptionsError);
    await ours.put('a', 1, { ttl: Infinity });
    expect(ours.peek('a')).toBe(1);
  });

  it('a value in memory is found at once, without a promise', async () => {
    const theirs = createCache();
    await theirs.set('a', 1);
    expect(theirs.get('a')).toBeInstanceOf(Promise);
    const ours = new ResourceCache();
    await ours.put('a', 1);
    expect(ours.getSync('a')).toBe(1);
  });

  it('an entry can carry tags, by which it is deleted with others', async () => {
    expect(Object.keys(createCache()).filter((name) => name.includes('ag'))).toEqual([]);
    const ours = new ResourceCache();
    for (const key of ['a', 'b']) await ours.put(key, key, { tags: ['letters'] });
    await ours.put('1', 1);
    expect(ours.invalidateTags(['letters'])).toBe(2);
    expect([...ours.keys()]).toEqual(['1']);
  });

  it('a deletion wins over a load that is under way', async () => {
    const [theirs, ours] = [createCache(), new ResourceCache()];
    for (const end of ['delete', 'clear'] as const) {
      const brought = new Deferred<string>();
      const asked = [theirs.wrap('a', () => brought.promise), ours.wrap('a', () => brought.promise)];
      await settle();
      await (end === 'clear' ? theirs.clear() : theirs.del('a'));
      await (end === 'clear' ? ours.clear() : ours.delete('a'));
      brought.resolve('old');
      expect(await Promise.all(asked)).toEqual(['old', 'old']);
      expect([await theirs.get('a'), await ours.get('a')]).toEqual(['old', undefined]);
      await theirs.clear();
    }
  });

  it('a load that never settles ends at load.timeout', async () => {
    const clock = new VirtualClock();
    const theirs = new Outcome(createCache().wrap('a', never));
    const ours = new Outcome(new ResourceCache({ load: { timeout: '1s' } }, { clock }).wrap('a', never));
    await clock.advance(1_010);
    expect([theirs.state, ours.state]).toEqual(['pending', 'rejected']);
  });

  it('a listener hears of what fails, and of values that leave', async () => {
    const heard: string[] = [];
    const theirs: Cache = createCache();
    theirs.on('set', () => void heard.push('set'));
    await theirs.set('a', 1);
    const events: CacheEvent['kind'][] = [];
    const ours = new ResourceCache({ stores: [broken()] });
    ours.observe(({ kind }) => void events.push(kind));
    await ours.put('a', 1);
    await ours.delete('a');
    expect(heard).toContain('set');
    expect(new Set(events)).toEqual(new Set(['storeFailed', 'removed']));
  });
});
