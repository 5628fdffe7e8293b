import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { HOSTILE_ROWS } from '../../words/hostile-values.fixture.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { Deferred, never, Outcome } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CachedResources } from '../cached-resources.js';
import { ResourceCache } from '../resource-cache.js';

let warned: jest.SpiedFunction<typeof process.emitWarning>;

beforeEach(() => {
  warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  warned.mockRestore();
});

describe.each(HOSTILE_ROWS)('a cache survives %s', (_, make) => {
  const fail = (): never => {
    throw make();
  };
  const reject = (): Promise<never> => Promise.reject(make());

  it('thrown by loads, and gives all who wait the same', async () => {
    for (const load of [fail, reject]) {
      const cache = new ResourceCache({ load: { errorTtl: '1m' } });
      const wraps = [1, 2].map(() => new Outcome(cache.wrap('a', load)));
      const leases = [1, 2].map(() => new Outcome(cache.lease('b', load)));
      await settle();
      for (const [one, other] of [wraps, leases]) {
        expect([one?.state, other?.state]).toEqual(['rejected', 'rejected']);
        expect(Object.is(one?.error, other?.error)).toBe(true);
      }
      expect(new Outcome(cache.wrap('a', () => 1)).state).toBe('pending');
      await cache.delete('a');
      expect(await cache.wrap('a', () => 1)).toBe(1);
      expect((await cache.lease('b', () => ({}))).ended).toBe(false);
      expect(await cache.close()).toMatchObject({ held: [expect.anything()] });
    }
  });

  it('thrown by the functions that say how a value is kept', async () => {
    for (const hook of [fail, reject as () => never]) {
      const cache = new ResourceCache({ weigh: hook });
      for (const options of [{ ttl: hook }, { tags: hook }, {}]) {
        const wrapped = new Outcome(cache.wrap('a', () => 1, options));
        await settle();
        expect(wrapped.state).toBe('rejected');
      }
      const put = new Outcome(cache.put('a', 1));
      await settle();
      expect(put.state).toBe('rejected');
      await cache.close();
    }
  });

  it('thrown by destructions and listeners', async () => {
    const cache = new ResourceCache();
    cache.observe(fail);
    // oxlint-disable-next-line typescript/no-misused-promises -- a listener that should not be asynchronous is what is tested
    cache.observe(reject);
    for (const destroy of [fail, reject, make]) {
      await (await cache.lease('a', () => ({}), { destroy })).invalidate();
      await settle();
    }
    expect(await cache.close()).toMatchObject({ clean: true });
    expect(cache.stats.destroyed).toBe(3);
  });

  it('thrown and returned by secondary stores', async () => {
    for (const answer of [fail, reject, make]) {
      const store = new Keyv();
      const methods = ['get', 'set', 'delete', 'clear', 'disconnect'] as const;
      for (const method of methods) Object.assign(store, { [method]: answer });
      const cache = new ResourceCache({ stores: [store], weigh: () => 1 });
      const used = [
        cache.get('a'),
        cache.wrap('b', () => 1),
        cache.put('c', 1),
        cache.delete('d'),
        cache.clear(),
      ].map((asked) => new Outcome<unknown>(asked));
      await settle();
      await settle();
      expect(used.map(({ state }) => state)).toEqual(used.map(() => 'fulfilled'));
      const closed = new Outcome(cache.close());
      await settle();
      expect(closed.state).toBe('fulfilled');
    }
  });

  it('thrown by the factory of a cached type, and tells each caller in its own name', async () => {
    const resources = new CachedResources<object>('tenantDb', { create: reject });
    const asked = ['Ada', 'Bob'].map((owner) => new Outcome(resources.lease('acme', { owner })));
    await settle();
    for (const [index, owner] of ['Ada', 'Bob'].entries()) {
      const { error } = asked[index] as Outcome<unknown>;
      expect(error).toBeInstanceOf(ResourceCreationError);
      expect(error).toMatchObject({ owner, type: 'tenantDb' });
      expect(inspect(error).length).toBeLessThan(200_000);
    }
    await resources.close();
  });

  it('as an argument', async () => {
    const cache = new ResourceCache();
    const value = make() as never;
    const asked = [
      cache.get(value),
      cache.put(value, 1),
      cache.put('a', 1, value),
      cache.put('a', 1, { ttl: value }),
      cache.put('a', 1, { tags: value }),
      cache.wrap(value, () => 1),
      cache.wrap('w', value),
      cache.wrap('w', () => 1, value),
      cache.wrap('w', () => 1, { signal: value }),
      cache.wrap('w', () => 1, { timeout: value }),
      cache.lease('l', value),
      cache.lease('l', () => ({}), value),
      cache.lease('l', () => ({}), { signal: value }),
      cache.lease('l', () => ({}), { owner: value }),
      cache.lease('l', () => ({}), { destroy: value }),
      cache.delete(value),
    ].map((asking) => new Outcome<unknown>(asking));
    await settle();
    for (const { state, error } of asked) {
      expect(state).not.toBe('pending');
      // A function is a load, and what it throws is its own.
      if (state === 'rejected' && typeof value !== 'function')
        expect(error).toBeInstanceOf(InvalidOptionsError);
    }
  });
});

