import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { Deferred, never, Outcome } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheOptions } from '../cache-options.js';
import { KeyvSix } from './keyv-six.fixture.js';
import { ResourceCache } from '../resource-cache.js';

/** A cache with secondary stores of its own. */
function start(options: CacheOptions = {}, count = 1) {
  const clock = new VirtualClock();
  const stores = Array.from({ length: count }, () => new Keyv());
  const cache = new ResourceCache({ stores, ...options }, { clock });
  return { clock, cache, stores, store: stores[0] };
}

afterEach(() => void jest.restoreAllMocks());

describe('a secondary store', () => {
  it('has what was put and loaded, and gives it to a cache that has it not', async () => {
    const { cache, store } = start();
    await cache.put('a', 1);
    await cache.wrap('b', () => 2);
    await settle();
    const other = new ResourceCache({ stores: [store] });
    expect([await other.get('a'), await other.get('b'), await other.get('c')]).toEqual([1, 2, undefined]);
    expect([other.getSync('a'), other.peek('b')]).toEqual([1, 2]);
    expect(await other.wrap('a', () => 'anew')).toBe(1);
    expect(other.stats).toMatchObject({ hits: 4, misses: 1, loads: 0 });
  });

  it('spares a load', async () => {
    const { store } = start();
    await store.set('a', 1);
    const other = new ResourceCache({ stores: [store] });
    const load = jest.fn();
    expect(await Promise.all([other.wrap('a', load), other.wrap('a', load)])).toEqual([1, 1]);
    expect(load).not.toHaveBeenCalled();
    expect(other.stats).toMatchObject({ hits: 2, misses: 0, loads: 0 });
  });

  it('forgets what is deleted, cleared or put with tags', async () => {
    const { cache, store } = start();
    for (const key of ['a', 'b', 'c', 'd']) await cache.put(key, key);
    await cache.delete('a');
    await cache.put('b', 'tagged', { tags: ['t'] });
    await cache.put('c', undefined);
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.get(key)))).toEqual([
      undefined,
      undefined,
      undefined,
      'd',
    ]);
    cache.invalidateTags(['t']);
    expect(await cache.get('b')).toBeUndefined();
    await cache.clear();
    expect(await store.get('d')).toBeUndefined();
  });

  it('gives a copy with the life that is left, to memory and to the stores before it', async () => {
    const { clock, cache, stores } = start({}, 2);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now()); // the stores have no other clock
    await stores[1].set('a', 1, 60_000);
    await stores[1].set('b', 2);
    await Promise.all(['a', 'b'].map((key) => cache.get(key)));
    await settle();
    const raw = await stores[0].get('a', { raw: true });
    const far = await stores[1].get('a', { raw: true });
    expect(raw?.expires).toBe(far?.expires);
    expect(raw?.expires).toBe(Date.now() + 60_000);
    expect((await stores[0].get('b', { raw: true }))?.expires).toBeUndefined();
    clock.stall(59_000);
    expect(cache.peek('a')).toBe(1);
    clock.stall(1_000);
    expect([cache.peek('a'), cache.peek('b')]).toEqual([undefined, 2]);
  });

  it('gives nothing that has expired', async () => {
    const { cache, store } = start();
    jest.spyOn(store, 'get').mockResolvedValue({ value: 1, expires: Date.now() - 1 } as never);
    expect(await cache.get('a')).toBeUndefined();
    jest.spyOn(store, 'get').mockResolvedValue({ value: undefined } as never);
    expect(await cache.get('a')).toBeUndefined();
  });

  it('has what was put last, whatever was being written and cleared before it', async () => {
    const { cache, store } = start();
    const [set, clear] = [store.set.bind(store), store.clear.bind(store)];
    const turns = [3, 2, 0, 0, 0];
    const wait = async (count = 0): Promise<void> => {
      for (let turn = 0; turn < count; turn++) await settle();
    };
    jest.spyOn(store, 'set').mockImplementation((...args) => wait(turns.shift()).then(() => set(...args)));
    jest.spyOn(store, 'clear').mockImplementation(() => wait(5).then(clear));
    const early = [cache.put('a', 1), cache.clear(), cache.clear(), cache.put('a', 2), cache.put('a', 3)];
    await Promise.all([...early, cache.put('b', 1)]);
    expect([await store.get('a'), await store.get('b')]).toEqual([3, 1]);
    await Promise.all([cache.put('a', 4), cache.clear()]);
    expect(await store.get('a')).toBeUndefined();
  });

  it('that fails never fails anything, and is reported', async () => {
    const { cache, store, stores } = start({}, 2);
    const heard = jest.fn();
    cache.observe(heard);
    await stores[1].set('a', 'behind it');
    for (const method of ['get', 'set', 'delete', 'clear'] as const)
      jest.spyOn(store, method).mockRejectedValue(new Error('down'));
    expect(await cache.get('a')).toBe('behind it');
    await cache.put('b', 2);
    expect([await cache.get('b'), await cache.wrap('c', () => 3), await cache.delete('b')]).toEqual([
      2,
      3,
      true,
    ]);
    await cache.clear();
    const operations = heard.mock.calls.map(([event]) => (event as { operation?: string }).operation);
    expect(new Set(operations.filter((operation) => operation !== undefined))).toEqual(
      new Set(['get', 'set', 'delete', 'clear']),
    );
    expect(heard).toHaveBeenCalledWith({
      kind: 'storeFailed',
      type: 'cache',
      operation: 'get',
      cause: new Error('down'),
    });
  });

  it('that has a value is asked for it, and no resource under the key leaves for that', async () => {
    const { cache, store } = start();
    const destroy = jest.fn();
    await store.set('a', 1);
    const lease = await cache.lease('a', () => ({}), { destroy });
    expect([await cache.get('a'), await cache.wrap('a', () => 2), await cache.manager.get('a')]).toEqual([
      1, 1, 1,
    ]);
    expect(cache.tryLease('a')?.resource).toBe(lease.resource);
    expect(destroy).not.toHaveBeenCalled();
  });

  it.each([
    ['an adapter', (adapter: KeyvStoreAdapter) => adapter, ['get', 'set', 'delete', 'clear']],
    ['a Keyv that throws no errors', (adapter: KeyvStoreAdapter) => new Keyv(adapter), ['set']],
  ])('that is %s is reported when it fails, as far as it says so', async (_, storeOn, operations) => {
    const failing = () => Promise.reject(new Error('down'));
    const adapter = { get: failing, set: failing, delete: failing, clear: failing, opts: {} } as never;
    const { cache } = start({ stores: [storeOn(adapter)] });
    const heard = jest.fn();
    cache.observe(heard);
    await cache.get('a');
    await cache.put('a', 1);
    await cache.delete('a');
    await cache.clear();
    const failed = heard.mock.calls.map(([event]) => (event as { operation?: string }).operation);
    expect(failed.filter((operation) => operation !== undefined)).toEqual(operations);
  });

  it('that never answers is left out after a while', async () => {
    const { clock, cache, store } = start({ load: { timeout: 100 } });
    jest.spyOn(store, 'get').mockImplementation(never);
    const [read, wrapped] = [new Outcome(cache.get('a')), new Outcome(cache.wrap('a', () => 1))];
    await clock.advance(110);
    expect([read.state, read.value, wrapped.value]).toEqual(['fulfilled', undefined, 1]);
  });

  it('does not bring back what was deleted or put while it was asked', async () => {
    const { cache, store } = start({}, 2);
    const answer = new Deferred<unknown>();
    jest.spyOn(store, 'get').mockReturnValue(answer.promise as never);
    const reads = [cache.get('a'), cache.get('a'), cache.get('b'), cache.get('c')];
    await settle();
    await cache.delete('a');
    await cache.put('b', 'newer');
    answer.resolve({ value: 'stale' });
    expect(await Promise.all(reads)).toEqual(['stale', 'stale', 'stale', 'stale']);
    expect(['a', 'b', 'c'].map((key) => cache.peek(key))).toEqual([undefined, 'newer', 'stale']);
  });

  it('gets what is done to a key in order, and is read after that', async () => {
    const { cache, store } = start();
    const first = new Deferred<boolean>();
    const set = jest.spyOn(store, 'set').mockReturnValueOnce(first.promise);
    const putting = cache.put('a', 1);
    const deleting = cache.delete('a');
    const reading = new Outcome(cache.get('a'));
    const clearing = cache.clear();
    const again = cache.put('a', 2);
    await settle();
    expect([set.mock.calls.length, reading.state]).toEqual([1, 'pending']);
    first.resolve(true);
    await Promise.all([putting, deleting, clearing, again]);
    expect([reading.value, await store.get('a')]).toEqual([undefined, 2]);
  });

  it('keeps for ever what is to live for ever, and gives its own life to what has none', async () => {
    const store = new Keyv({ ttl: 1_000 });
    const endOf = async (key: string) => (await store.get(key, { raw: true }))?.expires;
    const { cache } = start({ ttl: '1m', stores: [store] });
    await cache.manager.set('a', 1, 0);
    await cache.put('b', 1, { ttl: Infinity });
    expect([await endOf('a'), await endOf('b')]).toEqual([undefined, undefined]);
    await start({ stores: [store] }).cache.put('c', 1);
    expect(await endOf('c')).toEqual(expect.any(Number));
  });

  it('never has a live resource', async () => {
    const { cache, store } = start();
    await cache.lease('a', () => ({}));
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('the check at the start', () => {
  it('lets a Keyv 5 of another copy pass, without writing to it', async () => {
    const { Keyv: OtherKeyv } = createRequire(import.meta.url)('keyv') as { Keyv: typeof Keyv };
    const other = new OtherKeyv();
    expect(other).not.toBeInstanceOf(Keyv);
    const set = jest.spyOn(other, 'set');
    const cache = new ResourceCache({ stores: [other] });
    await expect(cache.check()).resolves.toBeUndefined();
    expect(set).not.toHaveBeenCalled();
    await cache.put('a', 1);
    expect([await other.get('a'), await new ResourceCache({ stores: [other] }).get('a')]).toEqual([1, 1]);
  });

  it('lets a Keyv 5 pass', async () => {
    const { cache } = start();
    await expect(cache.check()).resolves.toBeUndefined();
  });

  it('refuses a Keyv without raw answers, and names the version to install', async () => {
    const cache = new ResourceCache({ stores: [new Keyv(), new KeyvSix() as never] });
    await expect(cache.check()).rejects.toThrow('"cache.stores[1]" is a Keyv that cannot be used');
    await expect(cache.check()).rejects.toThrow('npm install keyv@^5.6.0');
  });

  it('refuses a foreign Keyv that fails', async () => {
    const broken = new KeyvSix();
    jest.spyOn(broken, 'set').mockRejectedValue(new Error('down'));
    const cache = new ResourceCache({ stores: [broken as never] });
    await expect(cache.check()).rejects.toThrow('it failed: down');
  });
});
