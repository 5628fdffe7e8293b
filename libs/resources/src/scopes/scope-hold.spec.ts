import { describe, expect, it } from '@jest/globals';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { scopeOf } from './current-scope.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { Gate } from '../coordinator/gate.fixture.js';
import type { LeaseScope } from './lease-scope.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ScopedLeaseProxy } from './scoped-lease.js';
import { type Session, Sessions } from '../coordinator/sessions.fixture.js';

const withSessions = (max = 1) => {
  const sessions = new Sessions();
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    resources: { session: sessions.definition({ max }) },
  });
  const handle = new ScopedLeaseProxy<Session>(coordinator, 'session');
  return { sessions, clock, coordinator, handle };
};

const loans = (coordinator: ResourceCoordinator) => coordinator.stats().pools['session']?.acquired;

describe('one resource of a type in a scope', () => {
  it('is had by every way of asking, with a single resource in the pool', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      const scope = scopeOf(coordinator) as LeaseScope;
      const session = await handle.acquire();
      expect((await coordinator.acquire('session')).resource).toBe(session);
      expect(coordinator.tryAcquire('session')?.resource).toBe(session);
      expect((await coordinator.acquireAll(['session']))[0].resource).toBe(session);
      expect(scope.tryAcquire('session')).toBe(true);
      await coordinator.use('session', async (outer) => {
        expect(outer).toBe(session);
        expect(await handle.use((inner) => inner === session)).toBe(true);
        expect(await coordinator.use('session', (inner) => inner === session)).toBe(true);
      });
    });
    expect(loans(coordinator)).toBe(1);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is shared by all who ask at the same time', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      const [scoped, lease, used] = await Promise.all([
        handle.acquire(),
        coordinator.acquire('session'),
        coordinator.use('session', (session) => session),
      ]);
      expect(lease.resource).toBe(scoped);
      expect(used).toBe(scoped);
      expect(coordinator.tryAcquire('session')?.resource).toBe(scoped);
    });
    expect(loans(coordinator)).toBe(1);
  });

  it('is not tried for while it is on its way', async () => {
    const { coordinator } = withSessions(2);
    await coordinator.use('session', () => undefined);
    await settle();
    await coordinator.run(async () => {
      await coordinator.acquire('session', { separate: true });
      const coming = coordinator.acquire('session');
      expect(coordinator.tryAcquire('session')).toBeUndefined();
      await coming;
    });
  });

  it('goes back when the last who holds it lets go', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(async () => {
      const first = await coordinator.acquire('session');
      const second = await coordinator.acquire('session');
      await first.release();
      await first.release();
      expect(coordinator.leases()).toHaveLength(1);
      expect([first.ended, second.ended]).toEqual([true, false]);
      await coordinator.use('session', async () => {
        await second.release();
        expect(coordinator.leases()).toHaveLength(1);
      });
      expect(coordinator.leases()).toEqual([]);
    });
  });

  it('stays with the scope while the scoped lease has it, whoever else lets go', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      const lease = await coordinator.acquire('session');
      const session = await handle.acquire();
      await handle.acquire();
      await lease.release();
      await coordinator.use('session', () => undefined);
      expect(handle.resource).toBe(session);
      await handle.release();
      expect(coordinator.leases()).toEqual([]);
      expect(() => handle.resource).toThrow(NoLeaseScopeError);
    });
    expect(loans(coordinator)).toBe(1);
  });

  it('outlives the scoped lease that lets go of it, for the others', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      const session = await handle.acquire();
      const lease = await coordinator.acquire('session');
      await handle.release();
      expect(lease.resource).toBe(session);
      expect(await handle.acquire()).toBe(session);
    });
  });

  it('is refused to the scoped lease that let go of it on its way, and comes to the others', async () => {
    const { coordinator, handle } = withSessions();
    const held = await coordinator.acquire('session');
    await coordinator.run(async () => {
      const scoped = failureOf(handle.acquire());
      const lease = coordinator.acquire('session');
      const releasing = handle.release();
      await held.release();
      await releasing;
      expect(await scoped).toBeInstanceOf(LeaseReleasedError);
      expect((await lease).ended).toBe(false);
    });
  });

  it('refuses a use after the end of the own lease, although others have it', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(async () => {
      const mine = await coordinator.acquire('session', { owner: 'mine' });
      const other = await coordinator.acquire<Session>('session');
      await mine[Symbol.asyncDispose]();
      expect(() => mine.resource).toThrow(LeaseReleasedError);
      expect(() => mine.resource).toThrow('mine');
      expect(other.resource).toEqual({ id: 1 });
      expect(other.age).toBe(0);
    });
  });

  it('is broken for all when one says so, and the scope takes another', async () => {
    const { sessions, coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      await handle.acquire();
      const first = await coordinator.acquire('session');
      const second = await coordinator.acquire('session');
      await first.invalidate(new Error('broken'));
      await first.invalidate();
      expect(sessions.destroyed).toEqual([1]);
      expect([first.ended, second.ended]).toEqual([true, true]);
      expect(() => handle.resource).toThrow(LeaseReleasedError);
      expect(await handle.acquire()).toEqual({ id: 2 });
      await second.release();
      await second.invalidate();
      expect(handle.resource).toEqual({ id: 2 });
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('is found by the resource: the lease taken last ends first, the scoped one at the end', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      const session = await handle.acquire();
      const first = await coordinator.acquire('session');
      const second = await coordinator.acquire('session');
      await coordinator.release(session);
      expect([first.ended, second.ended]).toEqual([false, true]);
      await coordinator.release(first);
      await coordinator.release(session);
      expect(coordinator.leases()).toEqual([]);
    });
  });

  it('keeps the scope open for the work of a use(), and ends with it', async () => {
    const { coordinator } = withSessions(2);
    const gate = new Gate();
    const { work, lease } = await coordinator.run(async () => {
      const lease = await coordinator.acquire('session');
      const work = coordinator.use('session', async (session) => {
        await gate.opened;
        expect((await coordinator.acquire('session')).resource).toBe(session);
      });
      return { work, lease };
    });
    expect(lease.ended).toBe(false);
    gate.open();
    await work;
    expect(lease.ended).toBe(true);
    expect(coordinator.stats()).toMatchObject({ scopes: 0 });
  });
});

describe('a separate loan', () => {
  it('is a resource of its own, which nobody shares', async () => {
    const { coordinator, handle } = withSessions(4);
    await coordinator.run(async () => {
      const shared = await handle.acquire();
      const lease = await coordinator.acquire<Session>('session', { separate: true });
      const used = await coordinator.use<Session, Session>('session', (session) => session, {
        separate: true,
      });
      await settle();
      const tried = coordinator.tryAcquire<Session>('session', { separate: true, owner: 'trying' });
      expect(new Set([shared, lease.resource, used]).size).toBe(3);
      expect(tried?.resource).toBe(used);
      expect(coordinator.leases().map(({ owner }) => owner)).toContain('trying');
      expect((await coordinator.acquire('session')).resource).toBe(shared);
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('is not what the scoped lease reads', async () => {
    const { coordinator, handle } = withSessions();
    await coordinator.run(async () => {
      await coordinator.acquire('session', { separate: true });
      expect(() => handle.resource).toThrow(NoLeaseScopeError);
    });
  });

  it('waits for its turn as anybody does', async () => {
    const { clock, coordinator } = withSessions();
    await coordinator.run(async () => {
      await coordinator.acquire('session');
      const failure = failureOf(coordinator.acquire('session', { separate: true, timeout: 50 }));
      await clock.advance(100);
      expect(await failure).toBeInstanceOf(AcquireTimeoutError);
    });
  });
});
