import { describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import { Deferred, Outcome } from '../../pool/deferred.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { ResourceCache } from '../resource-cache.js';

const FORCED = { forceRefresh: true };

describe('forceRefresh', () => {
  it('loads whatever is cached, and keeps the result', async () => {
    const cache = new ResourceCache();
    await cache.put('a', 1);
    expect(await cache.wrap('a', () => 2, FORCED)).toBe(2);
    expect(cache.peek('a')).toBe(2);
    expect(cache.stats).toMatchObject({ hits: 0, misses: 1, loads: 1 });
  });

  it('loads once for all who force meanwhile, and for those who have nothing else', async () => {
    const cache = new ResourceCache();
    const brought = new Deferred<number>();
    const load = jest.fn(() => brought.promise);
    const asked = [cache.wrap('a', load, FORCED), cache.wrap('a', load, FORCED), cache.wrap('a', load)];
    brought.resolve(1);
    expect(await Promise.all(asked)).toEqual([1, 1, 1]);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('leaves to the others what is cached until it has loaded', async () => {
    const cache = new ResourceCache();
    await cache.put('a', 'old');
    const brought = new Deferred<string>();
    const forced = cache.wrap('a', () => brought.promise, FORCED);
    expect([await cache.get('a'), await cache.wrap('a', () => 'never asked')]).toEqual(['old', 'old']);
    brought.resolve('new');
    await forced;
    expect(await cache.get('a')).toBe('new');
  });

  it('does not join a load that began before, and wins over it', async () => {
    const cache = new ResourceCache();
    const before = new Deferred<string>();
    const first = cache.wrap('a', () => before.promise);
    await settle();
    expect(await cache.wrap('a', () => 'forced', FORCED)).toBe('forced');
    before.resolve('before');
    expect(await first).toBe('before');
    expect(cache.peek('a')).toBe('forced');
  });

  it('loses against what is put or deleted meanwhile', async () => {
    const cache = new ResourceCache();
    const brought = new Deferred<string>();
    const forced = cache.wrap('a', () => brought.promise, FORCED);
    await cache.put('a', 'put');
    brought.resolve('forced');
    expect([await forced, cache.peek('a')]).toEqual(['forced', 'put']);
  });

  it('that fails fails those who force, and leaves what was cached', async () => {
    const cache = new ResourceCache({ load: { staleIfError: '1m', errorTtl: '1m' } });
    await cache.put('a', 'old');
    const asked = [1, 2].map(
      () => new Outcome(cache.wrap('a', () => Promise.reject(new Error('down')), FORCED)),
    );
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
    expect(await cache.wrap('a', () => 'never asked')).toBe('old');
  });

  it('tries again although a failure is remembered', async () => {
    const cache = new ResourceCache({ load: { errorTtl: '1m' } });
    await expect(cache.wrap('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.wrap('a', () => 1, FORCED)).toBe(1);
    expect(await cache.get('a')).toBe(1);
  });

  it('asks no secondary store, but tells it; and no look-up in progress brings back the old value', async () => {
    const store = new Keyv();
    await store.set('a', 'old');
    const cache = new ResourceCache({ stores: [store] });
    const answer = new Deferred<unknown>();
    const get = jest.spyOn(store, 'get').mockReturnValueOnce(answer.promise as never);
    const looked = cache.get('a');
    await settle();
    expect(await cache.wrap('a', () => 'new', FORCED)).toBe('new');
    answer.resolve({ value: 'old' });
    expect([await looked, cache.peek('a'), await store.get('a')]).toEqual(['old', 'new', 'new']);
    expect(get).toHaveBeenCalledTimes(2);
  });

  it.each([1, 'yes', null])('is refused when it is %p', async (forceRefresh) => {
    const wrapped = new ResourceCache().wrap('a', () => 1, { forceRefresh: forceRefresh as never });
    await expect(wrapped).rejects.toThrow('"forceRefresh" must be true or false');
  });
});
