import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { ResourcePool } from '../pool/resource-pool.js';
import { ResourceBudget } from '../pool/sizing/resource-budget.js';
import { settle } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { ONE_TRY, Sessions } from './sessions.fixture.js';

const withSessions = (max = 2) => {
  const sessions = new Sessions();
  const coordinator = new ResourceCoordinator({ resources: { session: sessions.definition({ max }) } });
  return { sessions, coordinator };
};

describe("a coordinator's types", () => {
  describe('register', () => {
    it('adds a type', async () => {
      const coordinator = new ResourceCoordinator();
      coordinator.register('session', new Sessions().definition(), { max: 3 });
      expect(coordinator.pools.get('session')).toBeInstanceOf(ResourcePool);
      expect(coordinator.policies.get('session')).toEqual({ max: 3 });
      expect(await coordinator.use('session', (session) => session)).toEqual({ id: 1 });
    });

    it('refuses a type that is taken', () => {
      const { coordinator } = withSessions();
      expect(() => coordinator.register('session', new Sessions().definition())).toThrow(
        '"resources.session" is registered already',
      );
    });

    it.each([
      [
        'a type without a name',
        '',
        { create: () => 1 },
        {},
        '"resources" has a resource type without a name',
      ],
      ['a factory without create', 'a', {}, {}, '"resources.a.create" must be a function'],
      ['a factory that is none', 'a', null, {}, '"resources.a" must be a factory'],
      ['an option out of range', 'a', { create: () => 1 }, { max: 0 }, '"resources.a.pool.max" must be'],
      [
        'an unknown option',
        'a',
        { create: () => 1 },
        { size: 1 },
        '"resources.a.pool.size" is not an option',
      ],
    ])('refuses %s', (_what, type, factory, options, problem) => {
      const coordinator = new ResourceCoordinator();
      expect(() => coordinator.register(type, factory as never, options as never)).toThrow(
        InvalidOptionsError,
      );
      expect(() => coordinator.register(type, factory as never, options as never)).toThrow(problem);
      expect(coordinator.pools.size).toBe(0);
    });
  });

  describe('registerAll', () => {
    it('adds several types', () => {
      const { coordinator } = withSessions();
      coordinator.registerAll({ a: { create: () => 1 }, b: { create: () => 2, pool: { max: 1 } } });
      expect([...coordinator.pools.keys()]).toEqual(['session', 'a', 'b']);
    });

    it('adds none when one cannot work', () => {
      const { coordinator } = withSessions();
      const wrong = { a: { create: () => 1 }, b: { create: () => 2, pool: { max: 0 } } };
      expect(() => coordinator.registerAll(wrong, 'forFeature')).toThrow('"forFeature.b.pool.max"');
      expect([...coordinator.pools.keys()]).toEqual(['session']);
    });

    it('refuses an option of the pool that stands beside the factory, but no field of an instance', () => {
      class Factory {
        max = 1;
        create = (): number => 1;
      }
      const { coordinator } = withSessions();
      const misplaced = { a: { create: () => 1, max: 1 } } as never;
      expect(() => coordinator.registerAll(misplaced)).toThrow(
        '"resources.a.max" is an option of the pool: put it under "pool".',
      );
      coordinator.registerAll({ b: new Factory() });
      expect([...coordinator.pools.keys()]).toEqual(['session', 'b']);
    });

    it('adds none when one is taken', () => {
      const { coordinator } = withSessions();
      const taken = { a: { create: () => 1 }, session: { create: () => 2 } };
      expect(() => coordinator.registerAll(taken)).toThrow('"resources.session" is registered already');
      expect([...coordinator.pools.keys()]).toEqual(['session']);
    });

    it.each([null, 'session'])('refuses %p in place of definitions', (definitions) => {
      expect(() => new ResourceCoordinator().registerAll(definitions as never)).toThrow(
        '"resources" must be an object of factories by resource type',
      );
    });
  });

  describe('unregister', () => {
    it('drains the pool, closes it and forgets it', async () => {
      const { sessions, coordinator } = withSessions();
      const pool = coordinator.pools.get('session');
      const lease = await coordinator.acquire('session');
      const gone = coordinator.unregister('session');
      await settle();
      expect(coordinator.pools.get('session')).toBe(pool);
      await lease.release();
      expect(await gone).toMatchObject({ clean: true, held: [] });
      expect(coordinator.pools.size).toBe(0);
      expect(sessions.alive).toBe(0);
    });

    it('may be asked for twice at the same time', async () => {
      const { coordinator } = withSessions();
      const [first, second] = await Promise.all([
        coordinator.unregister('session'),
        coordinator.unregister('session'),
      ]);
      expect(second).toBe(first);
      expect(coordinator.pools.size).toBe(0);
    });

    it('frees the name', async () => {
      const { coordinator } = withSessions();
      await coordinator.unregister('session');
      coordinator.register('session', { create: () => 'another' });
      expect(await coordinator.use('session', (session) => session)).toBe('another');
    });

    it('names an unknown type', async () => {
      expect(await failureOf(withSessions().coordinator.unregister('sesion'))).toBeInstanceOf(
        UnknownResourceError,
      );
    });
  });

  it('adds none of several types when a budget does not suffice for all', async () => {
    const coordinator = new ResourceCoordinator();
    const create = (): object => ({});
    const few = { quota: { budget: new ResourceBudget(1) } };
    expect(() => coordinator.registerAll({ a: { create, pool: few }, b: { create, pool: few } })).toThrow(
      InvalidOptionsError,
    );
    expect([...coordinator.pools.keys()]).toEqual([]);
    await settle();
    coordinator.register('a', { create }, few);
    expect([...coordinator.pools.keys()]).toEqual(['a']);
  });

  describe('reconfigure', () => {
    it('changes options under load', async () => {
      const { coordinator } = withSessions(1);
      const first = await coordinator.acquire('session');
      const second = coordinator.acquire('session');
      void coordinator.reconfigure('session', { max: 2 });
      expect((await second).ended).toBe(false);
      expect(coordinator.policies.get('session')).toEqual({ max: 2, creation: ONE_TRY });
      await Promise.all([first.release(), (await second).release()]);
    });

    it('changes nothing when one value cannot work', async () => {
      const { coordinator } = withSessions(1);
      const factory = { create: () => 'another' };
      for (const change of [
        { max: 5, min: 6, factory },
        { max: 5, factory: {} as never },
      ]) {
        const changed = coordinator.reconfigure('session', change);
        await expect(changed).rejects.toThrow(InvalidOptionsError);
      }
      expect(coordinator.policies.get('session')).toEqual({ max: 1, creation: ONE_TRY });
      expect(await coordinator.use('session', (session) => session)).toEqual({ id: 1 });
    });

    it('starts a new generation with a new factory', async () => {
      const { sessions, coordinator } = withSessions();
      await coordinator.use('session', () => undefined);
      await settle();
      await coordinator.reconfigure('session', { factory: { create: () => 'another' } });
      expect(await coordinator.use('session', (session) => session)).toBe('another');
      expect(sessions.alive).toBe(0);
    });

    it('names an unknown type', async () => {
      const changed = withSessions().coordinator.reconfigure('sesion', {});
      await expect(changed).rejects.toThrow(UnknownResourceError);
    });
  });
});
