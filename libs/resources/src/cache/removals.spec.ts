import { describe, expect, it, jest } from '@jest/globals';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import type { CacheEvent } from '../reports/cache-event.js';
import { CacheEvents } from './cache-events.js';
import type { CacheOptions } from './cache-options.js';
import { ResourceCache } from './resource-cache.js';

function start(options: CacheOptions = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { clock });
  const events: CacheEvent[] = [];
  cache.observe((event) => void events.push(event));
  return { clock, cache, events };
}

const removed = (key: string, reason: string) => ({ kind: 'removed', type: 'cache', key, reason });

describe('the event of a value that has left', () => {
  it('says why', async () => {
    const { clock, cache, events } = start({ max: 2, ttl: '1m', eviction: 'lru' });
    await cache.put('a', 1);
    await cache.put('a', 2);
    await cache.put('b', 1);
    await cache.put('c', 1);
    await cache.delete('b');
    await clock.advance(61_000);
    await cache.put('d', 1, { tags: ['t'] });
    cache.invalidateTags(['t']);
    await cache.put('e', 1);
    await cache.clear();
    await cache.put('f', 1);
    await cache.close();
    expect(events).toEqual([
      removed('a', 'replaced'),
      removed('a', 'evicted'),
      removed('b', 'deleted'),
      removed('c', 'expired'),
      removed('d', 'deleted'),
      removed('e', 'cleared'),
      removed('f', 'cleared'),
    ]);
  });

  it('has a key that forges no line of log, and is never long', async () => {
    const { cache, events } = start();
    const keys = ['x\r\n[Nest] LOG root logged in\u001b[31m', 'k'.repeat(10_000)];
    for (const key of keys) {
      await cache.put(key, 1);
      await cache.delete(key);
    }
    const told = events.map((event) => (event as { key: string }).key);
    expect(told[0]).toBe('x\\r\\n[Nest] LOG root logged in\\u001b[31m');
    expect(told[1]).toHaveLength(200);
  });

  it('comes when it is done: a listener sees the cache without it, and may change it', async () => {
    const { cache } = start({ max: 1 });
    const seen: unknown[] = [];
    cache.observe((event) => {
      if (event.kind !== 'removed' || event.key !== 'a') return;
      seen.push(cache.has('a'));
      void cache.delete('b');
    });
    await cache.put('a', 1);
    await cache.put('b', 1);
    expect([seen, cache.stats.size]).toEqual([[false], 0]);
  });

  it('lets a listener put what has expired, even within a put of it', async () => {
    const { clock, cache, events } = start({ max: 2, eviction: 'lru' });
    cache.observe((event) => {
      if (event.kind === 'removed' && event.reason === 'expired') void cache.put(event.key, 'renewed');
    });
    await cache.put('a', 1, { ttl: '1s' });
    clock.stall(1_000);
    await cache.put('a', 2);
    expect([cache.peek('a'), cache.store.engine.weight]).toEqual(['renewed', 1]);
    await cache.put('b', 1);
    await cache.put('c', 1);
    expect([...cache.keys()]).toEqual(['b', 'c']);
    expect(events).toEqual([removed('a', 'expired'), removed('a', 'replaced'), removed('a', 'evicted')]);
  });

  it('lets a listener replace what replaces it: no tag stays with the key', async () => {
    const { cache } = start();
    cache.observe((event) => {
      if (event.kind === 'removed' && cache.peek('a') === 2) void cache.put('a', 3);
    });
    await cache.put('a', 1);
    await cache.put('a', 2, { tags: ['t'] });
    expect([cache.invalidateTags(['t']), cache.peek('a')]).toEqual([0, 3]);
  });

  it('lets a listener delete the resource that it made room for: who waits for it has it until the end of the lease', async () => {
    const { cache } = start({ maxWeight: 10, weigh: (value) => (typeof value === 'number' ? value : 8) });
    const destroy = jest.fn();
    cache.observe(() => void cache.delete('a'));
    await cache.put('b', 5);
    const lease = await cache.lease('a', () => ({}), { destroy });
    await settle();
    expect([cache.has('b'), lease.ended, destroy.mock.calls]).toEqual([false, false, []]);
    await lease.release();
    await settle();
    expect(destroy).toHaveBeenCalledTimes(1);
  });

  it('tells of no resource, of no failure, and of nothing that is no value', async () => {
    const { cache, events } = start({ load: { errorTtl: '1m', negativeTtl: '1m' } });
    await cache.lease('a', () => ({}));
    await cache.wrap('b', () => undefined);
    await expect(cache.wrap('c', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await cache.clear();
    expect(events).toEqual([]);
  });

  it('is not even made while nobody listens to more than failures', async () => {
    const cache = new ResourceCache();
    const lookout = jest.fn();
    cache.lookOut(lookout);
    cache.observe(() => undefined)();
    const made = jest.spyOn(CacheEvents.prototype, 'emit');
    await cache.put('a', 1);
    await cache.delete('a');
    expect([made.mock.calls, lookout.mock.calls]).toEqual([[], []]);
    made.mockRestore();
  });
});

describe('has and keys', () => {
  it('tell of the values in memory that are fresh', async () => {
    const { clock, cache } = start({ load: { staleIfError: '1m', negativeTtl: '1m' } });
    await cache.put('a', 0);
    await cache.put('b', null, { ttl: '10s' });
    await cache.wrap('c', () => undefined);
    await cache.lease('d', () => ({}));
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.has(key))).toEqual([true, true, false, false, false]);
    expect([...cache.keys()]).toEqual(['a', 'b']);
    await clock.advance(10_000);
    expect([...cache.keys()]).toEqual(['a']);
    expect(cache.has('b')).toBe(false);
  });

  it('neither count nor keep an entry from leaving', async () => {
    const { cache } = start({ max: 2, eviction: 'lru' });
    await cache.put('a', 1);
    await cache.put('b', 1);
    expect([cache.has('a'), [...cache.keys()].length]).toEqual([true, 2]);
    await cache.put('c', 1);
    expect([cache.has('a'), cache.stats.hits]).toEqual([false, 0]);
  });

  it('refuse a key that is no string', () => {
    expect(() => start().cache.has(5 as never)).toThrow('"key" must be a string; got 5');
  });
});
