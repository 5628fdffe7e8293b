/* oxlint-disable unicorn/no-thenable -- thenables that are no promises are what is tested */
import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred, Outcome } from '../deferred.fixture.js';
import {
  InvalidOptionsError,
  KeyedResourcePool,
  type PoolOptions,
  ResourceCreationError,
  type ResourceFactory,
  ResourcePool,
} from '../index.js';

function poolOf<T>(factory: ResourceFactory<T>, options: PoolOptions = {}): ResourcePool<T> {
  return new ResourcePool(factory, { type: 'session', max: 2, clock: new VirtualClock(), ...options });
}

function expectRefused(error: unknown, says: string): void {
  expect(error).toBeInstanceOf(ResourceCreationError);
  const { cause, message } = error as ResourceCreationError;
  expect(cause).toBeInstanceOf(InvalidOptionsError);
  expect(cause).toMatchObject({ option: 'factory.create', type: expect.any(String) });
  expect(message).toContain(says);
}

const IN_SERVICE = 'returned one that is in service already';

describe('a factory that brings the same object again', () => {
  it('is refused at once while it is on loan, and the loan goes on untouched', async () => {
    const session = { open: true };
    const destroyed: unknown[] = [];
    let aborted = false;
    const pool = poolOf({
      create: ({ signal }) => {
        signal.addEventListener('abort', () => (aborted = true));
        return session;
      },
      destroy: (resource) => destroyed.push(resource),
    });
    const lease = await pool.acquire();
    const second = new Outcome(pool.acquire({ owner: 'second' }));
    await settle();
    expectRefused(second.error, IN_SERVICE);
    expect(second.error).toMatchObject({ owner: 'second' });
    expect([lease.ended, lease.resource === session, destroyed, aborted]).toEqual([false, true, [], false]);
    expect(pool.stats).toMatchObject({ size: 1, leased: 1, creating: 0, created: 1 });
    await lease.release();
    expect((await pool.acquire()).resource).toBe(session);
  });

  it('is refused when both are made at the same time', async () => {
    const session = {};
    const pool = poolOf({ create: () => Promise.resolve(session) });
    const asked = [1, 2].map(() => new Outcome(pool.acquire()));
    await settle();
    expect(asked.map(({ state }) => state).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('is refused if that is a function, too', async () => {
    const session = (): void => undefined;
    const pool = poolOf({ create: () => session });
    await pool.acquire();
    const second = new Outcome(pool.acquire());
    await settle();
    expectRefused(second.error, IN_SERVICE);
    expectRefused(second.error, 'To share one object among many, use a cached resource');
  });

  it('may bring it anew when it has been destroyed, and not before', async () => {
    const session = {};
    const gone = new Deferred();
    const pool = poolOf({ create: () => session, destroy: () => gone.promise });
    void (await pool.acquire()).invalidate();
    const tooSoon = new Outcome(pool.acquire());
    await settle();
    expectRefused(tooSoon.error, IN_SERVICE);
    gone.resolve();
    await settle();
    expect((await pool.acquire()).resource).toBe(session);
  });

  it('does not get it destroyed in use by a creation that comes late', async () => {
    const session = {};
    const destroyed: unknown[] = [];
    const gates = [new Deferred(), new Deferred()];
    let calls = 0;
    const clock = new VirtualClock();
    const pool = new ResourcePool(
      {
        create: async () => {
          await gates[calls++]?.promise;
          return session;
        },
        destroy: (resource) => destroyed.push(resource),
      },
      { clock, creation: { timeout: '1s', retry: { attempts: 2, delay: 1 } } },
    );
    const asked = new Outcome(pool.acquire());
    await clock.advance(1_500);
    gates[1]?.resolve();
    await settle();
    expect(asked.value?.resource).toBe(session);
    gates[0]?.resolve();
    await settle();
    expect([asked.value?.ended, destroyed]).toEqual([false, []]);
  });

  it('is refused over all keys of a keyed pool', async () => {
    const session = {};
    const pool = new KeyedResourcePool(
      { create: () => session },
      { type: 'session', clock: new VirtualClock() },
    );
    const lease = await pool.acquire({ key: 'acme' });
    const other = new Outcome(pool.acquire({ key: 'globex' }));
    await settle();
    expectRefused(other.error, IN_SERVICE);
    expect(lease.ended).toBe(false);
  });

  it('is refused when a creation policy brings it', async () => {
    const session = {};
    const policy = { execute: <R>() => Promise.resolve(session as R) };
    const pool = poolOf({ create: () => session }, { creation: { policy } });
    await pool.acquire();
    const second = new Outcome(pool.acquire());
    await settle();
    expectRefused(second.error, IN_SERVICE);
  });

  it('may bring equal texts and numbers: they have no state to share', async () => {
    for (const seat of ['seat', 7, 7n, true, '', 0, false]) {
      const pool = poolOf({ create: () => seat });
      const leases = [await pool.acquire(), await pool.acquire()];
      expect(leases.map(({ resource }) => resource)).toEqual([seat, seat]);
      for (const lease of leases) await lease.release();
      await pool.close();
    }
  });

  it('costs no more for a thousand resources than for one', async () => {
    const pool = poolOf({ create: () => ({}) }, { max: 1_000 });
    await Promise.all(Array.from({ length: 1_000 }, () => pool.acquire()));
    expect(pool.stats.leased).toBe(1_000);
  });
});

describe('a factory that brings nothing', () => {
  it.each([undefined, null])('is refused at once: %p', async (nothing) => {
    let calls = 0;
    const destroyed: unknown[] = [];
    const pool = poolOf<object>({
      create: () => {
        calls++;
        return nothing as never;
      },
      destroy: (resource) => destroyed.push(resource),
    });
    const asked = new Outcome(pool.acquire());
    await settle();
    expectRefused(asked.error, `it returned ${nothing} (is a "return" missing?)`);
    expect([calls, destroyed]).toEqual([1, []]);
    expect(pool.stats).toMatchObject({ size: 0, creating: 0, created: 0 });
  });
});

describe('a factory that brings a thenable', () => {
  type Resolve = (value: unknown) => void;
  const session = { id: 1 };

  it.each<[string, unknown]>([
    ['resolves at once', { then: (done: Resolve) => done(session) }],
    ['resolves twice', { then: (done: Resolve) => [session, {}].forEach((value) => done(value)) }],
    [
      'resolves and throws',
      {
        then: (done: Resolve) => {
          done(session);
          throw new Error('late');
        },
      },
    ],
  ])('that %s gives what it resolves with', async (_, thenable) => {
    const pool = poolOf({ create: () => thenable as PromiseLike<object> });
    expect((await pool.acquire()).resource).toBe(session);
  });

  it.each<[string, unknown]>([
    [
      'throws',
      {
        then: () => {
          throw new Error('no');
        },
      },
    ],
    ['rejects', { then: (_: Resolve, no: Resolve) => no(new Error('no')) }],
    [
      'throws when it is read',
      Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
    [
      'resolves to itself',
      (() => {
        const endless = { then: (done: Resolve): void => done(endless) };
        return endless;
      })(),
    ],
  ])('that %s fails', async (_, thenable) => {
    const pool = poolOf(
      { create: () => thenable as PromiseLike<object> },
      { creation: { retry: { attempts: 1 } } },
    );
    const asked = new Outcome(pool.acquire());
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(pool.stats).toMatchObject({ size: 0, creating: 0 });
  });

  it('that never settles fails in its time', async () => {
    const clock = new VirtualClock();
    const factory = { create: () => ({ then: () => undefined }) as never };
    const pool = new ResourcePool(factory, { clock, creation: { timeout: '1s', retry: { attempts: 1 } } });
    const asked = new Outcome(pool.acquire());
    await clock.advance(1_010);
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
  });
});

describe('a factory whose methods can not be read', () => {
  it.each(['create', 'destroy', 'validate', 'reset'])('is refused by the name of %s', (name) => {
    const factory = { create: () => ({}) };
    Object.defineProperty(factory, name, {
      get: () => {
        throw new Error('secret');
      },
    });
    expect(() => poolOf(factory)).toThrow(InvalidOptionsError);
    expect(() => poolOf(factory)).toThrow(`"factory.${name}" can't be read: secret.`);
  });

  it('any more later fails where they are called, and costs no place', async () => {
    let broken = false;
    class Sessions {
      get reset(): () => void {
        if (broken) throw new Error('no');
        return () => undefined;
      }
      get destroy(): () => void {
        return this.reset;
      }
      create(): object {
        return {};
      }
    }
    const pool = poolOf(new Sessions());
    const lease = await pool.acquire();
    broken = true;
    await lease.release();
    await settle();
    expect(pool.stats).toMatchObject({ size: 0, destroying: 0, retired: { invalid: 1 } });
  });
});

describe('a hook that calls the pool', () => {
  it('gets from it what anybody gets', async () => {
    const clock = new VirtualClock();
    const calls: unknown[] = [];
    const again = (): void => {
      calls.push(pool.tryAcquire());
      calls.push(new Outcome(pool.acquire({ timeout: 5 })));
      pool.reconfigure({ max: 2 });
    };
    const pool: ResourcePool<object> = new ResourcePool(
      {
        create: (context) => {
          context.retire();
          again();
          return {};
        },
        destroy: again,
        reset: again,
      },
      { clock, max: 1, creation: { retry: { attempts: 1 } } },
    );
    const asked = Array.from({ length: 3 }, () => new Outcome(pool.acquire({ timeout: 50 })));
    await clock.advance(1_000);
    expect(asked.map(({ state }) => state)).not.toContain('pending');
    expect(pool.stats).toMatchObject({ leased: 0, creating: 0, pending: 0 });
    const closed = new Outcome(pool.close({ deadline: 0 }));
    await clock.advance(10_000);
    expect(closed.state).toBe('fulfilled');
  });
});
