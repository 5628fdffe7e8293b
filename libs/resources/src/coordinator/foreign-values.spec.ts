import { map, firstValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HOSTILE_ROWS } from '../words/hostile-values.fixture.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ResourceError } from '../errors/resource-error.js';
import { Deferred, never, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';

let warned: jest.SpiedFunction<typeof process.emitWarning>;

beforeEach(() => {
  warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  warned.mockRestore();
});

function coordinatorOf(create: () => unknown = () => ({}), clock = new VirtualClock()): ResourceCoordinator {
  return new ResourceCoordinator({
    resources: { pg: { create, pool: { max: 1 } }, tenants: { create, pool: { keyed: {} } } },
    cachedResources: { api: { create } },
    clock,
  });
}

describe.each(HOSTILE_ROWS)('a coordinator survives %s', (_, make) => {
  const fail = (): never => {
    throw make();
  };

  it('thrown by who listens, at once or later, on what is piped too', async () => {
    const coordinator = coordinatorOf();
    for (const listener of [fail, () => Promise.reject(make())] as (() => void)[]) {
      coordinator.events$.subscribe(listener);
      coordinator.events$.subscribe({ next: listener });
      coordinator.events$.pipe(map((event) => event.kind)).subscribe(listener);
      coordinator.lifecycle$.subscribe({ next: listener, complete: listener });
    }
    coordinator.events$.pipe(map(fail)).subscribe();
    const heard: string[] = [];
    coordinator.events$.subscribe(({ kind }) => heard.push(kind));
    await coordinator.use('pg', () => undefined);
    await coordinator.cleanup();
    await settle();
    expect(heard).toEqual(
      ['acquired', 'created', 'released', 'retired', 'destroyed'].toSorted(
        (a, b) => heard.indexOf(a) - heard.indexOf(b),
      ),
    );
    expect(warned.mock.calls.length).toBeGreaterThan(8);
  });

  it('as an argument of whatever is asked of it', async () => {
    const coordinator = coordinatorOf();
    const value = make() as never;
    const asked = [
      () => coordinator.acquire(value),
      () => coordinator.acquire('pg', value),
      () => coordinator.acquire('pg', { signal: value }),
      () => coordinator.acquire('pg', { owner: value }),
      () => coordinator.acquire('pg', { timeout: value }),
      () => coordinator.acquire('tenants', { key: value }),
      () => coordinator.use('pg', value),
      () => coordinator.use(value, () => 1),
      () => coordinator.acquireCached('api', value),
      () => coordinator.acquireCached(value, 'acme'),
      () => coordinator.acquireCached('api', 'acme', value),
      () => coordinator.acquireCached('api', 'acme', { owner: value }),
      () => coordinator.acquireAll(value),
      () => coordinator.acquireAll(['pg'], value),
      () => coordinator.run(value),
      () => coordinator.run(() => 1, value),
      () => coordinator.run(() => 1, { owner: value }),
      () => coordinator.release(value),
    ];
    const outcomes: Outcome<unknown>[] = [];
    for (const ask of asked) {
      outcomes.push(new Outcome<unknown>(ask()), new Outcome<unknown>(coordinator.run(ask)));
      await settle();
      await giveBackAll(outcomes);
    }
    // A function is work, and what it throws is its own.
    const refused = outcomes.filter(({ state }) => state === 'rejected').map(({ error }) => error);
    if (typeof value !== 'function') for (const error of refused) expect(error).toBeInstanceOf(ResourceError);
    expect(outcomes.map(({ state }) => state)).not.toContain('pending');
    expect(coordinator.leases()).toEqual([]);
  });

  it('thrown by create while it ends, and reports', async () => {
    const clock = new VirtualClock();
    const gate = new Deferred();
    const coordinator = coordinatorOf(() => gate.promise.then(fail), clock);
    const asked = [
      coordinator.acquire('pg'),
      coordinator.acquire('tenants', { key: 'acme' }),
      coordinator.acquireCached('api', 'acme'),
    ].map((asking) => new Outcome<unknown>(asking));
    await settle();
    const report = new Outcome(coordinator.cleanup({ deadline: 100 }));
    await clock.advance(1_000);
    expect(report.state).toBe('pending');
    gate.resolve();
    await clock.advance(10);
    expect(report.value).toMatchObject({ clean: true });
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected']);
  });
});

async function giveBackAll(outcomes: readonly Outcome<unknown>[]): Promise<void> {
  for (const { value } of outcomes) {
    const leases = Array.isArray(value) ? value : [value];
    for (const lease of leases) await (lease as { release?: () => Promise<void> } | undefined)?.release?.();
  }
  await settle();
}

describe('what a coordinator tells', () => {
  it('can be awaited as of any Observable', async () => {
    const coordinator = new ResourceCoordinator();
    const phases = firstValueFrom(coordinator.lifecycle$.pipe(take(3), toArray()));
    await coordinator.cleanup();
    expect((await phases).map(({ phase }) => phase)).toEqual(['registered', 'draining', 'stopped']);
  });
});

describe('a shutdown', () => {
  it.each([Infinity, '30d'])(
    'waits for the work as long as it is told, and holds the process: %p',
    async (deadline) => {
      const clock = new VirtualClock();
      const coordinator = new ResourceCoordinator({
        resources: { pg: { create: () => ({}) } },
        drainTimeout: deadline,
        deadlockTimeout: deadline,
        clock,
      });
      const done = new Deferred();
      const work = coordinator.run(async () => {
        await coordinator.acquire('pg');
        await done.promise;
      });
      await settle();
      const report = new Outcome(coordinator.cleanup());
      clock.stall(29 * 86_400_000);
      await clock.advance(10);
      expect(report.state).toBe('pending');
      expect(clock.holding).toBeGreaterThan(0);
      done.resolve();
      await work;
      await clock.advance(10);
      expect(report.value).toMatchObject({ clean: true });
    },
  );

  it('is bounded by its deadline and one retirement, whatever hangs', async () => {
    const clock = new VirtualClock();
    const coordinator = new ResourceCoordinator({
      resources: {
        hangs: { create: never },
        stays: { create: () => ({}), destroy: never },
        tenants: { create: never, pool: { keyed: {} } },
      },
      cachedResources: { api: { create: never }, ftp: { create: () => ({}), destroy: never } },
      clock,
    });
    await coordinator.acquire('stays');
    await coordinator.acquireCached('ftp', 'acme');
    const asked = [
      coordinator.acquire('hangs'),
      coordinator.acquire('tenants', { key: 'acme' }),
      coordinator.acquireCached('api', 'acme'),
    ].map((asking) => new Outcome<unknown>(asking));
    await settle();
    const report = new Outcome(coordinator.cleanup({ deadline: 1_000 }));
    await clock.advance(6_100);
    expect(report.value).toMatchObject({ clean: false, held: [{ type: 'stays' }, { type: 'ftp' }] });
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('refuses a deadline that can not be read, and begins nothing', async () => {
    const coordinator = coordinatorOf();
    for (const deadline of [NaN, -1, null, 'soon', {}]) {
      const ending = coordinator.cleanup({ deadline: deadline as never });
      await expect(ending).rejects.toBeInstanceOf(InvalidOptionsError);
    }
    expect(coordinator.draining).toBe(false);
  });
});
