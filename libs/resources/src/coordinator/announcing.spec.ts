import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { TimeLimitError } from '../hooks/time-limit.js';
import { Deferred, never, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Witness, witnessed } from '../time/witness.fixture.js';
import { HOSTILE_ROWS } from '../words/hostile-values.fixture.js';
import type { CoordinatorOptions } from './coordinator-options.js';
import { ResourceCoordinator } from './resource-coordinator.js';

const made = (options: Partial<CoordinatorOptions> = {}) => {
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    drainTimeout: '10s',
    resources: { session: { create: () => ({}) } },
    ...options,
  });
  return { clock, coordinator };
};

/** What process warnings say while something is done. */
const warningsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  const emitted = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await work();
  const said = emitted.mock.calls.map(([warning]) => String(warning));
  emitted.mockRestore();
  return said;
};

/** Begins work that holds a lease. @returns ends it */
const beginWork = async (coordinator: ResourceCoordinator): Promise<() => Promise<void>> => {
  const work = new Deferred();
  const working = coordinator.run(async () => {
    await coordinator.acquire('session');
    await work.promise;
  });
  await settle();
  return async () => {
    work.resolve();
    await working;
    await settle();
  };
};

describe('an announcement', () => {
  it('lasts for announceFor, during which everything is lent', async () => {
    const { clock, coordinator } = made({ announceFor: '5s' });
    expect(coordinator.announced).toBe(false);
    const announcement = new Outcome(coordinator.announce());
    expect(coordinator).toMatchObject({ announced: true, draining: false });
    await clock.advance(4_999);
    expect(await coordinator.use('session', () => 'lent')).toBe('lent');
    expect(announcement.state).toBe('pending');
    await clock.advance(1);
    expect(announcement.state).toBe('fulfilled');
    expect(coordinator).toMatchObject({ announced: true, draining: false });
  });

  it('is over at once by default', async () => {
    const { clock, coordinator } = made();
    await coordinator.announce();
    expect(coordinator.announced).toBe(true);
    expect(clock.running).toBe(0);
  });

  it('is one, however often it is asked for', async () => {
    const { clock, coordinator } = made({ announceFor: 1_000 });
    const first = new Outcome(coordinator.announce());
    await clock.advance(600);
    const second = new Outcome(coordinator.announce());
    await clock.advance(400);
    expect([first.state, second.state]).toEqual(['fulfilled', 'fulfilled']);
    await coordinator.announce();
    expect((await coordinator.cleanup()).steps.announce).toBe(1_000);
  });

  it('keeps the process alive, and may be long', async () => {
    const { clock, coordinator } = made({ announceFor: '30d' });
    const announcement = new Outcome(coordinator.announce());
    await settle();
    expect(clock.holding).toBe(1);
    await clock.advance(29 * 86_400_000);
    expect(announcement.state).toBe('pending');
    await clock.advance(86_400_000);
    expect(announcement.state).toBe('fulfilled');
  });

  it('has happened for whoever asks, once draining has begun without one', async () => {
    const { clock, coordinator } = made({ announceFor: 1_000 });
    await coordinator.cleanup();
    expect(coordinator.announced).toBe(true);
    await coordinator.announce(); // nobody is served any more
    expect(clock.running).toBe(0);
    expect(coordinator.drainReport?.steps.announce).toBe(0);
  });

  it('ends when draining begins, and holds the process no longer', async () => {
    const { clock, coordinator } = made({ announceFor: 60_000 });
    const announcement = new Outcome(coordinator.announce());
    await clock.advance(100);
    await coordinator.cleanup();
    await settle();
    expect(announcement.state).toBe('fulfilled');
    expect(clock.holding).toBe(0);
    expect(coordinator.drainReport?.steps.announce).toBe(100);
    await coordinator.announce();
  });

  it('ends for whoever insists', async () => {
    const { clock, coordinator } = made({ announceFor: 60_000 });
    const announcement = new Outcome(coordinator.announce());
    await clock.advance(100);
    coordinator.hasten();
    await settle();
    expect(announcement.state).toBe('fulfilled');
    await made({ announceFor: 60_000 }).coordinator.cleanup({ deadline: 0 });
  });
});

