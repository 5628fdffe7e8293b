import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../errors/failure-of.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Gate } from './gate.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';
import { type Session, Sessions } from './sessions.fixture.js';

const HEALTH = { reserve: 'health' } as const;

const withReserve = (max = 2) => {
  const sessions = new Sessions();
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    resources: {
      session: sessions.definition({ max, reserve: { health: 1 } }),
      other: sessions.definition({ max: 1 }),
    },
  });
  return { sessions, clock, coordinator };
};

describe('a reserved place', () => {
  it('is lent by acquire, use and acquireAll, inside a scope and outside', async () => {
    const { coordinator } = withReserve();
    await coordinator.acquire('session');
    expect(await coordinator.use<Session, number>('session', ({ id }) => id, HEALTH)).toBe(2);
    await coordinator.run(async () => {
      expect((await coordinator.acquire<Session>('session', HEALTH)).resource.id).toBe(2);
    });
    const [lease] = await coordinator.acquireAll(['session'], HEALTH);
    expect(coordinator.leases()).toHaveLength(2);
    expect(coordinator.stats().pools['session']).toMatchObject({ max: 2, leased: 2 });
    await lease.release();
    await coordinator.cleanup({ deadline: 0 });
  });

  it('is found by its resource, to be given back', async () => {
    const { coordinator } = withReserve();
    await coordinator.acquire('session');
    const { resource } = await coordinator.acquire('session', HEALTH);
    await coordinator.release(resource);
    expect(coordinator.leases()).toHaveLength(1);
    await coordinator.cleanup({ deadline: 0 });
  });

  it('does not hide a deadlock of those who have no part in it', async () => {
    const { coordinator, clock } = withReserve();
    const gate = new Gate();
    const crossing = (first: string, second: string) =>
      coordinator.run(async () => {
        await coordinator.acquire(first);
        await gate.opened;
        await coordinator.acquire(second);
      });
    const both = Promise.allSettled([crossing('session', 'other'), crossing('other', 'session')]);
    await settle();
    gate.open();
    await clock.advance(2_000);
    const [one, other] = await both;
    expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    await coordinator.cleanup();
  });

  it('is not lent to a type that keeps none, nor asked for by another name', async () => {
    const { coordinator } = withReserve();
    expect(await failureOf(coordinator.acquire('other', HEALTH))).toMatchObject({
      name: 'InvalidOptionsError',
      type: 'other',
    });
    const odd = { reserve: 'jobs' } as never;
    for (const asked of [
      coordinator.acquire('session', odd),
      coordinator.run(() => coordinator.acquire('session', odd)),
    ])
      expect(await failureOf(asked)).toMatchObject({ name: 'InvalidOptionsError' });
    await coordinator.cleanup();
  });

  it('is closed with all that there is', async () => {
    const { coordinator, sessions } = withReserve();
    await coordinator.acquire('session');
    await coordinator.acquire('session', { ...HEALTH, owner: 'check' });
    const report = await coordinator.cleanup({ deadline: 0 });
    expect(report.held.map(({ id }) => id)).toEqual(['session#1', 'session(health)#1']);
    expect(new Set(sessions.destroyed)).toEqual(new Set([1, 2]));
  });
});
