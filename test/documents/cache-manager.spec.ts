import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Cache, createCache } from 'cache-manager';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { InvalidOptionsError, ResourceCache } from 'nestjs-resources/cache';
import { Deferred, never, Outcome } from '../../libs/resources/src/pool/deferred.fixture.js';
import { KeyvSix } from '../../libs/resources/src/cache/keyv/keyv-six.fixture.js';
import { settle, VirtualClock } from '../../libs/resources/src/time/virtual-clock.fixture.js';
import { MarkdownDocument } from './document.fixture.js';

/** A cache of cache-manager, and the `manager` of one of ours. */
const both = (): [real: Cache, ours: Cache] => [createCache(), new ResourceCache().manager];

const outcome = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => (error as Error).constructor);

const keyvOf = ({ stores: [keyv] }: Cache): Keyv => keyv;

const listen = (cache: Cache): string[] => {
  const heard: string[] = [];
  for (const event of ['set', 'refresh'] as const) cache.on(event, () => void heard.push(event));
  return heard;
};

/** What is different, by the member as the page names it. Each asks cache-manager or Keyv, too: what has changed there is no difference any more. */
const DIFFERENCES: Record<string, () => Promise<void>> = {
  'get, mget, ttl with a key that is not a string': async () => {
    const [real, ours] = both();
    const ask = async (cache: Cache): Promise<unknown[]> => [
      await outcome(cache.get(5 as never)),
      await outcome(cache.mget([5 as never])),
      await outcome(cache.ttl(5 as never)),
    ];
    expect(await ask(real)).toEqual([undefined, [undefined], undefined]);
    expect(await ask(ours)).toEqual([InvalidOptionsError, InvalidOptionsError, InvalidOptionsError]);
    const others = [
      ours.set(5 as never, 1),
      ours.mset([{ key: 5 as never, value: 1 }]),
      ours.del(5 as never),
      ours.mdel([5 as never]),
      ours.wrap(5 as never, () => 1),
    ];
    expect(new Set(await Promise.all(others.map(outcome)))).toEqual(new Set([InvalidOptionsError]));
  },
  'set, mset, wrap with a ttl of NaN or below 0, or such a refreshThreshold': async () => {
    const [real, ours] = both();
    await real.set('a', 1, NaN);
    await real.set('b', 1, -1);
    expect(await real.mget(['a', 'b'])).toEqual([1, undefined]);
    await ours.set('there', 1);
    for (const ttl of [NaN, -1]) {
      const refused = [
        ours.set('a', 1, ttl),
        ours.mset([{ key: 'a', value: 1, ttl }]),
        ours.wrap('a', () => 1, ttl),
        ours.wrap(
          'a',
          () => 1,
          () => ttl,
        ),
        ours.wrap('there', () => 1, 1_000, ttl),
        ours.wrap('there', () => 1, { refreshThreshold: () => ttl }),
      ];
      expect(new Set(await Promise.all(refused.map(outcome)))).toEqual(new Set([InvalidOptionsError]));
    }
    await expect(ours.wrap('a', () => 1, 1_000, NaN)).rejects.toThrow('"refreshThreshold" must be');
  },
  "set, wrap with a ttl such as '30s'": async () => {
    const [real, ours] = both();
    for (const cache of [real, ours]) await cache.set('a', 1, '30s' as never);
    expect([await real.ttl('a'), typeof (await ours.ttl('a'))]).toEqual([undefined, 'number']);
  },
  'set of undefined': async () => {
    const caches = both();
    const had: boolean[] = [];
    for (const cache of caches) {
      await cache.set('a', undefined);
      had.push(await keyvOf(cache).has('a'));
      expect(await cache.get('a')).toBeUndefined();
    }
    expect(had).toEqual([true, false]);
  },
  'set of more than max values': async () => {
    const [real, ours] = both();
    const kept: number[] = [];
    for (const cache of [real, ours]) {
      for (let index = 0; index < 1_500; index++) await cache.set(`${index}`, index);
      kept.push(
        (await cache.mget(Array.from({ length: 1_500 }, (_, index) => `${index}`))).filter(isThere).length,
      );
    }
    expect(kept).toEqual([1_500, 1_000]);
  },
  'del, set, clear while wrap loads': async () => {
    const left: unknown[] = [];
    for (const cache of both()) {
      const brought = new Deferred<string>();
      const asked = cache.wrap('a', () => brought.promise);
      await settle();
      await cache.del('a');
      const heard = listen(cache);
      brought.resolve('old');
      expect(await asked).toBe('old');
      left.push([await cache.get('a'), heard]);
    }
    expect(left).toEqual([
      ['old', ['set', 'set']],
      [undefined, []],
    ]);
  },
  'wrap whose load never settles': async () => {
    const clock = new VirtualClock();
    const { manager } = new ResourceCache({}, { clock });
    const stuck = new Outcome(manager.wrap('a', never));
    const real = new Outcome(createCache().wrap('a', never));
    await clock.advance(10_010);
    expect([real.state, stuck.state, await manager.wrap('a', () => 1)]).toEqual(['pending', 'rejected', 1]);
  },
  'wrap with raw and without a ttl': async () => {
    const answers: unknown[] = [];
    for (const cache of both()) answers.push(await cache.wrap('a', () => 1, { raw: true }));
    expect(answers).toEqual([
      { value: 1, expires: NaN },
      { value: 1, expires: undefined },
    ]);
  },
  'wrap whose load brings undefined': async () => {
    const heard: string[][] = [];
    for (const cache of both()) {
      heard.push(listen(cache));
      await cache.wrap('a', () => undefined);
    }
    expect(heard).toEqual([['set', 'set'], []]);
  },
  "wrap whose secondary store can't write": async () => {
    const store = new Keyv();
    jest.spyOn(store, 'set').mockRejectedValue(new Error('down'));
    await expect(createCache({ stores: [new Keyv(), store] }).wrap('a', () => 1)).rejects.toThrow('down');
    const cache = new ResourceCache({ stores: [store] });
    const heard = jest.fn();
    cache.observe(heard);
    expect(await cache.manager.wrap('a', () => 1)).toBe(1);
    await settle();
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ kind: 'storeFailed', operation: 'set' }));
  },
  'wrap that many call while a value is refreshed': async () => {
    const heard: string[][] = [];
    for (const cache of both()) {
      await cache.set('a', 1, 10_000);
      heard.push(listen(cache));
      const brought = new Deferred<number>();
      for (let turn = 0; turn < 3; turn++) await cache.wrap('a', () => brought.promise, 10_000, 20_000);
      brought.resolve(2);
      await settle();
      await settle();
    }
    expect(heard.map((events) => events.filter((event) => event === 'refresh').length)).toEqual([3, 1]);
  },
  "on('set'), on('refresh') with a listener that throws, for what wrap does": async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const answers: unknown[] = [];
    for (const cache of both()) {
      cache.on('set', () => {
        throw new RangeError('listener');
      });
      answers.push(await outcome(cache.wrap('a', () => 1)));
    }
    expect(answers).toEqual([RangeError, 1]);
    expect(warned).toHaveBeenCalled();
  },
  stores: async () => {
    const [near, far] = [new Keyv(), new Keyv()];
    await far.set('a', 1, 60_000);
    const real = createCache({ stores: [near, far] });
    const cache = new ResourceCache({ stores: [far] });
    expect([await real.get('a'), await cache.manager.get('a')]).toEqual([1, 1]);
    expect([real.stores.length, cache.manager.stores.length, await near.get('a'), cache.peek('a')]).toEqual([
      2,
      1,
      undefined,
      1,
    ]);
    expect(await cache.keyv.has('a')).toBe(true);
  },
  'nonBlocking, refreshAllStores, refreshThreshold, cacheId, namespace as options': async () => {
    const options = {
      nonBlocking: true,
      refreshAllStores: true,
      refreshThreshold: 1,
      cacheId: 'a',
      namespace: 'a',
    };
    for (const [name, value] of Object.entries(options))
      expect(() => new ResourceCache({ [name]: value })).toThrow(`"cache.${name}" is not an option`);
    await Promise.resolve();
  },
  disconnect: async () => {
    const store = new Keyv();
    const disconnect = jest.spyOn(store, 'disconnect');
    const cache = new ResourceCache({ stores: [store] });
    await cache.manager.disconnect();
    expect(disconnect).not.toHaveBeenCalled();
    await cache.close();
    await createCache({ stores: [store] }).disconnect();
    expect(disconnect).toHaveBeenCalledTimes(2);
  },
  'stores that are not Keyv 5': async () => {
    const map = new Map<string, unknown>();
    const adapter = adapterOn(map);
    const caches = [new ResourceCache({ stores: [adapter] }), new ResourceCache({ stores: [adapter] })];
    await caches[0]?.put('a', { b: 1 });
    expect([await caches[1]?.get('a'), [...map.keys()]]).toEqual([{ b: 1 }, ['keyv:a']]);
    await caches[0]?.check();
    await Promise.all(caches.map((cache) => cache.close()));
    expect(adapter.disconnect).toHaveBeenCalledTimes(1);
    const cacheable = Object.assign(new Keyv(), { primary: new Keyv(), secondary: new Keyv() });
    expect(() => new ResourceCache({ stores: [cacheable] })).toThrow('is a Cacheable');
    const six = new ResourceCache({ stores: [new KeyvSix() as never] });
    await expect(six.check()).rejects.toThrow('npm install keyv@^5.6.0');
  },
  'CacheModule on coordinator.cache.keyv': async () => {
    const manager = createCache({ stores: [new ResourceCache().keyv] });
    const brought = new Deferred<string>();
    const asked = manager.wrap('a', () => brought.promise);
    await settle();
    await manager.del('a');
    brought.resolve('old');
    await asked;
    expect(await manager.get('a')).toBe('old');
  },
  'hooks of Keyv, and its keys': async () => {
    const heard: string[] = [];
    const found: unknown[] = [];
    for (const keyv of [new Keyv(), new ResourceCache().keyv]) {
      keyv.hooks.addHandler('postSet', ({ key }: { key: string }) => void heard.push(key));
      await keyv.set('a', 1);
      found.push(await keyv.get('keyv:a'));
    }
    expect([heard, found]).toEqual([
      ['keyv:a', 'a'],
      [1, undefined],
    ]);
  },
  'namespace, useKeyPrefix, store, serialize, deserialize, compression of Keyv, assigned': async () => {
    const { keyv } = new ResourceCache();
    for (const name of ['namespace', 'useKeyPrefix', 'store', 'serialize', 'deserialize', 'compression']) {
      expect(() => Reflect.set(new Keyv(), name, name === 'store' ? new Map() : undefined)).not.toThrow();
      expect(() => Reflect.set(keyv, name, () => 'other')).toThrow(InvalidOptionsError);
    }
    await Promise.resolve();
  },
  'values of Keyv': async () => {
    const value = { at: new Date() };
    const kept: unknown[] = [];
    for (const keyv of [new Keyv(), new ResourceCache().keyv, keyvOf(createCache())]) {
      await keyv.set('a', value);
      kept.push((await keyv.get('a')) === value);
    }
    expect(kept).toEqual([false, true, true]);
  },
  'throwOnErrors of Keyv': async () => {
    const [real, ours] = [new Keyv(), new ResourceCache().keyv];
    expect([real.throwOnErrors, ours.throwOnErrors]).toEqual([false, true]);
    await expect(ours.set('a', 1, -1)).rejects.toThrow(InvalidOptionsError);
    ours.throwOnErrors = false;
    expect(await ours.set('a', 1, -1)).toBe(false);
  },
  'iterator of Keyv': async () => {
    const store = new Keyv();
    const cache = new ResourceCache({ stores: [store] });
    await store.set('far', 1);
    await cache.put('near', 2);
    const entries: unknown[] = [];
    for await (const entry of cache.keyv.iterator?.(undefined) ?? []) entries.push(entry);
    expect(entries).toEqual([['near', 2]]);
    expect(new Keyv(adapterOn(new Map())).iterator).toBeUndefined();
  },
};

const isThere = (value: unknown): boolean => value !== undefined;

/** A storage adapter as `KeyvRedis` is one: it keeps texts, and may be disconnected. */
function adapterOn(
  map: Map<string, unknown>,
): KeyvStoreAdapter & { disconnect: jest.Mock<() => Promise<void>> } {
  return {
    opts: {},
    get: async (key: string) => map.get(key) as never,
    set: async (key: string, value: unknown) => void map.set(key, value),
    delete: async (key: string) => map.delete(key),
    clear: async () => map.clear(),
    on: jest.fn() as never,
    disconnect: jest.fn(async () => undefined),
  };
}

afterEach(() => void jest.restoreAllMocks());

describe('what is different for those who come from cache-manager and Keyv', () => {
  it.each(Object.entries(DIFFERENCES))('%s', async (_, proves) => {
    await proves();
  });

  it('is all that the page tells, and nothing else', () => {
    const rows = new MarkdownDocument('docs/guide/cache-manager.md').tableUnder(
      'Coming from cache-manager 7.2 and Keyv 5.6',
    );
    expect(rows.map((row) => row['member'])).toEqual(Object.keys(DIFFERENCES));
    for (const row of rows) expect([row['what is different'], row['why']]).not.toContain('');
  });
});
