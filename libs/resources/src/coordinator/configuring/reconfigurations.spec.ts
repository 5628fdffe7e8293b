import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { ReconfigurationInProgressError } from '../../errors/reconfiguration-in-progress-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { never, Outcome } from '../../pool/deferred.fixture.js';
import { ResourceBudget } from '../../pool/sizing/resource-budget.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from '../resource-coordinator.js';

function started() {
  const clock = new VirtualClock();
  const made: string[] = [];
  const gone: string[] = [];
  const factory = (name: string) => ({
    create: () => {
      made.push(name);
      return { name };
    },
    destroy: (resource: { name: string }) => void gone.push(resource.name),
  });
  const coordinator = new ResourceCoordinator({
    clock,
    resources: { pg: { ...factory('old'), pool: { max: 3 } }, sftp: factory('sftp') },
    cachedResources: { client: { create: () => ({}) } },
  });
  return { clock, made, gone, factory, coordinator };
}

describe('reconfigure', () => {
  it('has put data in force when it returns its promise, and resolves with a report', async () => {
    const { coordinator } = started();
    const changed = coordinator.reconfigure('pg', { max: 5 });
    expect(coordinator.policies.get('pg')).toEqual({ max: 5 });
    expect(await changed).toEqual({ type: 'pg', version: 2, outcome: 'applied', duration: 0 });
    expect(await coordinator.reconfigure('pg', { max: 6 })).toMatchObject({ version: 3 });
    expect(await coordinator.reconfigure('sftp', { max: 6 })).toMatchObject({ type: 'sftp', version: 2 });
  });

  it('resolves with a report, too, when it went back', async () => {
    const { coordinator, clock, factory } = started();
    const cause = new Error('28P01');
    const bad = { ...factory('new'), create: () => Promise.reject(cause) };
    const change = { max: 5, factory: bad, creation: { retry: { attempts: 2 } } };
    const changed = new Outcome(coordinator.reconfigure('pg', change));
    await clock.advance(150);
    expect(changed.value).toMatchObject({ version: 2, outcome: 'rolledBack', cause });
    expect(changed.value?.duration).toBeGreaterThan(0);
    expect(coordinator.policies.get('pg')).toEqual({ max: 3 });
    expect(await coordinator.use('pg', (resource) => resource)).toEqual({ name: 'old' });
  });

  it('rejects what can work for nobody, and has changed nothing', async () => {
    const { coordinator, factory } = started();
    const attempts: [object, object | undefined, string][] = [
      [{ max: 0 }, undefined, 'max'],
      [{ factory: {} }, undefined, 'factory.create'],
      [{ factory: factory('new') }, { bake: Infinity }, 'bake'],
      [{ factory: factory('new') }, { bake: 'soon' }, 'bake'],
      [{ factory: factory('new') }, { bake: -1 }, 'bake'],
      [{ factory: factory('new') }, { overlap: 1.5 }, 'overlap'],
      [{ factory: factory('new') }, { overlap: Infinity }, 'overlap'],
      [{ factory: factory('new') }, { abortIf: () => true }, 'abortIf'],
      [{ factory: factory('new') }, { abortIf: true, bake: 1 }, 'abortIf'],
      [{ factory: factory('new') }, { canary: { count: 4 } }, 'canary.count'],
      [{ factory: factory('new') }, { canary: { count: -1 } }, 'canary.count'],
      [{ factory: factory('new') }, { canary: { validate: 'SELECT 1' } }, 'canary.validate'],
      [{ factory: factory('new') }, { canary: { timeout: 0 } }, 'canary.timeout'],
      [{ factory: factory('new') }, { canary: 1 }, 'canary'],
      [{ factory: factory('new') }, { drain: { spread: Infinity } }, 'drain.spread'],
      [{ factory: factory('new') }, { drain: { spread: 2, deadline: 1 } }, 'drain.deadline'],
      [{ factory: factory('new') }, { drain: { until: 1 } }, 'drain.until'],
      [{ factory: factory('new') }, { canaries: 1 }, 'canaries'],
      [{ factory: factory('new') }, { signal: {} }, 'signal'],
      [{ max: 4 }, { canary: { count: 1 } }, 'canary'],
      [{ max: 4 }, { overlap: 1 }, 'overlap'],
    ];
    for (const [change, options, option] of attempts) {
      const changed = coordinator.reconfigure('pg', change, options);
      await expect(changed).rejects.toThrow(InvalidOptionsError);
      await expect(changed).rejects.toMatchObject({ option });
    }
    expect(coordinator.policies.get('pg')).toEqual({ max: 3 });
    expect(await coordinator.reconfigure('pg', { max: 4 })).toMatchObject({ version: 2 });
  });

  it('rejects options that throw when they are read', async () => {
    const { coordinator } = started();
    const hostile = {
      get bake(): never {
        throw new Error('mine');
      },
    };
    await expect(coordinator.reconfigure('pg', {}, hostile)).rejects.toThrow(InvalidOptionsError);
    await expect(coordinator.reconfigure('pg', null as never)).rejects.toThrow(InvalidOptionsError);
    await expect(coordinator.reconfigure('pg', {}, null as never)).rejects.toThrow(InvalidOptionsError);
  });

  it('names an unknown type, and what to do with a cached one', async () => {
    const { coordinator } = started();
    await expect(coordinator.reconfigure('pgg', {})).rejects.toThrow(UnknownResourceError);
    const refusal = 'It is a cached type, and has no configuration that could be changed: remove';
    await expect(coordinator.reconfigure('client', {})).rejects.toThrow(refusal);
    await expect(coordinator.rollback('client')).rejects.toThrow(refusal);
    expect(() => coordinator.history('client')).toThrow(refusal);
  });

  it.each([
    ['create', '"create" belongs in "factory", with all that the factory has.'],
    ['validate', '"validate" belongs in "factory", with all that the factory has.'],
    ['pool', '"pool" is no member of a change: write its options beside "factory".'],
    ['secret', '"secret" belongs in "credentials".'],
  ])('says where %s belongs that stands elsewhere in a change', async (member, problem) => {
    const { coordinator } = started();
    const change = { [member]: () => ({}) };
    await expect(coordinator.reconfigure('pg', change)).rejects.toThrow(problem);
  });

  it('refuses another change of the type until the first is over, and none of another type', async () => {
    const { coordinator, clock, factory } = started();
    const first = new Outcome(coordinator.reconfigure('pg', { factory: factory('new') }, { bake: '10s' }));
    await settle();
    for (const change of [{ factory: factory('newer') }, { max: 4 }]) {
      const second = coordinator.reconfigure('pg', change);
      await expect(second).rejects.toThrow(ReconfigurationInProgressError);
    }
    expect(await coordinator.reconfigure('sftp', { max: 4 })).toMatchObject({ outcome: 'applied' });
    await clock.advance(10_100);
    expect(first.value?.outcome).toBe('applied');
    expect(await coordinator.reconfigure('pg', { max: 4 })).toMatchObject({ version: 3 });
  });

  it('of credentials begins the next generation', async () => {
    const { coordinator, gone } = started();
    await coordinator.use('pg', () => undefined);
    await coordinator.reconfigure('pg', { credentials: { secret: () => 'two' } }, { canary: { count: 2 } });
    expect(gone).toEqual(['old']);
    expect(coordinator.stats().pools['pg']).toMatchObject({ size: 2, idle: 2 });
  });

  it('with the same factory and credentials changes only data', async () => {
    const { coordinator, factory } = started();
    const same = factory('same');
    await coordinator.reconfigure('pg', { factory: same });
    await coordinator.reconfigure('pg', { factory: same, max: 4 });
    expect(coordinator.stats().pools['pg']).toMatchObject({ max: 4, created: 1, destroyed: 0 });
  });

  it('counts a stated overlap against the budget', async () => {
    const clock = new VirtualClock();
    const budget = new ResourceBudget(4);
    const definition = () => ({ create: () => ({}), pool: { max: 2, quota: { budget } } });
    const coordinator = new ResourceCoordinator({ clock, resources: { a: definition(), b: definition() } });
    const held = [await coordinator.acquire('b'), await coordinator.acquire('b')];
    await Promise.all([coordinator.acquire('a'), coordinator.acquire('a')]);
    const changed = new Outcome(
      coordinator.reconfigure('a', { factory: { create: () => ({}) } }, { overlap: 2 }),
    );
    await clock.advance(1_000);
    expect([budget.used, changed.state]).toEqual([4, 'pending']);
    await held[0]?.invalidate();
    await clock.advance(10);
    expect([budget.used, changed.value?.outcome]).toEqual([4, 'applied']);
  });

  it('keeps nothing from the callers of other pools on its budget', async () => {
    const budget = new ResourceBudget(3);
    const definition = () => ({ create: () => ({}), pool: { max: 3, quota: { budget } } });
    const clock = new VirtualClock();
    const coordinator = new ResourceCoordinator({ clock, resources: { a: definition(), b: definition() } });
    const leases = await Promise.all([1, 2, 3].map(() => coordinator.acquire('a')));
    await Promise.all(leases.map((lease) => lease.release()));
    const changed = new Outcome(
      coordinator.reconfigure('a', { factory: { create: () => ({}) } }, { bake: '1m' }),
    );
    await clock.advance(10);
    const asked = new Outcome(coordinator.acquire('b'));
    await clock.advance(10);
    expect([asked.state, changed.state, budget.used]).toEqual(['fulfilled', 'pending', 3]);
  });

  it.each([
    ['made', { create: never }, {}],
    ['validated', { validate: never }, {}],
    ['watched', {}, { bake: '1h' }],
  ])(
    'ends with the coordinator while a new generation is %s, and leaves nothing',
    async (_, hooks, options) => {
      const { coordinator, clock, factory, made, gone } = started();
      await coordinator.use('pg', () => undefined);
      const next = { ...factory('new'), ...hooks };
      const changed = new Outcome(coordinator.reconfigure('pg', { factory: next }, options));
      await clock.advance(10);
      const over = new Outcome(coordinator.cleanup({ deadline: 100 }));
      await clock.advance(12_000);
      expect(over.value).toMatchObject({ clean: true });
      expect(changed.value?.outcome).toBe('failed');
      expect(changed.value?.cause).toBeInstanceOf(PoolClosedError);
      expect(gone.toSorted()).toEqual(made.toSorted());
      expect(clock.running).toBe(0);
      await expect(coordinator.reconfigure('pg', {})).rejects.toThrow(UnknownResourceError);
    },
  );

  it('ends when its type is unregistered, and one of the same name is another', async () => {
    const { coordinator, clock, factory } = started();
    const changed = new Outcome(coordinator.reconfigure('pg', { factory: factory('new') }, { bake: '1h' }));
    await clock.advance(10);
    await coordinator.unregister('pg');
    expect(changed.value?.outcome).toBe('failed');
    coordinator.register('pg', factory('another'));
    expect(await coordinator.reconfigure('pg', { max: 2 })).toMatchObject({ outcome: 'applied', version: 2 });
  });

  it('asked in a unit of work runs in none', async () => {
    const { coordinator, clock, factory } = started();
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const see = (): boolean => {
      seen.push(store.getStore());
      return false;
    };
    const next = { ...factory('new'), validate: () => !see() };
    const changed = store.run('of a request', () =>
      coordinator.run(() =>
        coordinator.reconfigure(
          'pg',
          { factory: next },
          { bake: '1s', abortIf: see, canary: { validate: () => !see() } },
        ),
      ),
    );
    await clock.advance(1_100);
    expect(await changed).toMatchObject({ outcome: 'applied' });
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });

  it('asked from within a hook that it calls is refused, and disturbs nothing', async () => {
    const { coordinator, factory } = started();
    const inner: Outcome<unknown>[] = [];
    const ask = (): void => void inner.push(new Outcome(coordinator.reconfigure('pg', { max: 9 })));
    const next = { ...factory('new'), validate: () => (ask(), true) };
    expect(await coordinator.reconfigure('pg', { factory: next })).toMatchObject({ outcome: 'applied' });
    await settle();
    expect(inner.map(({ error }) => error)).toEqual([expect.any(ReconfigurationInProgressError)]);
  });
});