describe('a secondary store', () => {
  const store = (): Keyv & { disconnects: number } => {
    const keyv = Object.assign(new Keyv(), { disconnects: 0 });
    keyv.disconnect = async () => void keyv.disconnects++;
    return keyv;
  };

  it('is disconnected when its cache closes, once, and asked no more', async () => {
    const one = store();
    const cache = new ResourceCache({ stores: [one, one] });
    await cache.put('a', 1);
    await Promise.all([cache.close(), cache.close()]);
    expect(one.disconnects).toBe(1);
    const asked = jest.spyOn(one, 'get');
    expect(await cache.get('a')).toBeUndefined();
    expect(asked).not.toHaveBeenCalled();
  });

  it('that several caches use is disconnected with the last of them', async () => {
    const shared = store();
    const caches = [1, 2].map(() => new ResourceCache({ stores: [shared] }));
    await caches[0]?.close();
    expect(shared.disconnects).toBe(0);
    await caches[1]?.close();
    expect(shared.disconnects).toBe(1);
  });

  it('is disconnected when what is being written is written', async () => {
    const written = new Deferred();
    const one = store();
    one.set = () => written.promise.then(() => true);
    const cache = new ResourceCache({ stores: [one] });
    void cache.put('a', 1);
    const closed = new Outcome(cache.close());
    await settle();
    expect([closed.state, one.disconnects]).toEqual(['pending', 0]);
    written.resolve();
    await settle();
    expect([closed.state, one.disconnects]).toEqual(['fulfilled', 1]);
  });

  it('that does not let go holds nothing up, and is reported', async () => {
    const clock = new VirtualClock();
    const hanging = store();
    hanging.disconnect = never;
    const failing = store();
    failing.disconnect = () => Promise.reject(new Error('reset'));
    const cache = new ResourceCache(
      { stores: [hanging, failing], lease: { destroyTimeout: '2s' } },
      { type: 'prices', clock },
    );
    const events: unknown[] = [];
    cache.observe((event) => events.push(event));
    const closed = new Outcome(cache.close({ deadline: 0 }));
    await clock.advance(1_990);
    expect(closed.state).toBe('pending');
    await clock.advance(20);
    expect(closed.state).toBe('fulfilled');
    const event = { kind: 'storeFailed', type: 'prices', operation: 'disconnect' };
    expect(events).toEqual([expect.objectContaining(event), expect.objectContaining(event)]);
  });
});

