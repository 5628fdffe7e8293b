import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { UnknownVersionError } from '../../errors/unknown-version-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import { ResourceBudget } from '../../pool/sizing/resource-budget.js';
import type { CoordinatorOptions } from '../coordinator-options.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import { Sessions } from '../sessions.fixture.js';

const coordinatorWith = (pool: PoolOptions = { max: 2 }, options: CoordinatorOptions = {}) => {
  const sessions = new Sessions();
  return {
    sessions,
    coordinator: new ResourceCoordinator({ ...options, resources: { session: sessions.definition(pool) } }),
  };
};

const maxOf = (coordinator: ResourceCoordinator): number | undefined =>
  coordinator.policies.get('session')?.max;

describe("the history of a type's configuration", () => {
  it('begins with how the type was registered', () => {
    const { coordinator } = coordinatorWith();
    expect(coordinator.history('session')).toEqual([
      {
        type: 'session',
        version: 1,
        kind: 'registered',
        at: expect.any(Date),
        what: [],
        outcome: 'applied',
        duration: 0,
      },
    ]);
  });

  it('says when and what was changed, and how it ended', async () => {
    const { coordinator } = coordinatorWith();
    const start = Date.now();
    await coordinator.reconfigure('session', {
      max: 5,
      idleTimeout: '1m',
      validation: { keepAlive: Infinity },
    });
    const [, change] = coordinator.history('session');
    expect(change).toMatchObject({ version: 2, kind: 'reconfigured', outcome: 'applied' });
    expect(change.what).toEqual([
      { option: 'max', before: 2, after: 5 },
      { option: 'idleTimeout', after: '1m' },
      { option: 'validation.keepAlive', after: 'Infinity' },
    ]);
    expect(change.at.getTime()).toBeGreaterThanOrEqual(start);
    expect(change.duration).toBeGreaterThanOrEqual(0);
  });

  it('shows nothing of a factory or a function but that it was changed', async () => {
    const { coordinator, sessions } = coordinatorWith();
    const isFatal = (): boolean => true;
    await coordinator.reconfigure('session', { factory: sessions.definition(), validation: { isFatal } });
    expect(coordinator.history('session')[1].what).toEqual([
      { option: 'factory', before: '***', after: '***' },
      { option: 'validation.isFatal', after: '***' },
    ]);
  });

  it('tells of what was changed at the pool itself, when somebody looks', async () => {
    const { coordinator } = coordinatorWith();
    coordinator.pools.get('session')?.resize({ max: 7 });
    expect(coordinator.history('session').at(-1)).toMatchObject({ version: 2, kind: 'direct' });
    coordinator.pools.get('session')?.resize({ max: 8 });
    await coordinator.reconfigure('session', { max: 9 });
    expect(coordinator.history('session').map(({ kind }) => kind)).toEqual([
      'registered',
      'direct',
      'direct',
      'reconfigured',
    ]);
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied' });
    expect(maxOf(coordinator)).toBe(8);
  });

  it('has no entry for what was refused, or changed nothing', async () => {
    const { coordinator } = coordinatorWith();
    await expect(coordinator.reconfigure('session', { max: 0 })).rejects.toThrow(InvalidOptionsError);
    await coordinator.reconfigure('session', { max: 2 });
    await coordinator.reconfigure('session', {});
    expect(coordinator.history('session')).toHaveLength(1);
  });

  it('keeps the last changes, as many as the option says, and the beginning', async () => {
    const { coordinator } = coordinatorWith({ max: 1 }, { history: 3 });
    for (let max = 2; max <= 10; max++) await coordinator.reconfigure('session', { max });
    expect(coordinator.history('session').map(({ version }) => version)).toEqual([1, 8, 9, 10]);
    const error = await failureOf(coordinator.rollback('session', 7));
    expect(error).toBeInstanceOf(UnknownVersionError);
    expect(error).toMatchObject({ type: 'session', version: 7, known: [1, 8, 9, 10], current: 10 });
    expect(maxOf(coordinator)).toBe(10);
  });

  it('keeps twenty changes where nobody says', async () => {
    const { coordinator } = coordinatorWith({ max: 1 });
    for (let max = 2; max <= 50; max++) await coordinator.reconfigure('session', { max });
    expect(coordinator.history('session')).toHaveLength(21);
  });

  it('can be changed by whoever reads it, and stays as it is', () => {
    const { coordinator } = coordinatorWith();
    const [first] = coordinator.history('session');
    first.at.setTime(0);
    first.version = 9;
    expect(coordinator.history('session')[0].version).toBe(1);
    expect(coordinator.history('session')[0].at.getTime()).toBeGreaterThan(0);
  });

  it('begins anew when the type is registered anew', async () => {
    const { coordinator, sessions } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 3 });
    await coordinator.unregister('session');
    expect(() => coordinator.history('session')).toThrow(UnknownResourceError);
    coordinator.register('session', sessions.definition(), { max: 4 });
    expect(coordinator.history('session').map(({ version }) => version)).toEqual([1]);
    expect(coordinator.drift()).toEqual({});
  });

  it('stays what it was when the application changes the options that it gave', () => {
    const queue: PoolOptions['queue'] = { order: 'fifo' };
    const { coordinator } = coordinatorWith({ max: 2, queue });
    queue.order = 'lifo';
    expect(coordinator.drift()).toEqual({
      session: [{ option: 'queue.order', before: 'fifo', after: 'lifo' }],
    });
  });

  it('is of pooled types only', () => {
    const coordinator = new ResourceCoordinator({ cachedResources: { tenant: { create: () => ({}) } } });
    expect(() => coordinator.history('tenant')).toThrow(UnknownResourceError);
    expect(() => coordinator.history('nobody')).toThrow('No resource type "nobody" is registered');
  });

  it.each(['constructor', 'a.b', '\r\n[Nest] LOG'])('may be of a type named %p', async (type) => {
    const coordinator = new ResourceCoordinator();
    coordinator.register(type, { create: () => ({}) }, { max: 1 });
    await coordinator.reconfigure(type, { max: 2 });
    expect(Object.keys(coordinator.drift())).toEqual([type]);
    await coordinator.rollback(type);
    expect(coordinator.history(type).map(({ version }) => version)).toEqual([1, 2, 3]);
  });
});