describe('the history', () => {
  it('hears of each change what was, what is to be and who says so, and how it ended and why', async () => {
    const { coordinator, factory } = started();
    const cause = Object.assign(new Error('refused'), { code: '28P01' });
    const bad = { create: () => Promise.reject(cause) };
    const change = { factory: bad, max: 4, creation: { retry: { attempts: 1 } } };
    const report = await coordinator.reconfigure('pg', change, { by: 'Ada' });
    expect(report).toMatchObject({ version: 2, outcome: 'rolledBack', cause });
    await coordinator.reconfigure('pg', { factory: factory('new') });
    await coordinator.reconfigure('pg', { max: 5 }, { by: 'Grace' });
    await coordinator.reconfigure('pg', { max: 0 }).catch(() => undefined);
    const told = coordinator.history('pg').map(({ version, by, outcome }) => [version, by, outcome]);
    expect(told).toEqual([
      [1, undefined, 'applied'],
      [2, 'Ada', 'rolledBack'],
      [3, undefined, 'applied'],
      [4, 'Grace', 'applied'],
    ]);
    expect(coordinator.history('pg')[1]).toMatchObject({
      what: [
        { option: 'factory', before: '***', after: '***' },
        { option: 'max', before: 3, after: 4 },
        { option: 'creation.retry.attempts', after: 1 },
      ],
      cause: expect.stringContaining('28P01'),
    });
  });
});