describe('a cache that closes', () => {
  it('waits for what a load still brings that does not heed its signal, and destroys it, within its bound', async () => {
    for (const load of ['1s', '1m']) {
      const clock = new VirtualClock();
      const gate = new Deferred();
      const destroyed: unknown[] = [];
      const options = { load: { timeout: load }, lease: { destroyTimeout: '2s' } };
      const cache = new ResourceCache(options, { clock });
      const destroy = (resource: unknown): unknown => destroyed.push(resource);
      const asked = new Outcome(cache.lease('a', () => gate.promise.then(() => 'late'), { destroy }));
      await clock.advance(1_500);
      const closed = new Outcome(cache.close({ deadline: 0 }));
      await clock.advance(1_000);
      expect([asked.state, closed.state]).toEqual(['rejected', 'pending']);
      gate.resolve();
      await settle();
      expect([closed.state, destroyed]).toEqual(['fulfilled', ['late']]);
    }
  });

  it('is bounded when loads and destructions hang, and destroys what comes even later', async () => {
    const clock = new VirtualClock();
    const gate = new Deferred();
    const destroyed: unknown[] = [];
    const cache = new ResourceCache({ lease: { destroyTimeout: '2s' } }, { clock });
    await (await cache.lease('a', () => ({}), { destroy: never })).release();
    const destroy = (resource: unknown): unknown => destroyed.push(resource);
    cache.lease('b', () => gate.promise.then(() => 'late'), { destroy }).catch(() => undefined);
    cache.wrap('c', never).catch(() => undefined);
    await settle();
    const closed = new Outcome(cache.close({ deadline: '1s' }));
    await clock.advance(3_010);
    expect(closed.state).toBe('fulfilled');
    gate.resolve();
    await settle();
    expect(destroyed).toEqual(['late']);
  });

  it.each([Infinity, '30d'])('waits for leases as long as it is told: %p', async (deadline) => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({}, { clock });
    const lease = await cache.lease('a', () => ({}));
    const closed = new Outcome(cache.close({ deadline }));
    clock.stall(29 * 86_400_000);
    await clock.advance(10);
    expect(closed.state).toBe('pending');
    expect(clock.holding).toBeGreaterThan(0);
    await lease.release();
    await settle();
    expect(closed.value).toMatchObject({ clean: true });
  });
});

describe('a load that takes too long', () => {
  it('is told to each who waits for its resource in its own name', async () => {
    const clock = new VirtualClock();
    const cache = new ResourceCache({ load: { timeout: '1s' } }, { clock });
    const asked = ['Ada', 'Bob'].map((owner) => new Outcome(cache.lease('a', never, { owner })));
    await clock.advance(1_010);
    for (const { error } of asked) expect(error).toBeInstanceOf(CacheTimeoutError);
    expect(asked.map(({ error }) => (error as CacheTimeoutError).owner)).toEqual(['Ada', 'Bob']);
  });
});

describe('a cached type', () => {
  it.each([undefined, null])('whose factory brings %p is told so', async (nothing) => {
    const resources = new CachedResources('tenantDb', { create: () => nothing as never });
    const error: unknown = await resources.lease('acme').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ResourceCreationError);
    expect(error).toMatchObject({ cause: { option: 'factory.create' } });
    expect((error as Error).message).toContain(`it returned ${nothing} (is a "return" missing?)`);
  });

  it('whose factory brings for one key what is in service under another is told so, and it is left alone', async () => {
    const shared = {};
    const destroy = jest.fn();
    const resources = new CachedResources('tenantDb', { create: () => shared, destroy });
    const lease = await resources.lease('acme');
    const error: unknown = await resources.lease('globex').catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ResourceCreationError);
    expect(error).toMatchObject({ cause: { option: 'factory.create' } });
    expect((error as Error).message).toContain('it returned one that is in service already. Give each key');
    await resources.delete('acme');
    await expect(resources.lease('acme')).rejects.toThrow('in service already');
    await settle();
    expect(destroy).not.toHaveBeenCalled();
    await lease.release();
    await settle();
    expect(destroy).toHaveBeenCalledTimes(1);
    expect((await resources.lease('globex')).resource).toBe(shared);
  });

  it('whose resources are never destroyed may have one under several keys', async () => {
    const shared = {};
    const resources = new CachedResources('shard', { create: () => shared });
    const leases = await Promise.all(['acme', 'globex'].map((key) => resources.lease(key)));
    expect(leases.map(({ resource }) => resource)).toEqual([shared, shared]);
  });

  it('whose methods can not be read is refused', () => {
    const factory = Object.defineProperty({}, 'create', {
      get: () => {
        throw new Error('secret');
      },
    });
    expect(() => new CachedResources('tenantDb', factory as never)).toThrow(InvalidOptionsError);
  });
});