describe('a rollback', () => {
  it('goes back to before the last change, and says by whom', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 5 });
    const report = await coordinator.rollback('session', undefined, { by: 'ann' });
    expect(report).toEqual({ type: 'session', version: 3, outcome: 'applied', duration: expect.any(Number) });
    expect(maxOf(coordinator)).toBe(2);
    expect(coordinator.history('session').at(-1)).toMatchObject({
      version: 3,
      kind: 'rollback',
      restores: 1,
      by: 'ann',
      what: [{ option: 'max', before: 5, after: 2 }],
      outcome: 'applied',
    });
  });

  it('goes back to any version that is kept', async () => {
    const { coordinator } = coordinatorWith();
    for (const max of [3, 4, 5]) await coordinator.reconfigure('session', { max });
    await coordinator.rollback('session', 2);
    expect(maxOf(coordinator)).toBe(3);
    await coordinator.rollback('session', 1);
    expect(maxOf(coordinator)).toBe(2);
  });

  it('brings back defaults: what was not given is not given again', async () => {
    const { coordinator } = coordinatorWith({ max: 2, queue: { order: 'lifo' } });
    const before = coordinator.policies.get('session');
    await coordinator.reconfigure('session', {
      idleTimeout: 5,
      queue: { order: 'priority', ageing: '3s', coDel: {} },
      retirement: { prune: {} },
      validation: { timeout: { reset: 5 } },
    });
    await coordinator.rollback('session');
    expect(coordinator.policies.get('session')).toStrictEqual(before);
    await coordinator.rollback('session');
    expect(coordinator.policies.get('session')).toMatchObject({ queue: { ageing: '3s', coDel: {} } });
  });

  it('can be rolled back', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 5 });
    await coordinator.rollback('session');
    await coordinator.rollback('session');
    expect(maxOf(coordinator)).toBe(5);
    await coordinator.rollback('session', 3);
    expect(maxOf(coordinator)).toBe(2);
    expect(coordinator.history('session').map(({ restores }) => restores)).toEqual([
      undefined,
      undefined,
      1,
      2,
      3,
    ]);
  });

  it('brings back the factory, and with it a generation of its own', async () => {
    const { coordinator, sessions } = coordinatorWith();
    const later = new Sessions();
    await coordinator.use('session', () => undefined);
    await coordinator.reconfigure('session', { factory: later.definition() });
    await coordinator.use('session', () => undefined);
    expect([sessions.created, later.created, sessions.alive]).toEqual([1, 1, 0]);
    await coordinator.rollback('session');
    await coordinator.use('session', () => undefined);
    expect([sessions.created, later.created, later.alive]).toEqual([2, 1, 0]);
    expect(coordinator.drift()).toEqual({});
  });

  it('of a keyed type reaches the pools of all its keys', async () => {
    const { coordinator, sessions } = coordinatorWith({ max: 1, keyed: {} });
    const later = new Sessions();
    await coordinator.use('session', () => undefined, { key: 'a' });
    await coordinator.reconfigure('session', { idleTimeout: '1s', maxUses: 5, factory: later.definition() });
    await coordinator.use('session', () => undefined, { key: 'a' });
    await coordinator.rollback('session');
    const pool = coordinator.pools.get('session');
    const [ofKey] = [pool as { poolOf?: (key: string) => { options: PoolOptions } | undefined }];
    expect(ofKey.poolOf?.('a')?.options).not.toHaveProperty('idleTimeout');
    expect(ofKey.poolOf?.('a')?.options).not.toHaveProperty('maxUses');
    await coordinator.use('session', () => undefined, { key: 'a' });
    expect([sessions.created, later.created, later.alive]).toEqual([2, 1, 0]);
  });

  it('lets loans go on', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 5, factory: new Sessions().definition() });
    const lease = await coordinator.acquire('session');
    await coordinator.rollback('session');
    expect(lease.resource).toEqual({ id: 1 });
    await lease.release();
  });

  it('to what is in force does nothing', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 5 });
    expect(await coordinator.rollback('session', 2)).toMatchObject({ version: 2, outcome: 'applied' });
    expect(coordinator.history('session')).toHaveLength(2);
  });

  it.each([
    ['nothing was changed', undefined, /"session" has not been changed.*Known: 1; version 1 is in force/],
    ['there was no such version', 2, /There is no version 2 of the configuration of "session"/],
  ])('is refused when %s', async (_, version, problem) => {
    const { coordinator } = coordinatorWith();
    const error = await failureOf(coordinator.rollback('session', version));
    expect(error).toBeInstanceOf(UnknownVersionError);
    expect(error).toMatchObject({
      type: 'session',
      version,
      known: [1],
      message: expect.stringMatching(problem),
    });
  });

  it.each([
    ['a version that is none', ['session', 0.5], '"version" must be a whole number of at least 1; got 0.5'],
    ['a version in words', ['session', 'two'], '"version" must be a whole number of at least 1; got "two"'],
    ['an unknown option', ['session', 1, { bye: 'x' }], '"bye" is not an option. Known options: by'],
    ['a claim that is no text', ['session', 1, { by: 1 }], '"by" must be a text'],
    ['a claim without end', ['session', 1, { by: 'x'.repeat(201) }], '"by" must be a text of at most 200'],
    ['options that are none', ['session', 1, null], '"options" must be an object'],
  ])('refuses %s', async (_, args, problem) => {
    const { coordinator } = coordinatorWith();
    const rollback = coordinator.rollback.bind(coordinator) as (...args: unknown[]) => Promise<unknown>;
    const error = await failureOf(rollback(...args));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(problem);
    expect(coordinator.history('session')).toHaveLength(1);
  });

  it('of a type that nobody has registered is refused by name', async () => {
    const { coordinator } = coordinatorWith();
    expect(await failureOf(coordinator.rollback('nobody'))).toBeInstanceOf(UnknownResourceError);
  });

  it('that can not be applied any more says why, and changes nothing', async () => {
    const budget = new ResourceBudget(4);
    const { coordinator } = coordinatorWith({ min: 3, max: 4, quota: { budget } });
    await coordinator.reconfigure('session', { min: 0 });
    coordinator.register('other', new Sessions().definition(), { min: 2, quota: { budget } });
    const report = await coordinator.rollback('session');
    expect(report).toMatchObject({ version: 3, outcome: 'failed', cause: expect.any(InvalidOptionsError) });
    expect(coordinator.policies.get('session')).toMatchObject({ min: 0 });
    expect(coordinator.history('session').at(-1)).toMatchObject({
      outcome: 'failed',
      cause: 'InvalidOptionsError',
    });
    expect(await failureOf(coordinator.rollback('session', 3))).toBeInstanceOf(UnknownVersionError);
    await coordinator.reconfigure('session', { max: 3 });
    await coordinator.rollback('session');
    expect(coordinator.policies.get('session')).toMatchObject({ min: 0, max: 4 });
  });

  it('asked for twice at once happens once', async () => {
    const { coordinator } = coordinatorWith();
    for (const max of [3, 4]) await coordinator.reconfigure('session', { max });
    const reports = await Promise.all([coordinator.rollback('session'), coordinator.rollback('session')]);
    expect(reports.map(({ version }) => version)).toEqual([4, 4]);
    expect(maxOf(coordinator)).toBe(3);
  });

  it('beside a reconfiguration leaves one of the two, and the history says which', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 3 });
    const going = coordinator.rollback('session');
    await coordinator.reconfigure('session', { max: 4 });
    await going;
    expect(maxOf(coordinator)).toBe(2);
    expect(coordinator.history('session').map(({ kind, restores }) => restores ?? kind)).toEqual([
      'registered',
      'reconfigured',
      'reconfigured',
      1,
    ]);
  });

  it('gives up a change that is still being made, and waits for its end', async () => {
    const { coordinator, sessions } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 3 });
    const options = coordinator.policies.get('session') ?? {};
    const factory = sessions.definition();
    const running = coordinator['changes'].historyOf('session').current;
    const change = { before: running, after: { factory, options: { ...options, max: 9 } } };
    const record = coordinator['changes'].history.begin('session', change);
    const over = jest.fn();
    const going = coordinator.rollback('session', 1).then(over);
    await new Promise((resolve) => setImmediate(resolve));
    expect([record.signal.aborted, over.mock.calls.length]).toEqual([true, 0]);
    record.end('rolledBack', record.signal.reason);
    await going;
    expect(maxOf(coordinator)).toBe(2);
    expect(coordinator.history('session').map(({ outcome, restores }) => restores ?? outcome)).toEqual([
      'applied',
      'applied',
      'rolledBack',
      1,
    ]);
  });

  it('goes back from a change that is still being made to what was before it', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 3 });
    const { current } = coordinator['changes'].historyOf('session');
    const after = { ...current, options: { ...current.options, max: 9 } };
    const record = coordinator['changes'].history.begin('session', { before: current, after });
    const going = coordinator.rollback('session');
    record.end('rolledBack');
    expect(await going).toMatchObject({ version: 2, outcome: 'applied' });
    expect(maxOf(coordinator)).toBe(3);
  });

  it('may be asked for by a hook of the type: what that hook makes is not lent any more', async () => {
    const { coordinator } = coordinatorWith();
    let rolledBack: Promise<unknown> | undefined;
    const create = (): object => {
      rolledBack ??= coordinator.rollback('session');
      return { id: 9 };
    };
    await coordinator.reconfigure('session', { factory: { create } });
    expect(await coordinator.use('session', (session) => session)).toEqual({ id: 1 });
    expect(await rolledBack).toMatchObject({ outcome: 'applied' });
  });

  it('in a request leaves nothing of the request with what it brings back', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { coordinator } = coordinatorWith();
    const see = (): void => void seen.push(storage.getStore());
    const make = () => ({ create: () => (see(), {}), destroy: see });
    coordinator.register('other', make(), { min: 1 });
    await coordinator.warmUp();
    await coordinator.reconfigure('other', { factory: make() });
    await storage.run('mine', () => coordinator.rollback('other'));
    await coordinator.use('other', () => undefined);
    await coordinator.cleanup();
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });

  it('concerns one coordinator, though another has a type of that name', async () => {
    const [one, other] = [coordinatorWith().coordinator, coordinatorWith().coordinator];
    for (const coordinator of [one, other]) await coordinator.reconfigure('session', { max: 7 });
    await one.rollback('session');
    expect([maxOf(one), maxOf(other)]).toEqual([2, 7]);
  });

  it('brings back options that an instance of a class has by getters', async () => {
    class Queue {
      get order(): 'lifo' {
        return 'lifo';
      }
    }
    const { coordinator } = coordinatorWith({ max: 2, queue: new Queue() });
    const document = await coordinator.backup();
    expect(document.resources[0].options).toMatchObject({ queue: { order: 'lifo' } });
    await coordinator.reconfigure('session', { max: 3, queue: { order: 'fifo' } });
    await coordinator.rollback('session');
    expect(coordinator.policies.get('session')).toMatchObject({ max: 2, queue: { order: 'lifo' } });
    expect(coordinator.drift()).toEqual({});
  });

  it('works while the coordinator drains, and not after its end', async () => {
    const { coordinator } = coordinatorWith();
    await coordinator.reconfigure('session', { max: 3 });
    coordinator.startDraining();
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied' });
    await coordinator.cleanup();
    expect(await failureOf(coordinator.rollback('session'))).toBeInstanceOf(UnknownResourceError);
  });

  it('that is not awaited makes no unhandled rejection for the next', async () => {
    const { coordinator } = coordinatorWith();
    const warned = jest.fn();
    process.once('unhandledRejection', warned);
    coordinator.rollback('session').catch(() => undefined);
    await coordinator.reconfigure('session', { max: 3 });
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', warned);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('drift', () => {
  it('is what differs from the code, by type', async () => {
    const { coordinator } = coordinatorWith();
    coordinator.register('other', { create: () => ({}) });
    expect(coordinator.drift()).toEqual({});
    await coordinator.reconfigure('session', { max: 5 });
    expect(coordinator.drift()).toEqual({ session: [{ option: 'max', before: 2, after: 5 }] });
    coordinator.pools.get('other')?.resize({ max: 3 });
    expect(coordinator.drift()).toMatchObject({ other: [{ option: 'max', after: 3 }] });
    await coordinator.rollback('session');
    await coordinator.rollback('other', 1);
    expect(coordinator.drift()).toEqual({});
  });
});
