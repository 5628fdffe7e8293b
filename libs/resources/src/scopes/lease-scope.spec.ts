import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import type { Lease } from '../pool/leases/lease.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { Gate } from '../coordinator/gate.fixture.js';
import { currentScope, scopeOf } from './current-scope.js';
import { LeaseScope } from './lease-scope.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { type Session, Sessions } from '../coordinator/sessions.fixture.js';

const withSessions = (max = 4) => {
  const sessions = new Sessions();
  const coordinator = new ResourceCoordinator({ resources: { session: sessions.definition({ max }) } });
  return { sessions, coordinator };
};

const owners = (coordinator: ResourceCoordinator): string[] => coordinator.leases().map(({ owner }) => owner);

describe('a lease scope', () => {
  it('gives back everything when its work returns', async () => {
    const { coordinator } = withSessions();
    const leases = await coordinator.run(async () => [
      await coordinator.acquire('session'),
      await coordinator.acquire('session', { separate: true }),
    ]);
    expect(leases.map(({ ended }) => ended)).toEqual([true, true]);
    expect(coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: { session: { acquired: 2, released: 2 } },
    });
  });

  it('gives back everything when its work throws, at once or later', async () => {
    const { coordinator } = withSessions();
    const later = coordinator.run(async () => {
      await coordinator.acquire('session');
      throw new Error('work failed');
    });
    expect(await failureOf(later)).toEqual(new Error('work failed'));
    await settle();
    const atOnce = coordinator.run(() => {
      expect(coordinator.tryAcquire('session')).toBeDefined();
      throw new Error('work failed at once');
    });
    expect(await failureOf(atOnce)).toEqual(new Error('work failed at once'));
    expect(coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: { session: { acquired: 2, released: 2 } },
    });
  });

  it('gives back the last taken first, however it was taken', async () => {
    const { sessions, coordinator } = withSessions();
    await coordinator.run(async () => {
      const scope = scopeOf(coordinator) as LeaseScope;
      await coordinator.acquire('session', { separate: true });
      await scope.acquire('session');
      await coordinator.acquire('session', { separate: true });
    });
    await settle();
    expect(sessions.reset).toEqual([3, 2, 1]);
  });

  it('names the owner of its leases after its place and kind', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(
      async () => {
        await coordinator.acquire('session');
        await coordinator.acquire('session', { owner: 'by hand', separate: true });
        expect(owners(coordinator)).toEqual(['nightly (run)', 'by hand']);
      },
      { owner: 'nightly' },
    );
    await coordinator.run(async () => {
      await coordinator.acquire('session');
      expect(owners(coordinator)).toEqual(['anonymous (run)']);
    });
  });

  it('prints as whose work it is, in whatever it is found', async () => {
    const { coordinator } = withSessions();
    const printed = coordinator.run(() => inspect({ scope: scopeOf(coordinator) }), { owner: 'nightly\n' });
    expect(await printed).toBe('{ scope: LeaseScope of nightly\\n (run) }');
  });

  it('counts for nobody until it borrows', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(async () => {
      await settle();
      expect(coordinator.stats().scopes).toBe(0);
      await coordinator.acquire('session');
      expect(coordinator.stats().scopes).toBe(1);
    });
    expect(coordinator.stats().scopes).toBe(0);
  });

  it('gives back what comes after its end, and says so', async () => {
    const { coordinator } = withSessions(1);
    const held = await coordinator.acquire('session');
    let late: Promise<unknown> | undefined;
    await coordinator.run(
      () => {
        late = failureOf(coordinator.acquire('session'));
      },
      { owner: 'hasty' },
    );
    await held.release();
    const failure = await late;
    expect(failure).toBeInstanceOf(LeaseReleasedError);
    expect(failure).toMatchObject({ type: 'session', owner: 'hasty (run)' });
    await settle();
    expect(coordinator.stats().pools['session']).toMatchObject({ idle: 1, acquired: 2, released: 2 });
  });

  it('owns nothing that is borrowed after its end', async () => {
    const { coordinator } = withSessions();
    const gate = new Gate();
    const { later } = await coordinator.run(async () => {
      const borrow = async (): Promise<Lease<unknown>> => {
        await gate.opened;
        return await coordinator.acquire('session');
      };
      return { later: borrow() };
    });
    gate.open();
    const lease = await later;
    expect(lease).toMatchObject({ ended: false, owner: 'anonymous' });
    await lease.release();
  });

  it('holds no leases of the scope around it, and takes none of them along', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(
      async () => {
        const outer = await coordinator.acquire('session');
        const inner = await coordinator.run(
          async () => {
            const lease = await coordinator.acquire('session');
            expect(owners(coordinator)).toEqual(['outer (run)', 'inner (run)']);
            return lease;
          },
          { owner: 'inner' },
        );
        expect(inner.ended).toBe(true);
        expect(outer.ended).toBe(false);
        await coordinator.acquire('session', { separate: true });
        expect(owners(coordinator)).toEqual(['outer (run)', 'outer (run)']);
      },
      { owner: 'outer' },
    );
    expect(coordinator.leases()).toEqual([]);
  });

  it('belongs to one coordinator, also inside the scope of another', async () => {
    const [one, two] = [withSessions().coordinator, withSessions().coordinator];
    await one.run(
      async () => {
        const unscoped = await two.acquire('session');
        expect(owners(two)).toEqual(['anonymous']);
        await two.run(
          async () => {
            await two.acquire('session');
            await one.acquire('session');
            expect(owners(one)).toEqual(['of one (run)']);
            expect(owners(two)).toEqual(['anonymous', 'of two (run)']);
          },
          { owner: 'of two' },
        );
        expect(owners(one)).toEqual(['of one (run)']);
        expect(owners(two)).toEqual(['anonymous']);
        await unscoped.release();
      },
      { owner: 'of one' },
    );
    expect(one.leases()).toEqual([]);
  });

  it('keeps the memory of nothing that it hides, so that work which starts its successor does not grow', () => {
    const [one, two] = [withSessions().coordinator, withSessions().coordinator];
    const first = new LeaseScope(one, 'run', 'first', undefined);
    const other = new LeaseScope(two, 'run', 'other', first);
    const second = new LeaseScope(one, 'run', 'second', first);
    const third = new LeaseScope(one, 'run', 'third', other);
    expect(second.parent).toBeUndefined();
    expect(third.parent).toBe(other);
    expect(currentScope.run(third, () => scopeOf(two))).toBe(other);
    expect(currentScope.run(third, () => scopeOf(one))).toBe(third);
  });

  it('forgets the leases that have ended', async () => {
    const { coordinator } = withSessions();
    await coordinator.run(async () => {
      const scope = scopeOf(coordinator) as LeaseScope;
      for (const separate of [false, true]) {
        const lease = await coordinator.acquire('session', { separate });
        const held = coordinator.pools.get('session')?.leaseOf(lease.resource) as Lease<unknown>;
        expect(scope.owns(held)).toBe(true);
        await lease.release();
        expect(scope.owns(held)).toBe(false);
      }
    });
  });

  it('keeps many leases that have not ended', async () => {
    const { coordinator } = withSessions(50);
    await coordinator.run(async () => {
      for (let i = 0; i < 50; i++) await coordinator.acquire('session', { separate: true });
      expect(coordinator.leases()).toHaveLength(50);
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('is usable after an acquisition that failed', async () => {
    const { sessions, coordinator } = withSessions();
    await coordinator.run(async () => {
      sessions.failure = new Error('connection refused');
      expect(await failureOf(coordinator.acquire('session'))).toMatchObject({ cause: sessions.failure });
      sessions.failure = undefined;
      expect((await coordinator.acquire<Session>('session')).resource).toEqual({ id: 1 });
    });
    expect(coordinator.stats()).toMatchObject({
      scopes: 0,
      pools: { session: { acquired: 1, released: 1 } },
    });
  });

  it('takes an idle resource at once when asked to try', async () => {
    const { coordinator } = withSessions(1);
    await coordinator.run(async () => {
      const scope = scopeOf(coordinator) as LeaseScope;
      expect(scope.tryAcquire('session')).toBe(false);
      const acquiring = scope.acquire('session');
      expect(scope.tryAcquire('session')).toBe(false);
      const resource = await acquiring;
      expect(scope.tryAcquire('session')).toBe(true);
      expect(scope.resource('pool', 'session')).toBe(resource);
    });
    await settle();
    await coordinator.run(() => {
      const scope = scopeOf(coordinator) as LeaseScope;
      expect(scope.tryAcquire('session')).toBe(true);
      expect(scope.resource('pool', 'session')).toEqual({ id: 1 });
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('tries nothing for work that begins while draining', async () => {
    const { coordinator } = withSessions();
    await coordinator.use('session', () => undefined);
    await settle();
    coordinator.startDraining();
    await coordinator.run(() => {
      expect((scopeOf(coordinator) as LeaseScope).tryAcquire('session')).toBe(false);
    });
  });

  it('tries nothing after its end', async () => {
    const { coordinator } = withSessions();
    const scope = await coordinator.run(() => scopeOf(coordinator) as LeaseScope);
    expect(() => scope.tryAcquire('session')).toThrow(LeaseReleasedError);
  });

  it('is no proof that a cached resource works when its work may go on unseen at its end', async () => {
    const validate = jest.fn(() => true);
    const clock = new VirtualClock();
    const coordinator = new ResourceCoordinator({ clock });
    coordinator.registerCached('index', { create: () => ({}), validate });
    class UnseenScope extends LeaseScope {
      protected override get unseen(): boolean {
        return true;
      }
    }
    const lend = async (Scope: typeof LeaseScope): Promise<void> => {
      const scope = new Scope(coordinator, 'run', 'job', undefined);
      scope.enter();
      await scope.acquire('index', { source: 'cache', key: 'a' });
      await clock.advance(1_000); // longer than the bypass
      scope.leave();
    };
    await lend(LeaseScope);
    await lend(UnseenScope);
    expect(validate).not.toHaveBeenCalled();
    await lend(LeaseScope);
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('is abandoned by nobody unless its kind can tell', () => {
    const scope = new LeaseScope(withSessions().coordinator, 'run', 'job', undefined);
    expect(scope.abandoned).toBeUndefined();
  });
});