describe('what is paused when a shutdown begins', () => {
  it('is called once, in the order of registration, without waiting for one another, before draining begins', async () => {
    const { coordinator } = made();
    const calls: string[] = [];
    const queue = new Deferred();
    coordinator.onDrain(() => {
      calls.push(`queue, draining: ${coordinator.draining}`);
      return queue.promise;
    });
    coordinator.onDrain(() => void calls.push(`schedule, draining: ${coordinator.draining}`));
    const cleanup = new Outcome(coordinator.cleanup());
    const again = new Outcome(coordinator.cleanup());
    await settle();
    expect(calls).toEqual(['queue, draining: false', 'schedule, draining: false']);
    expect([coordinator.draining, cleanup.state]).toEqual([false, 'pending']);
    queue.resolve();
    await settle();
    expect(cleanup.value).toMatchObject({ clean: true, failedHooks: [] });
    expect(again.value).toBe(cleanup.value);
    expect(calls).toHaveLength(2);
  });

  it('is not called when it was taken back, and twice where it was registered twice', async () => {
    const { coordinator } = made();
    const calls: string[] = [];
    const pause = (): void => void calls.push('pause');
    const takeBack = coordinator.onDrain(pause);
    coordinator.onDrain(pause);
    coordinator.onDrain(pause);
    takeBack();
    takeBack();
    await coordinator.cleanup();
    expect(calls).toEqual(['pause', 'pause']);
    takeBack();
  });

  it('is not called when one before has taken it back', async () => {
    const { coordinator } = made();
    const calls: string[] = [];
    coordinator.onDrain(() => takeBack());
    const takeBack = coordinator.onDrain(() => void calls.push('taken back'));
    coordinator.onDrain(() => void calls.push('last'));
    await coordinator.cleanup();
    expect(calls).toEqual(['last']);
  });

  it('is called at once when it is registered later, from another hook, too', async () => {
    const { coordinator } = made();
    const calls: string[] = [];
    coordinator.onDrain(() => {
      coordinator.onDrain(() => void calls.push('inner'));
      calls.push('outer');
    });
    await coordinator.cleanup();
    coordinator.onDrain(() => void calls.push('late'));
    expect(calls).toEqual(['inner', 'outer', 'late']);
  });

  it('runs in the context of no request, whoever registers it and whoever ends it', async () => {
    const witness = new Witness();
    const storage = new AsyncLocalStorage<string>();
    const { coordinator } = made();
    let seen: unknown = 'not called';
    await witness.request(async () => {
      coordinator.onDrain(() => witnessed(witness, 'pause'));
    });
    coordinator.onDrain(() => (seen = storage.getStore()));
    await storage.run('a request', () => witness.request(() => coordinator.cleanup()));
    expect([...witness.seen]).toEqual(['pause', 'pause, later']);
    expect([witness.intruders, seen]).toEqual([[], undefined]);
  });

  it('may borrow: nothing is draining yet', async () => {
    const { coordinator } = made();
    let lent = '';
    coordinator.onDrain(async () => {
      lent = await coordinator.use('session', () => 'lent');
    });
    await coordinator.cleanup();
    expect(lent).toBe('lent');
  });

  it('may ask for the end itself, and for the announcement', async () => {
    const { clock, coordinator } = made({ announceFor: 0 });
    coordinator.onDrain(async () => {
      await coordinator.announce();
      await coordinator.cleanup();
    });
    const cleanup = new Outcome(coordinator.cleanup());
    await clock.advance(5_000);
    expect(cleanup.value).toMatchObject({
      clean: true,
      failedHooks: [{ cause: expect.any(TimeLimitError) }],
    });
  });

  it.each(HOSTILE_ROWS)('does not hold the shutdown when it throws or rejects with %s', async (_, value) => {
    const { coordinator } = made();
    coordinator.onDrain(function thrower() {
      throw value;
    });
    // oxlint-disable-next-line prefer-promise-reject-errors -- whatever may be thrown is what is tested
    coordinator.onDrain(() => Promise.reject(value));
    const said = await warningsOf(() => coordinator.cleanup());
    const { failedHooks } = coordinator.drainReport ?? {};
    expect(failedHooks?.map(({ hook }) => hook)).toEqual(['thrower', '']);
    for (const failure of failedHooks ?? []) expect(Object.is(failure.cause, value)).toBe(true);
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('the onDrain hook thrower failed');
    expect(said.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('is waited for if it is a thenable, and not for ever if that resolves to itself', async () => {
    const { coordinator } = made();
    // oxlint-disable-next-line unicorn/no-thenable -- a thenable that is no promise is what is tested
    const endless = { then: (done: (value: unknown) => void): void => done(endless) };
    const good = new Deferred();
    // oxlint-disable-next-line unicorn/no-thenable -- the same
    coordinator.onDrain(() => ({ then: (done: () => void) => void good.promise.then(done) }));
    coordinator.onDrain(() => endless);
    const said = warningsOf(async () => {
      const cleanup = new Outcome(coordinator.cleanup());
      await settle();
      expect(cleanup.state).toBe('pending');
      good.resolve();
      await settle();
      expect(cleanup.value?.failedHooks).toEqual([{ hook: '', cause: expect.any(TypeError) }]);
    });
    expect(await said).toHaveLength(1);
  });

  it.each([
    ['10s', 5_000],
    ['4s', 2_000],
    ['5m', 5_000],
    [Infinity, 5_000],
  ])('of a drainTimeout of %s, gets no more than %d ms, and is reported', async (drainTimeout, limit) => {
    const { clock, coordinator } = made({ drainTimeout });
    coordinator.onDrain(never);
    const said = await warningsOf(async () => {
      const cleanup = new Outcome(coordinator.cleanup());
      await clock.advance(limit - 1);
      expect([coordinator.draining, cleanup.state]).toEqual([false, 'pending']);
      await clock.advance(1);
      expect([coordinator.draining, cleanup.state]).toEqual([true, 'fulfilled']);
    });
    expect(coordinator.drainReport).toMatchObject({
      clean: true,
      steps: { pause: limit },
      failedHooks: [{ hook: 'never', cause: { name: 'TimeLimitError', limit } }],
    });
    expect(said).toEqual([
      `the onDrain hook never failed, and the shutdown goes on: an onDrain hook did not settle within ${limit} ms`,
    ]);
  });

  it('is called, and not waited for, when there is no time', async () => {
    const { coordinator } = made();
    let called = false;
    coordinator.onDrain(() => void (called = true));
    coordinator.onDrain(never);
    expect(await coordinator.cleanup({ deadline: 0 })).toMatchObject({ failedHooks: [{ hook: 'never' }] });
    expect(called).toBe(true);
  });

  it('has failed only once, whatever it does when its time is over', async () => {
    const { clock, coordinator } = made();
    const late = new Deferred();
    coordinator.onDrain(() => late.promise);
    await warningsOf(async () => {
      void coordinator.cleanup();
      await clock.advance(5_000);
      late.reject(new Error('late'));
      await settle();
    });
    expect(coordinator.drainReport?.failedHooks).toHaveLength(1);
  });

  it.each([undefined, null, 'pause', {}, Promise.resolve()])(
    'is refused if it is no function: %p',
    (hook) => {
      const { coordinator } = made();
      expect(() => coordinator.onDrain(hook as never)).toThrow(InvalidOptionsError);
      expect(() => coordinator.onDrain(hook as never)).toThrow(
        '"onDrain" needs a function that pauses something',
      );
    },
  );

  it('is called whatever its name is', async () => {
    const { coordinator } = made();
    const calls: number[] = [];
    const names: PropertyDescriptor[] = [
      { value: Symbol('a') },
      { value: 'a\u001b[31m\nb' },
      {
        get: () => {
          throw new Error('a trap');
        },
      },
    ];
    for (const [index, name] of names.entries()) {
      const pause = (): never => {
        calls.push(index);
        throw new Error('fails');
      };
      coordinator.onDrain(Object.defineProperty(pause, 'name', name));
    }
    const said = await warningsOf(() => coordinator.cleanup());
    expect(calls).toEqual([0, 1, 2]);
    expect(said.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});

describe('the report of a shutdown', () => {
  it('says how long each step took', async () => {
    const { clock, coordinator } = made({ announceFor: 1_000 });
    const queue = new Deferred();
    coordinator.onDrain(() => queue.promise);
    const work = new Deferred();
    const working = coordinator.run(async () => {
      await coordinator.acquire('session');
      await work.promise;
    });
    await settle();
    const lease = await coordinator.acquire('session');
    void coordinator.announce();
    await clock.advance(1_000);
    const cleanup = new Outcome(coordinator.cleanup());
    await clock.advance(200);
    queue.resolve();
    await clock.advance(300);
    work.resolve();
    await working;
    await clock.advance(400);
    await lease.release();
    await settle();
    expect(cleanup.value).toMatchObject({
      clean: true,
      steps: { announce: 1_000, pause: 200, drain: 300, close: 400 },
    });
  });

  it('counts a step once, although steps are asked for side by side', async () => {
    const { clock, coordinator } = made({ announceFor: 1_000 });
    void coordinator.announce();
    await clock.advance(400);
    const endWork = await beginWork(coordinator);
    const cleanup = new Outcome(coordinator.cleanup());
    await clock.advance(700);
    await endWork();
    expect(cleanup.value?.steps).toEqual({ announce: 400, pause: 0, drain: 700, close: 0 });
  });

  it('counts what a hook takes before it returns, and draining has not got that either', async () => {
    const { clock, coordinator } = made();
    coordinator.onDrain(() => clock.stall(400));
    void coordinator.run(async () => {
      await coordinator.acquire('session');
      await never();
    });
    await settle();
    const cleanup = new Outcome(coordinator.cleanup());
    await clock.advance(9_600);
    expect(cleanup.value?.steps).toEqual({ announce: 0, pause: 400, drain: 9_600, close: 0 });
  });

  it('counts no second pause of hooks that were called before draining', async () => {
    const { clock, coordinator } = made();
    coordinator.onDrain(() => undefined);
    const endWork = await beginWork(coordinator);
    await coordinator.shutdown.pause();
    coordinator.startDraining();
    void coordinator.cleanup();
    await clock.advance(700);
    await endWork();
    expect(coordinator.drainReport?.steps).toEqual({ announce: 0, pause: 0, drain: 700, close: 0 });
  });

  it('keeps to one budget: what a pause has taken, draining has not', async () => {
    const { clock, coordinator } = made();
    coordinator.onDrain(never);
    void coordinator.run(async () => {
      await coordinator.acquire('session');
      await never();
    });
    await settle();
    const cleanup = new Outcome(coordinator.cleanup());
    await warningsOf(() => clock.advance(9_999));
    expect(cleanup.state).toBe('pending');
    await clock.advance(1);
    expect(cleanup.value).toMatchObject({ clean: false, steps: { pause: 5_000, drain: 5_000 } });
  });
});

describe('somebody who insists on the end', () => {
  it('ends the wait for hooks, for scopes, and for what is on loan without one, cached and keyed', async () => {
    const { clock, coordinator } = made({
      resources: {
        session: { create: () => ({}) },
        keyed: { create: () => ({}), pool: { keyed: {} } },
      },
      cachedResources: { client: { create: () => ({}) } },
    });
    await coordinator.acquire('session');
    await coordinator.acquire('keyed', { key: 'acme' });
    await coordinator.acquireCached('client', 'acme');
    const cleanup = new Outcome(coordinator.cleanup());
    await clock.advance(1_000);
    expect(cleanup.state).toBe('pending');
    coordinator.hasten();
    await settle();
    expect(cleanup.value).toMatchObject({ clean: false, duration: 1_000 });
    expect(cleanup.value?.held.map(({ type }) => type)).toEqual(['session', 'keyed', 'client']);
  });

  it('is whoever asks a second time, with a deadline of 0', async () => {
    const { clock, coordinator } = made();
    coordinator.onDrain(never);
    void coordinator.run(async () => {
      await coordinator.acquire('session');
      await never();
    });
    await settle();
    const cleanup = new Outcome(coordinator.cleanup());
    await warningsOf(async () => {
      await clock.advance(1_000);
      const second = new Outcome(coordinator.cleanup({ deadline: 0 }));
      for (let turn = 0; turn < 5; turn++) await settle();
      expect(second.state).toBe('fulfilled');
      expect(second.value).toBe(cleanup.value);
    });
    expect(cleanup.value).toMatchObject({ clean: false, steps: { pause: 1_000, drain: 0 } });
  });

  it('is heard before the end has begun, too', async () => {
    const { coordinator } = made();
    await coordinator.acquire('session');
    coordinator.hasten();
    coordinator.hasten();
    expect(await coordinator.cleanup()).toMatchObject({ clean: false, duration: 0 });
  });
});
