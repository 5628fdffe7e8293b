import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { ResourcePool } from '../pool/resource-pool.js';
import { settle } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import type { CoordinatorEvent } from '../reports/coordinator-event.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { type Session, Sessions } from './sessions.fixture.js';

const withSessions = (max = 2) => {
  const sessions = new Sessions();
  const coordinator = new ResourceCoordinator({ resources: { session: sessions.definition({ max }) } });
  return { sessions, coordinator };
};

describe('ResourceCoordinator', () => {
  it('acquires by type, lends the same resource again, caches with a hit rate, and leaves no pools', async () => {
    const { sessions, coordinator } = withSessions();

    const first = await coordinator.acquire<Session>('session');
    const { resource } = first;
    expect(resource).toEqual({ id: 1 });
    await coordinator.release(resource);
    const second = await coordinator.acquire<Session>('session');
    expect(second.resource).toBe(resource);
    await second.release();

    await coordinator.cache.put('greeting', { text: 'hello' });
    expect(await coordinator.getCached('greeting')).toEqual({ text: 'hello' });
    expect(coordinator.cache.stats.hitRate).toBeGreaterThan(0);

    await coordinator.cleanup();
    expect(coordinator.pools.size).toBe(0);
    expect(sessions).toMatchObject({ created: 1, alive: 0 });
  });

  describe('acquire', () => {
    it('names an unknown type and the known ones', async () => {
      const { coordinator } = withSessions();
      const failure = await failureOf(coordinator.acquire('sesion'));
      expect(failure).toBeInstanceOf(UnknownResourceError);
      expect(failure).toMatchObject({ type: 'sesion', known: ['session'] });
      expect((failure as Error).message).toContain(
        'No resource type "sesion" is registered (known: session)',
      );
    });

    it('says so when no type is known at all', async () => {
      const failure = await failureOf(new ResourceCoordinator().acquire('session'));
      expect((failure as Error).message).toContain('(known: none)');
    });

    it('hands time-out, signal and owner to the pool', async () => {
      const { coordinator } = withSessions(1);
      const held = await coordinator.acquire('session', { owner: 'the holder' });
      const signal = AbortSignal.abort(new Error('changed my mind'));
      expect(await failureOf(coordinator.acquire('session', { signal }))).toMatchObject({
        name: 'AcquireAbortedError',
        cause: new Error('changed my mind'),
      });
      expect(await failureOf(coordinator.acquire('session', { timeout: -1 }))).toBeInstanceOf(
        InvalidOptionsError,
      );
      expect(coordinator.leases()).toMatchObject([{ type: 'session', owner: 'the holder' }]);
      await held.release();
    });

    it('gives a lease that `await using` can end', async () => {
      const { coordinator } = withSessions();
      const lease = await coordinator.acquire('session');
      await lease[Symbol.asyncDispose]();
      expect(lease.ended).toBe(true);
      expect(coordinator.leases()).toEqual([]);
    });
  });

  describe('tryAcquire', () => {
    it('borrows what is idle, and does without when nothing is', async () => {
      const { coordinator } = withSessions();
      expect(coordinator.tryAcquire('session')).toBeUndefined();
      await coordinator.use('session', () => undefined);
      await settle();
      const lease = coordinator.tryAcquire<Session>('session');
      expect(lease?.resource).toEqual({ id: 1 });
      expect(coordinator.tryAcquire('session')).toBeUndefined();
      await lease?.release();
    });

    it('names an unknown type', () => {
      expect(() => withSessions().coordinator.tryAcquire('sesion')).toThrow(UnknownResourceError);
    });
  });

  describe('use', () => {
    it('returns what the work returns, and has given back by then', async () => {
      const { coordinator } = withSessions();
      const id = await coordinator.use<Session, number>('session', ({ id }, lease) => {
        expect(lease.resource.id).toBe(id);
        expect(coordinator.leases()).toHaveLength(1);
        return id;
      });
      expect(id).toBe(1);
      expect(coordinator.leases()).toEqual([]);
    });

    it('gives back when the work throws, at once or later', async () => {
      const { coordinator } = withSessions();
      const fail = () => {
        throw new Error('work failed');
      };
      expect(await failureOf(coordinator.use('session', fail))).toEqual(new Error('work failed'));
      expect(await failureOf(coordinator.use('session', async () => fail()))).toEqual(
        new Error('work failed'),
      );
      expect(coordinator.leases()).toEqual([]);
    });

    it('retires the resource whose work threw a fatal error', async () => {
      const { sessions, coordinator } = withSessions();
      void coordinator.reconfigure('session', { validation: { isFatal: () => true } });
      await failureOf(coordinator.use('session', () => Promise.reject(new Error('connection terminated'))));
      expect(sessions.destroyed).toEqual([1]);
    });

    it('lets the work end the loan itself', async () => {
      const { sessions, coordinator } = withSessions();
      await coordinator.use('session', (_session, lease) => lease.invalidate());
      expect(sessions.destroyed).toEqual([1]);
    });
  });

  describe('release', () => {
    it('takes a lease twice, and the second time touches nobody', async () => {
      const { coordinator } = withSessions(1);
      const first = await coordinator.acquire('session');
      await coordinator.release(first);
      const second = await coordinator.acquire('session');
      await coordinator.release(first);
      expect(second.ended).toBe(false);
      expect(() => first.resource).toThrow(LeaseReleasedError);
      await second.release();
    });

    it('finds the lease of a resource', async () => {
      const { coordinator } = withSessions();
      const lease = await coordinator.acquire('session');
      await coordinator.release(lease.resource);
      expect(lease.ended).toBe(true);
    });

    it.each([false, true])(
      "leaves another scope's loan alone, also where dropped leases are reclaimed: %s",
      async (reclaimCollected) => {
        const coordinator = new ResourceCoordinator({
          resources: { session: { create: () => ({}), pool: { leaks: { reclaimCollected } } } },
        });
        await coordinator.run(async () => {
          const lease = await coordinator.acquire('session');
          const { resource } = lease;
          const elsewhere = coordinator.run(() => coordinator.release(resource));
          expect(await failureOf(elsewhere)).toBeInstanceOf(UnknownResourceError);
          expect(lease.ended).toBe(false);
        });
      },
    );

    it('refuses what was never on loan, and names the pools', async () => {
      const { coordinator } = withSessions();
      for (const stranger of [{ id: 1 }, 'session', undefined]) {
        const failure = await failureOf(coordinator.release(stranger));
        expect(failure).toBeInstanceOf(UnknownResourceError);
        expect((failure as Error).message).toContain(
          'neither a lease nor a resource on loan here (pools: session)',
        );
      }
    });

    it('refuses a resource that went back before', async () => {
      const { coordinator } = withSessions();
      const lease = await coordinator.acquire('session');
      const { resource } = lease;
      await lease.release();
      expect(await failureOf(coordinator.release(resource))).toBeInstanceOf(UnknownResourceError);
    });

    it('refuses a resource that another scope holds', async () => {
      const { coordinator } = withSessions();
      await coordinator.run(async () => {
        const lease = await coordinator.acquire('session');
        const { resource } = lease;
        expect(
          await failureOf(coordinator.run(() => coordinator.release(resource), { owner: 'other' })),
        ).toBeInstanceOf(UnknownResourceError);
        expect(lease.ended).toBe(false);
        await coordinator.release(resource);
        expect(lease.ended).toBe(true);
      });
    });

    it('refuses a resource that work in another scope uses', async () => {
      const { coordinator } = withSessions(1);
      const { resource } = await coordinator.run(async () => {
        const lease = await coordinator.acquire('session');
        return { resource: lease.resource };
      });
      await coordinator.run(() =>
        coordinator.use('session', async (borrowed, lease) => {
          expect(borrowed).toBe(resource);
          const late = coordinator.run(() => coordinator.release(resource));
          expect(await failureOf(late)).toBeInstanceOf(UnknownResourceError);
          expect(lease.ended).toBe(false);
          await coordinator.release(resource);
          expect(lease.ended).toBe(true);
        }),
      );
    });

    it('finds the own lease among several of equal resources', async () => {
      const licence = 'seat';
      const coordinator = new ResourceCoordinator({ resources: { licence: { create: () => licence } } });
      await coordinator.run(async () => {
        const others = await coordinator.acquire('licence');
        await coordinator.run(async () => {
          const own = await coordinator.acquire('licence');
          await coordinator.release(licence);
          expect(own.ended).toBe(true);
          expect(others.ended).toBe(false);
        });
      });
    });
  });

  describe('stats and leases', () => {
    it('count over all pools, scopes and the cache', async () => {
      const coordinator = new ResourceCoordinator({
        resources: { a: new Sessions().definition(), b: new Sessions().definition() },
      });
      await coordinator.run(
        async () => {
          await coordinator.acquire('a');
          expect(coordinator.stats()).toMatchObject({
            phase: 'registered',
            phases: { a: 'registered', b: 'registered' },
            scopes: 1,
            pools: { a: { leased: 1, acquired: 1 }, b: { leased: 0 } },
            cache: { hits: 0, misses: 0, hitRate: 0, size: 0 },
          });
          expect(coordinator.leases()).toMatchObject([{ id: 'a#1', type: 'a', owner: 'job (run)' }]);
        },
        { owner: 'job' },
      );
      expect(coordinator.stats()).toMatchObject({ scopes: 0, pools: { a: { released: 1 } } });
    });
  });

  describe('events$', () => {
    it('tells what happens in all pools, those registered later included', async () => {
      const { coordinator } = withSessions();
      const events: CoordinatorEvent[] = [];
      const subscription = coordinator.events$.subscribe((event) => events.push(event));
      coordinator.register('late', new Sessions().definition());
      await coordinator.use('session', () => undefined, { owner: 'someone' });
      await coordinator.use('late', () => undefined);
      expect(events.filter(({ kind }) => kind === 'acquired' || kind === 'released')).toEqual([
        { kind: 'acquired', type: 'session', resourceId: 1, owner: 'someone' },
        { kind: 'released', type: 'session', resourceId: 1, owner: 'someone' },
        { kind: 'acquired', type: 'late', resourceId: 1, owner: 'anonymous' },
        { kind: 'released', type: 'late', resourceId: 1, owner: 'anonymous' },
      ]);
      subscription.unsubscribe();
    });

    it('looks at a pool only while somebody subscribes', async () => {
      const { coordinator } = withSessions();
      const pool = coordinator.pools.get('session') as ResourcePool<unknown>;
      const detach = jest.fn();
      const observe = jest.spyOn(pool, 'observe').mockReturnValue(detach);
      expect(observe).not.toHaveBeenCalled();
      const subscription = coordinator.events$.subscribe();
      expect(observe).toHaveBeenCalledTimes(1);
      subscription.unsubscribe();
      expect(detach).toHaveBeenCalledTimes(1);
    });

    it('is the same for every subscriber, and ends for one alone', async () => {
      const { coordinator } = withSessions();
      const [first, second] = [jest.fn(), jest.fn()];
      const subscription = coordinator.events$.subscribe(first);
      coordinator.events$.subscribe(second);
      await coordinator.use('session', () => undefined);
      const heard = first.mock.calls.length;
      subscription.unsubscribe();
      await coordinator.use('session', () => undefined);
      expect(first).toHaveBeenCalledTimes(heard);
      expect(second.mock.calls.length).toBeGreaterThan(heard);
    });

    it('hears of a pool until it is gone', async () => {
      const { coordinator } = withSessions();
      const kinds: string[] = [];
      coordinator.events$.subscribe(({ kind }) => kinds.push(kind));
      await coordinator.use('session', () => undefined);
      await coordinator.unregister('session');
      expect(kinds).toEqual(['created', 'acquired', 'released', 'retired', 'destroyed']);
    });
  });

  it('refuses options that cannot work before anything starts', () => {
    expect(() => new ResourceCoordinator({ drainTimeout: 'soon' })).toThrow('"drainTimeout"');
    expect(() => new ResourceCoordinator({ cache: { max: 0 } })).toThrow('"cache.max"');
    expect(() => new ResourceCoordinator({ resources: { a: {} as never } })).toThrow('"resources.a.create"');
  });
});
