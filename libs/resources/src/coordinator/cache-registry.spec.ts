import { describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import { CacheEvents } from '../cache/cache-events.js';
import { KeyvSix } from '../cache/keyv/keyv-six.fixture.js';
import { CacheClosedError } from '../errors/cache/cache-closed-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { Deferred, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';

interface Db {
  readonly tenant: string;
  closed: boolean;
}

function start(options: ConstructorParameters<typeof ResourceCoordinator>[0] = {}) {
  const clock = new VirtualClock();
  const made: Db[] = [];
  const tenantDb = {
    create: ({ key }: { key: string }): Db => {
      const db = { tenant: key, closed: false };
      made.push(db);
      return db;
    },
    destroy: (db: Db) => {
      db.closed = true;
    },
    cache: { max: 2 },
  };
  const coordinator = new ResourceCoordinator({ clock, cachedResources: { tenantDb }, ...options });
  return { clock, coordinator, made, lease: (key: string) => coordinator.acquireCached<Db>('tenantDb', key) };
}

describe('cached resource types of a coordinator', () => {
  it('lend one resource per key, to all who ask', async () => {
    const { coordinator, made, lease } = start();
    const [a, again, b] = [await lease('a'), await lease('a'), await lease('b')];
    expect([a.resource, again.resource, b.resource]).toEqual([made[0], made[0], made[1]]);
    expect(coordinator.leases().map(({ id }) => id)).toEqual(['tenantDb#1', 'tenantDb#2', 'tenantDb#3']);
    expect(coordinator.stats().cachedResources).toMatchObject({ tenantDb: { inUse: 2, hits: 1, misses: 2 } });
  });

  it('end their leases with the scope', async () => {
    const { coordinator, lease } = start();
    const kept = await coordinator.run(() => lease('a'), { owner: 'job' });
    expect(() => kept.resource).toThrow(LeaseReleasedError);
    expect(coordinator.leases()).toEqual([]);
  });

  it('take a lease back that comes when its scope has ended', async () => {
    const { coordinator, made } = start();
    const created = new Deferred();
    coordinator.registerCached('slow', { create: () => created.promise.then(() => ({})) });
    let asked: Outcome<unknown> | undefined;
    await coordinator.run(() => {
      asked = new Outcome(coordinator.acquireCached('slow', 'a'));
    });
    created.resolve();
    await settle();
    expect(asked?.error).toBeInstanceOf(LeaseReleasedError);
    expect([coordinator.leases(), made]).toEqual([[], []]);
  });

  it('are given back through the coordinator', async () => {
    const { coordinator, lease } = start();
    const a = await lease('a');
    await coordinator.release(a);
    expect(a.ended).toBe(true);
  });

  it('forget a key, or all', async () => {
    const { coordinator, made, lease } = start();
    const tenants = coordinator.cachedResources.get('tenantDb');
    await (await lease('a')).release();
    expect([await tenants?.delete('a'), await tenants?.delete('a')]).toEqual([true, false]);
    await (await lease('b')).release();
    await tenants?.clear();
    await settle();
    expect(made.every(({ closed }) => closed)).toBe(true);
  });

  it('may do without destroy', async () => {
    const { coordinator } = start({ cachedResources: { plain: { create: () => ({}) } } });
    await (await coordinator.acquireCached('plain', 'a')).release();
    expect((await coordinator.cleanup()).clean).toBe(true);
  });

  it('report a destruction that fails as an event', async () => {
    const { coordinator } = start();
    const destroy = () => Promise.reject(new Error('stuck'));
    coordinator.registerCached('stuck', { create: () => ({}), destroy });
    const heard = jest.fn();
    const subscription = coordinator.events$.subscribe(heard);
    await (await coordinator.acquireCached('stuck', 'a')).release();
    await coordinator.cachedResources.get('stuck')?.clear();
    await settle();
    expect(heard.mock.calls).toEqual([
      [{ kind: 'destroyFailed', type: 'stuck', key: 'a', cause: new Error('stuck') }],
    ]);
    subscription.unsubscribe();
    await (await coordinator.acquireCached('stuck', 'a')).release();
    await coordinator.cleanup();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('are validated by their factory before they are lent again, and those that fail are replaced', async () => {
    const { clock, coordinator } = start();
    class Factory {
      readonly dead = new Set<object>();
      create(): object {
        return {};
      }
      validate(resource: object): boolean {
        return !this.dead.has(resource);
      }
    }
    const factory = new Factory();
    coordinator.registerCached('mortal', factory, { validation: { aliveBypass: '1s' } });
    const heard = jest.fn();
    coordinator.events$.subscribe(heard);
    const lend = (): Promise<object> =>
      coordinator.run(async () => {
        const { resource } = await coordinator.acquireCached<object>('mortal', 'a');
        return resource;
      });
    const first = await lend();
    await clock.advance(1_000);
    expect(await lend()).toBe(first);
    factory.dead.add(first);
    expect(await lend()).toBe(first);
    await clock.advance(1_000);
    expect(await lend()).not.toBe(first);
    const cause = new Error('validate did not return true');
    expect(heard.mock.calls).toEqual([[{ kind: 'validationFailed', type: 'mortal', key: 'a', cause }]]);
    expect(coordinator.stats().cachedResources['mortal']).toMatchObject({ evictions: { invalid: 1 } });
  });

  it('are refused to work that begins while draining, and not to work that has begun', async () => {
    const { coordinator, lease } = start();
    const draining = new Deferred();
    const begun = coordinator.run(async () => {
      await draining.promise;
      return (await lease('a')).resource.tenant;
    });
    coordinator.startDraining();
    await expect(lease('a')).rejects.toThrow(CacheClosedError);
    draining.resolve();
    expect(await begun).toBe('a');
  });

  it('end with the coordinator, which says who still held what', async () => {
    const { clock, coordinator, made, lease } = start();
    const a = await lease('a');
    await (await lease('b')).release();
    const held = await coordinator.cache.lease('c', () => 'by hand', { owner: 'Ada' });
    const cleaning = new Outcome(coordinator.cleanup({ deadline: 1_000 }));
    await clock.advance(1_000);
    expect(cleaning.value).toMatchObject({
      clean: false,
      held: [
        { id: 'tenantDb#1', owner: 'anonymous' },
        { id: 'cache#1', owner: 'Ada' },
      ],
    });
    expect([made.every(({ closed }) => closed), a.ended, held.ended]).toEqual([true, true, true]);
    await expect(lease('a')).rejects.toThrow(CacheClosedError);
    expect(() => coordinator.registerCached('late', { create: () => 1 })).toThrow(CacheClosedError);
  });

  it('that nobody registered are told with the known ones', async () => {
    const { coordinator } = start();
    await expect(coordinator.acquireCached('tenantDB', 'a')).rejects.toThrow(UnknownResourceError);
    await expect(coordinator.acquireCached('tenantDB', 'a')).rejects.toThrow('known: tenantDb');
  });

  it.each([
    [
      { tenantDb: {} },
      '"cachedResources.tenantDb.create" must be a function that makes a resource; got undefined',
    ],
    [{ tenantDb: 5 }, '"cachedResources.tenantDb" must be a factory with a "create" method; got 5'],
    [
      { tenantDb: { create: () => 1, destroy: 5 } },
      '"cachedResources.tenantDb.destroy" must be a function when given; got 5',
    ],
    [
      { tenantDb: { create: () => 1, validate: true } },
      '"cachedResources.tenantDb.validate" must be a function when given; got true',
    ],
    [
      { tenantDb: { create: () => 1, cache: { validation: { onBorrow: true } } } },
      '"cachedResources.tenantDb.cache.validation.onBorrow" needs a factory with a "validate" method',
    ],
    [
      { tenantDb: { create: () => 1, dispose: () => undefined } },
      '"cachedResources.tenantDb.dispose" is never called; what ends the life of a resource is called "destroy".',
    ],
    [
      { tenantDb: { create: () => 1, idleTtl: '1m' } },
      '"cachedResources.tenantDb.idleTtl" is an option of the cache: put it under "cache".',
    ],
    [
      { tenantDb: { create: () => 1, cache: { max: 0 } } },
      '"cachedResources.tenantDb.cache.max" must be a whole number',
    ],
    [
      { tenantDb: { create: () => 1, cache: { stores: [new Keyv()] } } },
      '"cachedResources.tenantDb.cache.stores" is for values only',
    ],
    [{ '': { create: () => 1 } }, '"cachedResources" has a resource type without a name'],
    [null, '"cachedResources" must be an object of factories by resource type; got null'],
  ] as [unknown, string][])('are refused when they cannot work (%#)', (cachedResources, problem) => {
    const create = (): ResourceCoordinator =>
      new ResourceCoordinator({ cachedResources: cachedResources as never });
    expect(create).toThrow(InvalidOptionsError);
    expect(create).toThrow(problem);
  });

  it('are refused twice', () => {
    const { coordinator } = start();
    expect(() => coordinator.registerCached('tenantDb', { create: () => 1 })).toThrow(
      'is registered already',
    );
  });
});

describe('the events of a coordinator', () => {
  it('tell which values leave its cache, while somebody listens, and are no trouble', async () => {
    const { coordinator } = start();
    const made = jest.spyOn(CacheEvents.prototype, 'emit');
    await coordinator.cache.put('a', 1);
    await coordinator.cache.delete('a');
    expect(made).not.toHaveBeenCalled();
    const heard: unknown[] = [];
    const subscription = coordinator.events$.subscribe((event) => heard.push(event));
    await coordinator.cache.put('b', 1);
    await coordinator.cache.delete('b');
    subscription.unsubscribe();
    await coordinator.cache.put('c', 1);
    await coordinator.cache.delete('c');
    expect(heard).toEqual([{ kind: 'removed', type: 'cache', key: 'b', reason: 'deleted' }]);
    expect(coordinator.stats().troubles).toEqual([]);
    made.mockRestore();
  });

  it('tell what fails in a type that was registered while somebody listened', async () => {
    const { coordinator } = start();
    const heard: unknown[] = [];
    coordinator.events$.subscribe((event) => heard.push(event));
    coordinator.registerCached('late', { create: () => Promise.reject(new Error('down')) });
    await expect(coordinator.acquireCached('late', 'a')).rejects.toThrow('down');
    expect(heard).toMatchObject([{ kind: 'creationFailed', type: 'late', key: 'a' }]);
    expect(coordinator.stats().troubles).toMatchObject([{ source: 'cache', type: 'late' }]);
    await coordinator.cleanup();
  });
});

describe('the start of a coordinator', () => {
  it('fails for a Keyv that does not work, and ends what has begun', async () => {
    const { coordinator } = start({ cache: { stores: [new KeyvSix() as never] } });
    await expect(coordinator.warmUp()).rejects.toThrow('npm install keyv@^5.6.0');
    expect(coordinator.stats().phase).toBe('stopped');
  });
});
