import { describe, expect, it } from '@jest/globals';
import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import type { Phase } from '../reports/phase.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { Gate } from './gate.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { type Session, Sessions } from './sessions.fixture.js';

const withSessions = (max = 2) => {
  const sessions = new Sessions();
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    drainTimeout: '10s',
    resources: { session: sessions.definition({ max }) },
  });
  return { sessions, clock, coordinator };
};

/** What a promise brought, or 'pending'. */
const now = async <T>(promise: Promise<T>): Promise<T | 'pending'> => {
  await settle();
  return Promise.race([promise, Promise.resolve('pending' as const)]);
};

describe("a coordinator's life", () => {
  describe('lifecycle$', () => {
    it('tells each phase, and completes with the last', async () => {
      const { coordinator } = withSessions();
      const phases: Phase[] = [];
      let completed = false;
      coordinator.lifecycle$.subscribe({
        next: ({ type, phase }) => type === undefined && phases.push(phase),
        complete: () => (completed = true),
      });
      await coordinator.warmUp();
      coordinator.startDraining();
      expect(coordinator).toMatchObject({ draining: true, drainReport: undefined });
      expect(completed).toBe(false);
      await coordinator.cleanup();
      expect(phases).toEqual(['registered', 'starting', 'ready', 'draining', 'stopped']);
      expect(completed).toBe(true);
    });
  });

  describe('warmUp', () => {
    it('fills all pools to their minimum', async () => {
      const [a, b] = [new Sessions(), new Sessions()];
      const coordinator = new ResourceCoordinator({
        resources: { a: a.definition({ min: 2 }), b: b.definition() },
      });
      await coordinator.warmUp();
      expect(coordinator.stats()).toMatchObject({
        phase: 'ready',
        pools: { a: { idle: 2 }, b: { idle: 0 } },
      });
      await coordinator.cleanup();
    });

    it('keeps idle what is to be kept ahead of demand, under a change while it runs, too', async () => {
      const sessions = new Sessions();
      const coordinator = new ResourceCoordinator({ resources: { a: sessions.definition({ minIdle: 2 }) } });
      await coordinator.warmUp();
      expect(coordinator.stats().pools['a'].idle).toBe(2);
      await coordinator.use('a', async () => {
        void coordinator.reconfigure('a', { minIdle: 3 });
        await settle();
        expect(coordinator.stats().pools['a']).toMatchObject({ leased: 1, idle: 3 });
      });
      await coordinator.cleanup();
    });

    it('closes everything that was warmed when one pool cannot be', async () => {
      const [good, bad] = [new Sessions(), new Sessions()];
      bad.failure = new Error('connection refused');
      const coordinator = new ResourceCoordinator({
        resources: { good: good.definition({ min: 2 }), bad: bad.definition({ min: 1 }) },
      });
      const failure = await failureOf(coordinator.warmUp());
      expect(failure).toBeInstanceOf(ResourceCreationError);
      expect(failure).toMatchObject({ type: 'bad', cause: bad.failure });
      expect(good).toMatchObject({ created: 2, alive: 0 });
      expect(coordinator.stats()).toMatchObject({ phase: 'stopped', pools: {} });
    });
  });

  describe('draining', () => {
    it('refuses work that begins', async () => {
      const { coordinator } = withSessions();
      await coordinator.use('session', () => undefined);
      await settle();
      coordinator.startDraining();
      expect(await failureOf(coordinator.acquire('session'))).toBeInstanceOf(PoolClosedError);
      expect(await failureOf(coordinator.use('session', () => 1))).toBeInstanceOf(PoolClosedError);
      expect(await failureOf(coordinator.acquireAll(['session']))).toBeInstanceOf(PoolClosedError);
      expect(coordinator.tryAcquire('session')).toBeUndefined();
      const late = coordinator.run(() => coordinator.acquire('session'), { owner: 'latecomer' });
      expect(await failureOf(late)).toMatchObject({ name: 'PoolClosedError', owner: 'latecomer (run)' });
    });

    it('lets work that has begun borrow more', async () => {
      const { coordinator } = withSessions(3);
      const gate = new Gate();
      const work = coordinator.run(async () => {
        await gate.opened;
        await coordinator.acquire('session');
        await coordinator.use('session', () => undefined);
        return coordinator.leases().length;
      });
      coordinator.startDraining();
      gate.open();
      expect(await work).toBe(1);
    });

    it('lets work that has begun go on in a scope of its own', async () => {
      const { coordinator } = withSessions();
      const gate = new Gate();
      const work = coordinator.run(async () => {
        await gate.opened;
        return await coordinator.run(() => coordinator.use<Session, number>('session', ({ id }) => id));
      });
      coordinator.startDraining();
      gate.open();
      expect(await work).toBe(1);
    });

    it('refuses a new scope of work that has ended', async () => {
      const { coordinator } = withSessions();
      const gate = new Gate();
      const { detached } = await coordinator.run(async () => {
        await coordinator.use('session', () => undefined);
        const later = async (): Promise<unknown> => {
          await gate.opened;
          return await coordinator.run(() => coordinator.acquire('session'));
        };
        return { detached: failureOf(later()) };
      });
      coordinator.startDraining();
      gate.open();
      expect(await detached).toBeInstanceOf(PoolClosedError);
    });

    it('takes no more resource types', () => {
      const { coordinator } = withSessions();
      coordinator.startDraining();
      expect(() => coordinator.register('late', new Sessions().definition())).toThrow(PoolClosedError);
      expect(() => coordinator.registerAll({ late: new Sessions().definition() })).toThrow(PoolClosedError);
      expect([...coordinator.pools.keys()]).toEqual(['session']);
    });
  });

  describe('the end of all scopes', () => {
    it('is true at once when nothing works', async () => {
      expect(await withSessions().coordinator.scopes.over(0)).toBe(true);
    });

    it('waits for the last scope that has borrowed', async () => {
      const { clock, coordinator } = withSessions();
      const [first, second] = [new Gate(), new Gate()];
      for (const gate of [first, second]) {
        void coordinator.run(async () => {
          await coordinator.acquire('session');
          await gate.opened;
        });
      }
      await settle();
      const { holding } = clock;
      const over = coordinator.scopes.over(1_000);
      first.open();
      expect(await now(over)).toBe('pending');
      second.open();
      expect(await now(over)).toBe(true);
      expect(clock.holding).toBe(holding);
    });

    it('is false at the deadline', async () => {
      const { clock, coordinator } = withSessions();
      const gate = new Gate();
      const work = coordinator.run(async () => {
        await coordinator.acquire('session');
        await gate.opened;
      });
      await settle();
      const over = coordinator.scopes.over(1_000);
      await clock.advance(1_000);
      expect(await now(over)).toBe(false);
      gate.open();
      await work;
      expect(await coordinator.scopes.over(1_000)).toBe(true);
    });
  });

  describe('cleanup', () => {
    it('reports a clean end, and keeps the report', async () => {
      const { sessions, coordinator } = withSessions();
      await coordinator.use('session', () => undefined);
      await coordinator.cache.put('key', 'value');
      const report = await coordinator.cleanup();
      expect(report).toMatchObject({ clean: true, held: [], duration: 0 });
      expect(coordinator.drainReport).toBe(report);
      expect(coordinator.stats()).toMatchObject({ phase: 'stopped', pools: {}, cache: { size: 0 } });
      expect(sessions.alive).toBe(0);
    });

    it('lets work that has begun borrow more, until it is over', async () => {
      const { clock, sessions, coordinator } = withSessions();
      const gate = new Gate();
      const work = coordinator.run(async () => {
        await coordinator.use('session', () => undefined);
        await coordinator.acquire('session');
        await gate.opened;
        return await coordinator.use<Session, number>('session', ({ id }) => id, { separate: true });
      });
      await settle();
      const report = coordinator.cleanup();
      await clock.advance(3_000);
      gate.open();
      expect(await work).toBe(2);
      expect(await report).toMatchObject({ clean: true, held: [], duration: 3_000 });
      expect(sessions.alive).toBe(0);
    });

    it('ends what remains at the deadline, and says who held it', async () => {
      const { clock, sessions, coordinator } = withSessions();
      let lease: { readonly resource: unknown } | undefined;
      void coordinator.run(
        async () => {
          lease = await coordinator.acquire('session');
          await new Promise(() => undefined);
        },
        { owner: 'endless' },
      );
      await settle();
      const report = coordinator.cleanup({ deadline: 500 });
      await clock.advance(499);
      expect(await now(report)).toBe('pending');
      await clock.advance(5);
      expect(await now(report)).toMatchObject({
        clean: false,
        held: [{ type: 'session', owner: 'endless (run)', age: expect.closeTo(500, -1) }],
        duration: expect.closeTo(500, -1),
      });
      expect(() => lease?.resource).toThrow(LeaseReleasedError);
      expect(sessions.alive).toBe(0);
      expect(coordinator.pools.size).toBe(0);
    });

    it('waits for nobody when told so', async () => {
      const { clock, coordinator } = withSessions();
      void coordinator.run(async () => {
        await coordinator.acquire('session');
        await new Promise(() => undefined);
      });
      await settle();
      const report = coordinator.cleanup({ deadline: 0 });
      await clock.advance(1);
      expect(await now(report)).toMatchObject({ held: [{ owner: 'anonymous (run)' }] });
    });

    it('does not wait for the work that asks for it', async () => {
      const { coordinator } = withSessions();
      const report = coordinator.run(async () => {
        const lease = await coordinator.acquire('session');
        await lease.release();
        return await coordinator.cleanup();
      });
      expect(await now(report)).toMatchObject({ clean: true });
    });

    it('may be asked for twice, and reports the one end', async () => {
      const { clock, coordinator } = withSessions();
      const lease = await coordinator.acquire('session');
      const first = coordinator.cleanup();
      const second = coordinator.cleanup();
      await clock.advance(2_000);
      await lease.release();
      expect(await first).toMatchObject({ clean: true, duration: 2_000 });
      expect(await second).toBe(await first);
      expect(await coordinator.cleanup()).toBe(await first);
      expect(coordinator.drainReport).toBe(await first);
    });

    it('lends nothing afterwards, not even to work that had begun', async () => {
      const { coordinator } = withSessions();
      const gate = new Gate();
      const begun = coordinator.run(async () => {
        await gate.opened;
        return await coordinator.acquire('session');
      });
      await coordinator.cleanup();
      gate.open();
      expect(await failureOf(begun)).toBeInstanceOf(PoolClosedError);
      expect(await failureOf(coordinator.acquire('session'))).toBeInstanceOf(PoolClosedError);
      expect((await failureOf(coordinator.acquire('session'))) as Error).toMatchObject({
        type: 'session',
        message: expect.stringContaining('refuses a new caller'),
      });
    });
  });
});
