import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { CacheTimeoutError } from '../errors/cache/cache-timeout-error.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { UndeclaredKeyError } from '../errors/undeclared-key-error.js';
import { Deferred, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { scopeOf } from './current-scope.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ScopedLeaseProxy } from './scoped-lease.js';
import { type Session, Sessions } from '../coordinator/sessions.fixture.js';

const withSessions = (max = 2) => {
  const clock = new VirtualClock();
  const resources = {
    session: new Sessions().definition({ max }),
    db: { ...new Sessions().definition({ max }), pool: { keyed: { max: 5 } } },
  };
  const coordinator = new ResourceCoordinator({ clock, resources });
  const { cache } = coordinator;
  const session = new ScopedLeaseProxy<Session>(coordinator, 'session');
  const asked: string[] = [];
  const key = (): string => {
    asked.push('key');
    return 'acme';
  };
  const keyed = new ScopedLeaseProxy<Session>(coordinator, 'db', { key });
  const owners = (): string[] => coordinator.leases().map(({ owner }) => owner);
  return { clock, coordinator, cache, session, keyed, key, asked, owners };
};

describe('a load of the cache', () => {
  it('borrows in a scope of its own, which ends when it has settled', async () => {
    const { coordinator, cache, session, owners } = withSessions();
    const during: string[][] = [];
    await coordinator.run(
      async () => {
        const own = await session.acquire();
        await cache.wrap('a', async () => {
          expect(await session.acquire()).not.toBe(own);
          during.push(owners());
        });
        expect(owners()).toEqual(['job (run)']);
        expect(await session.acquire()).toBe(own);
      },
      { owner: 'job' },
    );
    expect(during).toEqual([['job (run)', 'cache["a"] (load)']]);
    expect(owners()).toEqual([]);
  });

  it('keeps a scope open whose own handle it works with, when its work has given the load up', async () => {
    const { clock, coordinator, cache, owners } = withSessions();
    const ready = new Deferred();
    const asked = coordinator.run(
      () => {
        const own = new ScopedLeaseProxy<Session>(coordinator, 'session', undefined, scopeOf(coordinator));
        const load = async (): Promise<void> => {
          await own.acquire();
          await ready.promise;
        };
        return cache.wrap('a', load, { timeout: 100 });
      },
      { owner: 'job' },
    );
    const failure = failureOf(asked);
    await settle();
    await clock.advance(200);
    expect(await failure).toBeInstanceOf(CacheTimeoutError);
    expect(owners()).toEqual(['job (run)']);
    ready.resolve();
    await settle();
    expect(owners()).toEqual([]);
  });

  it('goes on for the others when whoever asked first is over', async () => {
    const { coordinator, cache, session, owners } = withSessions();
    const ready = new Deferred();
    let first: Promise<number> | undefined;
    await coordinator.run(() => {
      first = cache.wrap('a', async () => {
        await session.acquire();
        await ready.promise;
        return session.resource.id;
      });
    });
    const second = coordinator.run(() => cache.wrap('a', () => -1));
    await settle();
    expect(owners()).toEqual(['cache["a"] (load)']);
    ready.resolve();
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    expect(owners()).toEqual([]);
  });

  it('is told when nobody waits any more, and keeps what it has until it has settled', async () => {
    const { coordinator, cache, session, owners } = withSessions();
    const ready = new Deferred();
    const caller = new AbortController();
    let told: AbortSignal | undefined;
    const asked = new Outcome(
      coordinator.run(() =>
        cache.wrap(
          'a',
          async ({ signal }) => {
            told = signal;
            await session.acquire();
            await ready.promise;
            return session.resource.id;
          },
          { signal: caller.signal },
        ),
      ),
    );
    await settle();
    caller.abort();
    await settle();
    expect([asked.state, told?.aborted, owners()]).toEqual(['rejected', true, ['cache["a"] (load)']]);
    ready.resolve();
    await settle();
    expect(owners()).toEqual([]);
  });

  it('keeps what it has when its time is up, until it has settled', async () => {
    const { clock, cache, session, owners } = withSessions();
    const ready = new Deferred();
    const load = async (): Promise<void> => {
      await session.acquire();
      await ready.promise;
    };
    const asked = failureOf(cache.wrap('a', load, { loadTimeout: 100 }));
    await settle();
    await clock.advance(200);
    expect(await asked).toBeInstanceOf(CacheTimeoutError);
    expect(owners()).toEqual(['cache["a"] (load)']);
    ready.resolve();
    await settle();
    expect(owners()).toEqual([]);
  });

  it('is the create of a cached type, too', async () => {
    const { coordinator, session, owners } = withSessions();
    const ready = new Deferred();
    coordinator.registerCached('report', {
      create: async () => {
        const { id } = await session.acquire();
        await ready.promise;
        return { id };
      },
    });
    const lease = coordinator.run(
      async () => (await coordinator.acquireCached<Session>('report', 'a')).resource.id,
      {
        owner: 'job',
      },
    );
    await settle();
    expect(owners()).toEqual(['report["a"] (load)']);
    ready.resolve();
    expect(await lease).toBe(1);
    expect(owners()).toEqual([]);
  });

  it('borrows when it refreshes a stale value in the background', async () => {
    const { clock, coordinator, cache, session, owners } = withSessions();
    const { load, ...options } = {
      load: async () => `${(await session.acquire()).id} at ${clock.now()}`,
      ttl: 1_000,
      staleWhileRevalidate: 10_000,
    };
    const ask = (): Promise<string> => coordinator.run(() => cache.wrap('a', load, options));
    const first = await ask();
    await clock.advance(2_000);
    expect(await ask()).toBe(first);
    await settle();
    expect(await ask()).toBe('1 at 1002000');
    expect(owners()).toEqual([]);
  });

  it('borrows when cache-manager has asked for it', async () => {
    const { coordinator, cache, session, owners } = withSessions();
    await coordinator.run(() =>
      cache.manager.wrap('a', async () => {
        await session.acquire();
        expect(owners()).toEqual(['cache["a"] (load)']);
      }),
    );
    expect(owners()).toEqual([]);
  });

  it('sees nothing of what the caller keeps in its asynchronous context', async () => {
    const { cache } = withSessions();
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const load = async (): Promise<void> => {
      seen.push(user.getStore());
      await settle();
      seen.push(user.getStore());
    };
    await user.run('Ada', async () => {
      await cache.wrap('a', load, { ttl: (value) => (seen.push(value, user.getStore()), 1) });
      expect(user.getStore()).toBe('Ada');
    });
    await user.run('Ada', () => cache.lease('b', load));
    expect(seen).toEqual(Array(6).fill(undefined));
  });

  it('may be a thenable that begins when it is awaited', async () => {
    const { coordinator, cache } = withSessions();
    const lazy = {
      // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
      then: (resolve: (kind: string | undefined) => void) => resolve(scopeOf(coordinator)?.kind),
    } as PromiseLike<string | undefined>;
    expect(await coordinator.run(() => cache.wrap('a', () => lazy))).toBe('load');
  });

  it('still borrows while draining when work that goes on has asked, whoever asked first', async () => {
    const { coordinator, cache, session } = withSessions();
    const [begun, ready] = [new Deferred(), new Deferred()];
    const load = async (): Promise<number> => {
      await ready.promise;
      return (await session.acquire()).id;
    };
    const old = coordinator.run(async () => {
      await begun.promise;
      return await Promise.all([cache.wrap('joined', load), cache.wrap('own', load)]);
    });
    coordinator.startDraining();
    const late = coordinator.run(() => cache.wrap('joined', load));
    const alone = failureOf(coordinator.run(() => cache.wrap('alone', load)));
    begun.resolve();
    await settle();
    ready.resolve();
    expect(await Promise.all([old, late])).toEqual([[1, 2], 1]);
    expect(await alone).toMatchObject({ name: 'PoolClosedError' });
  });
});

describe('within a load, a borrow by a key of the request', () => {
  type Tools = ReturnType<typeof withSessions>;
  const WAYS: [string, (tools: Tools) => unknown][] = [
    ['acquire()', ({ keyed }) => keyed.acquire()],
    ['use()', ({ keyed }) => keyed.use(() => 1)],
    ['release()', ({ keyed }) => keyed.release()],
    ['resource', async ({ keyed }) => keyed.resource],
    ['acquire() in a run()', ({ coordinator, keyed }) => coordinator.run(() => keyed.acquire())],
    ['use() in a use()', ({ session, keyed }) => session.use(() => keyed.use(() => 1))],
    ['acquire() in a load inside', ({ cache, keyed }) => cache.wrap('inner', () => keyed.acquire())],
    ['acquire() in a lease inside', ({ cache, keyed }) => cache.lease('inner', () => keyed.acquire())],
    [
      'acquire() from a timer',
      ({ keyed }) => new Promise((resolve) => setTimeout(() => resolve(keyed.acquire()))),
    ],
  ];

  it.each(WAYS)('is refused: %s', async (_, borrow) => {
    const tools = withSessions();
    const { coordinator, cache, asked } = tools;
    const failure = await failureOf(coordinator.run(() => cache.wrap('total', () => borrow(tools))));
    expect(failure).toBeInstanceOf(UndeclaredKeyError);
    expect(failure).toMatchObject({ type: 'db', entry: expect.stringMatching(/^cache\["(total|inner)"\]$/) });
    expect((failure as Error).message).toContain('coordinator.acquire("db", { key })');
    expect(asked).toEqual([]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is refused after the load, in what it has left behind', async () => {
    const { coordinator, cache, keyed } = withSessions();
    const gate = new Deferred();
    let left: Promise<unknown> | undefined;
    await coordinator.run(() =>
      cache.wrap('total', () => {
        left = failureOf(gate.promise.then(() => keyed.use(() => 1)));
      }),
    );
    gate.resolve();
    expect(await left).toBeInstanceOf(UndeclaredKeyError);
  });

  it('is refused by a handle that is bound to a request, too', async () => {
    const { coordinator, cache, key } = withSessions();
    await coordinator.run(async () => {
      const bound = new ScopedLeaseProxy<Session>(coordinator, 'db', { key }, scopeOf(coordinator));
      await bound.acquire();
      const touches: (() => unknown)[] = [
        () => bound.resource,
        () => bound.acquire(),
        () => bound.use(() => 1),
      ];
      for (const touch of touches)
        expect(await failureOf(cache.wrap('total', touch))).toBeInstanceOf(UndeclaredKeyError);
      expect(bound.resource).toBeDefined();
    });
  });

  it('is refused in work that is bound to a request, too', async () => {
    const { coordinator, cache, session, keyed } = withSessions();
    await coordinator.run(async () => {
      const own = await session.acquire();
      const bound = session.bind(async (work: () => unknown) => {
        expect(await session.acquire()).toBe(own);
        return await session.use(() => work());
      });
      expect(await bound(() => keyed.use(() => 1))).toBe(1);
      for (const work of [() => keyed.acquire(), () => coordinator.run(() => keyed.acquire())])
        expect(await failureOf(cache.wrap('total', () => bound(work)))).toBeInstanceOf(UndeclaredKeyError);
    });
  });

  it('gets the value that the entry declares, and the function is not called', async () => {
    const { coordinator, cache, keyed, key, asked } = withSessions();
    const origin = { place: 'Reports.total', by: new Map([[key, 'globex']]) };
    const load = async (): Promise<unknown[]> => {
      await keyed.acquire();
      await coordinator.run(() => keyed.use(() => 1));
      return coordinator.leases();
    };
    expect(await cache.wrap('total', load, { origin })).toMatchObject([
      { owner: 'Reports.total (load)', key: 'globex' },
    ]);
    expect(asked).toEqual([]);
  });

  it('finds nothing in a load inside, which declares nothing', async () => {
    const { cache, keyed, key } = withSessions();
    const origin = { place: 'Reports.total', by: new Map([[key, 'globex']]) };
    const load = () => cache.wrap('inner', () => keyed.acquire());
    expect(await failureOf(cache.wrap('total', load, { origin }))).toMatchObject({ entry: 'cache["inner"]' });
  });

  it('may have its key given', async () => {
    const { coordinator, cache } = withSessions();
    const load = async () => (await coordinator.acquire<Session>('db', { key: 'acme' })).resource.id;
    expect(await cache.wrap('total', load)).toBe(1);
    expect(coordinator.leases()).toEqual([]);
  });

  it('counts as the load, where only the tenant or the priority is found in the request', async () => {
    const { coordinator, cache, key } = withSessions();
    const calls: string[] = [];
    const terms = {
      tenant: () => (calls.push('tenant'), 'x'),
      priority: () => (calls.push('priority'), 1),
    };
    const handle = new ScopedLeaseProxy<Session>(coordinator, 'session', terms);
    await cache.wrap('a', () => handle.acquire());
    const declared = new ScopedLeaseProxy<Session>(coordinator, 'session', { tenant: key });
    await cache.wrap('b', () => declared.acquire(), { origin: { place: 'b', by: new Map([[key, 'acme']]) } });
    expect(calls).toEqual([]);
  });
});

describe('what a load fails with', () => {
  it('names to each who waits for it nobody else', async () => {
    const { coordinator } = withSessions();
    coordinator.registerCached('report', {
      create: () => {
        throw new Error('no answer');
      },
    });
    const ask = (owner: string) =>
      failureOf(coordinator.run(() => coordinator.acquireCached('report', 'a'), { owner }));
    const [one, two] = await Promise.all([ask('one'), ask('two')]);
    expect(one).toMatchObject({ name: 'ResourceCreationError', owner: 'one (run)' });
    expect(two).toMatchObject({ name: 'ResourceCreationError', owner: 'two (run)' });
    expect(String(one)).not.toContain('two');
  });
});

describe('what a scope has of the pools and of the caches', () => {
  it('is told apart, whatever the names are', async () => {
    const { coordinator } = withSessions();
    const create = (name: string) => ({ create: ({ key }: { key: string }) => `${name} of ${key}` });
    for (const name of ['a', 'a (b)', 'session']) coordinator.registerCached(name, create(name));
    await coordinator.run(async () => {
      const scope = scopeOf(coordinator);
      const lease = (type: string, key: string) => scope?.acquire(type, { source: 'cache', key });
      expect(await lease('a', 'b) (c')).toBe('a of b) (c');
      expect(await lease('a (b)', 'c')).toBe('a (b) of c');
      expect(await lease('session', 'x')).toBe('session of x');
      expect(await scope?.acquire('session')).toEqual({ id: 1 });
      expect(scope?.resource('cache', 'a', 'b) (c')).toBe('a of b) (c');
      expect(scope?.resource('pool', 'session')).toEqual({ id: 1 });
      await scope?.release('cache', 'session', 'x');
      expect(() => scope?.resource('cache', 'session', 'x')).toThrow();
      expect(scope?.resource('pool', 'session')).toEqual({ id: 1 });
    });
    expect(coordinator.leases()).toEqual([]);
  });
});

describe('a load that has ended', () => {
  it('lends nothing more to what it has left behind', async () => {
    const { cache, session } = withSessions();
    let left: (() => Promise<unknown>) | undefined;
    await cache.wrap('a', async () => {
      await session.acquire();
      const gate = new Deferred();
      const work = gate.promise.then(() => failureOf(() => session.acquire()));
      left = () => {
        gate.resolve();
        return work;
      };
    });
    expect(await left?.()).toBeInstanceOf(LeaseReleasedError);
  });
});
