import { describe, expect, it, jest } from '@jest/globals';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { NoLeaseScopeError } from '../errors/no-lease-scope-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { Gate } from '../coordinator/gate.fixture.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ScopedLeaseProxy } from './scoped-lease.js';
import { scopeOf } from './current-scope.js';
import { type Session, Sessions } from '../coordinator/sessions.fixture.js';

const withHandle = (pool: PoolOptions = { max: 2 }) => {
  const sessions = new Sessions();
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    resources: { session: sessions.definition(pool), other: new Sessions().definition() },
  });
  const handle = new ScopedLeaseProxy<Session>(coordinator, 'session');
  return { sessions, clock, coordinator, handle };
};

const acquired = (coordinator: ResourceCoordinator): number | undefined =>
  coordinator.stats().pools['session']?.acquired;

describe('a scoped lease', () => {
  it('is no promise, so that it can be injected and awaited', async () => {
    const { handle } = withHandle();
    expect('then' in handle).toBe(false);
    expect(await Promise.resolve(handle)).toBe(handle);
  });

  describe('acquire', () => {
    it('gives the same resource all scope long', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        const session = await handle.acquire();
        await settle();
        expect(await handle.acquire()).toBe(session);
        expect(handle.resource).toBe(session);
      });
      expect(acquired(coordinator)).toBe(1);
      expect(coordinator.leases()).toEqual([]);
    });

    it('gives each scope its own, through one handle', async () => {
      const { coordinator, handle } = withHandle();
      const gate = new Gate();
      const work = async (): Promise<Session> => {
        const session = await handle.acquire();
        await gate.opened;
        expect(handle.resource).toBe(session);
        return session;
      };
      const both = Promise.all([coordinator.run(work), coordinator.run(work)]);
      gate.open();
      expect(await both).toEqual([{ id: 1 }, { id: 2 }]);
    });

    it('is shared by callers that ask at the same time', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        const [a, b, c] = await Promise.all([handle.acquire(), handle.acquire(), handle.acquire()]);
        expect(b).toBe(a);
        expect(c).toBe(a);
      });
      expect(acquired(coordinator)).toBe(1);
    });

    it('takes each type once', async () => {
      const { coordinator, handle } = withHandle();
      const other = new ScopedLeaseProxy(coordinator, 'other');
      await coordinator.run(async () => {
        await Promise.all([handle.acquire(), other.acquire()]);
        expect(coordinator.leases().map(({ type }) => type)).toEqual(['session', 'other']);
      });
    });

    it('fails for all who share it when it fails, and leaves the scope usable', async () => {
      const { sessions, coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        sessions.failure = new Error('connection refused');
        const failures = await Promise.all([failureOf(handle.acquire()), failureOf(handle.acquire())]);
        expect(failures).toMatchObject([{ cause: sessions.failure }, { cause: sessions.failure }]);
        expect(() => handle.resource).toThrow(NoLeaseScopeError);
        sessions.failure = undefined;
        expect(await handle.acquire()).toEqual({ id: 1 });
      });
      expect(coordinator.stats().scopes).toBe(0);
    });

    it('goes on for the others when the caller that began it aborts', async () => {
      const { coordinator, handle } = withHandle({ max: 1 });
      const held = await coordinator.acquire('session');
      await coordinator.run(async () => {
        const controller = new AbortController();
        const first = failureOf(handle.acquire({ signal: controller.signal }));
        const second = handle.acquire();
        const third = handle.acquire({ signal: new AbortController().signal });
        await settle();
        controller.abort(new Error('changed my mind'));
        expect(await first).toMatchObject({
          name: 'AcquireAbortedError',
          cause: new Error('changed my mind'),
        });
        await held.release();
        expect(await second).toBe(await third);
      });
      expect(coordinator.leases()).toEqual([]);
    });

    it('ends for a caller that shares it when that caller aborts, and for no other', async () => {
      const { coordinator, handle } = withHandle({ max: 1 });
      const held = await coordinator.acquire('session');
      await coordinator.run(async () => {
        const controller = new AbortController();
        const first = handle.acquire();
        const second = failureOf(handle.acquire({ signal: controller.signal }));
        await settle();
        controller.abort(new Error('changed my mind'));
        const failure = await Promise.race([second, settle()]);
        expect(failure).toBeInstanceOf(AcquireAbortedError);
        expect(failure).toMatchObject({ type: 'session', cause: new Error('changed my mind') });
        await held.release();
        expect(await first).toEqual({ id: 1 });
      });
      expect(coordinator.leases()).toEqual([]);
    });

    it('fails at once for a caller that has aborted before', async () => {
      const { coordinator, handle } = withHandle({ max: 1 });
      const held = await coordinator.acquire('session');
      await coordinator.run(async () => {
        const first = handle.acquire();
        const aborted = failureOf(handle.acquire({ signal: AbortSignal.abort() }));
        expect(await Promise.race([aborted, settle()])).toBeInstanceOf(AcquireAbortedError);
        await held.release();
        await first;
      });
    });

    it('has the time-out of the caller that began it', async () => {
      const { clock, coordinator, handle } = withHandle({ max: 1 });
      const held = await coordinator.acquire('session');
      await coordinator.run(async () => {
        const failures = [handle.acquire({ timeout: 50 }), handle.acquire()].map(failureOf);
        await clock.advance(100);
        for (const failure of failures) expect(await failure).toBeInstanceOf(AcquireTimeoutError);
      });
      await held.release();
    });

    it('takes one anew when the pool has revoked the lease', async () => {
      const { clock, coordinator, handle } = withHandle({ max: 1, maxLeaseTime: '1s' });
      await coordinator.run(async () => {
        const revoked = await handle.acquire();
        await clock.advance(2_000);
        expect(() => handle.resource).toThrow(LeaseReleasedError);
        expect(await handle.acquire()).not.toBe(revoked);
        expect(handle.resource).toEqual({ id: 2 });
      });
      expect(coordinator.leases()).toEqual([]);
    });

    it('is refused outside of any scope', async () => {
      const failure = await failureOf(withHandle().handle.acquire());
      expect(failure).toBeInstanceOf(NoLeaseScopeError);
      expect((failure as Error).message).toContain('There is no lease scope for "session"');
    });

    it("is refused in another coordinator's scope", async () => {
      const { handle } = withHandle();
      await new ResourceCoordinator().run(async () => {
        expect(await failureOf(handle.acquire())).toBeInstanceOf(NoLeaseScopeError);
      });
    });

    it('is refused after the end of the scope', async () => {
      const { coordinator, handle } = withHandle();
      const gate = new Gate();
      const { late } = await coordinator.run(
        async () => ({ late: gate.opened.then(() => failureOf(handle.acquire())) }),
        { owner: 'job' },
      );
      gate.open();
      expect(await late).toMatchObject({ name: 'LeaseReleasedError', type: 'session', owner: 'job (run)' });
    });

    it('names an unknown type', async () => {
      const { coordinator } = withHandle();
      const handle = new ScopedLeaseProxy(coordinator, 'sesion');
      const failure = await coordinator.run(() => failureOf(handle.acquire()));
      expect(failure).toBeInstanceOf(UnknownResourceError);
      expect(coordinator.stats().scopes).toBe(0);
    });
  });

  describe('resource', () => {
    it('throws before it was acquired', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(
        () => {
          expect(() => handle.resource).toThrow(NoLeaseScopeError);
          expect(() => handle.resource).toThrow(
            'job (run) read the resource of "session" before it was acquired',
          );
        },
        { owner: 'job' },
      );
    });

    it('throws outside of any scope', () => {
      expect(() => withHandle().handle.resource).toThrow(NoLeaseScopeError);
    });

    it('throws after the end of the scope, whether it was acquired or not', async () => {
      const { coordinator, handle } = withHandle();
      const bound = await coordinator.run(async () => {
        await handle.acquire();
        const scope = scopeOf(coordinator);
        return [
          new ScopedLeaseProxy(coordinator, 'session', undefined, scope),
          new ScopedLeaseProxy(coordinator, 'other', undefined, scope),
        ];
      });
      for (const handle of bound) expect(() => handle.resource).toThrow(LeaseReleasedError);
    });
  });

  it('asks no key of a request that is over', async () => {
    const { coordinator } = withHandle();
    const key = jest.fn(() => 'acme');
    const bound = await coordinator.run(
      () => new ScopedLeaseProxy(coordinator, 'session', { key }, scopeOf(coordinator)),
    );
    expect(await failureOf(bound.acquire())).toBeInstanceOf(LeaseReleasedError);
    expect(() => bound.resource).toThrow(LeaseReleasedError);
    await bound.release();
    await bound.invalidate();
    expect(key).not.toHaveBeenCalled();
  });

  describe('use', () => {
    it('works with the resource of the scope', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        const session = await handle.acquire();
        expect(await handle.use((used) => used === session)).toBe(true);
        expect(coordinator.leases()).toHaveLength(1);
      });
    });

    it('holds the scope open until the work is done', async () => {
      const { coordinator, handle } = withHandle();
      const gate = new Gate();
      const { work } = await coordinator.run(async () => {
        const other = new ScopedLeaseProxy(coordinator, 'other');
        return {
          work: handle.use(async (session) => {
            await gate.opened;
            expect(handle.resource).toBe(session);
            return await other.acquire();
          }),
        };
      });
      await settle();
      expect(coordinator.stats().scopes).toBe(1);
      expect(coordinator.leases()).toHaveLength(1);
      gate.open();
      expect(await work).toEqual({ id: 1 });
      expect(coordinator.stats().scopes).toBe(0);
      expect(coordinator.leases()).toEqual([]);
    });

    it('lets go of the scope when the work throws', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        const failed = handle.use(() => {
          throw new Error('work failed');
        });
        expect(await failureOf(failed)).toEqual(new Error('work failed'));
      });
      expect(coordinator.leases()).toEqual([]);
    });

    it('retires the resource whose work threw a fatal error, and the scope takes another', async () => {
      const { sessions, coordinator, handle } = withHandle({ validation: { isFatal: () => true } });
      await coordinator.run(async () => {
        await failureOf(handle.use(() => Promise.reject(new Error('connection terminated'))));
        expect((await handle.acquire()).id).toBe(2);
      });
      expect(sessions.destroyed).toEqual([1]);
    });

    it('opens a scope of its own where there is none', async () => {
      const { coordinator, handle } = withHandle();
      const id = await handle.use(async (session) => {
        expect(coordinator.leases()).toMatchObject([{ owner: 'session (use)' }]);
        expect(await handle.acquire()).toBe(session);
        return session.id;
      });
      expect(id).toBe(1);
      expect(coordinator.leases()).toEqual([]);
    });

    it('opens a scope of its own, under the same name, when the scope has ended', async () => {
      const { coordinator, handle } = withHandle();
      const bound = await coordinator.run(
        () => new ScopedLeaseProxy<Session>(coordinator, 'session', undefined, scopeOf(coordinator)),
        { owner: 'job' },
      );
      await bound.use(() => {
        expect(coordinator.leases()).toMatchObject([{ owner: 'job (use)' }]);
        expect(handle.resource).toEqual({ id: 1 });
      });
      expect(coordinator.leases()).toEqual([]);
    });
  });

  describe('release', () => {
    it('gives back early, and the next acquire takes one anew', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        await handle.acquire();
        await handle.release();
        expect(coordinator.leases()).toEqual([]);
        expect(() => handle.resource).toThrow(NoLeaseScopeError);
        await handle.acquire();
        expect(coordinator.leases()).toHaveLength(1);
      });
      expect(acquired(coordinator)).toBe(2);
      expect(coordinator.leases()).toEqual([]);
    });

    it('does nothing when nothing was acquired, or twice', async () => {
      const { coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        await handle.release();
        await handle.acquire();
        await handle.release();
        await handle.release();
      });
      expect(coordinator.stats().pools['session']).toMatchObject({ acquired: 1, released: 1 });
    });

    it('leaves what an acquisition in flight brings to who asks anew, and tells its caller', async () => {
      const { coordinator, handle } = withHandle({ max: 1 });
      const held = await coordinator.acquire('session');
      await coordinator.run(async () => {
        const acquiring = failureOf(handle.acquire());
        const releasing = handle.release();
        const anew = handle.acquire();
        await held.release();
        await releasing;
        expect(await acquiring).toBeInstanceOf(LeaseReleasedError);
        expect(handle.resource).toBe(await anew);
        expect(coordinator.leases()).toHaveLength(1);
      });
      expect(coordinator.leases()).toEqual([]);
      expect(coordinator.stats().pools['session']).toMatchObject({ acquired: 2, released: 2 });
    });

    it('leaves the failure of an acquisition in flight to its caller', async () => {
      const { sessions, coordinator, handle } = withHandle();
      await coordinator.run(async () => {
        sessions.failure = new Error('connection refused');
        const acquiring = failureOf(handle.acquire());
        await handle.release();
        expect(await acquiring).toMatchObject({ cause: sessions.failure });
      });
    });

    it('is refused outside of any scope', async () => {
      expect(await failureOf(withHandle().handle.release())).toBeInstanceOf(NoLeaseScopeError);
    });
  });

  describe('bound to a scope', () => {
    it('belongs to that scope wherever it is used', async () => {
      const { coordinator } = withHandle();
      await coordinator.run(async () => {
        const bound = new ScopedLeaseProxy<Session>(coordinator, 'session', undefined, scopeOf(coordinator));
        const session = await coordinator.run(() => bound.acquire());
        expect(bound.resource).toBe(session);
        expect(await coordinator.run(() => bound.use((used) => used))).toBe(session);
        await coordinator.run(() => bound.release());
        expect(coordinator.leases()).toEqual([]);
      });
    });
  });
});
