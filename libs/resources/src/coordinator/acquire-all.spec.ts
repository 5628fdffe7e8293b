import { describe, expect, it } from '@jest/globals';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';

const withPools = (pool = { max: 1 }) => {
  const order: string[] = [];
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({
    clock,
    resources: {
      a: { create: () => 'an a', pool },
      b: { create: () => 'a b', pool },
      c: { create: () => 'a c', pool },
    },
  });
  coordinator.events$.subscribe(({ kind, type }) => {
    if (kind === 'acquired' || kind === 'released') order.push(`${kind} ${type}`);
  });
  return { order, clock, coordinator };
};

describe('acquireAll', () => {
  it('borrows one of each, in the order asked for', async () => {
    const { coordinator } = withPools();
    const leases = await coordinator.acquireAll(['c', 'a', 'b']);
    expect(leases.map(({ resource }) => resource)).toEqual(['a c', 'an a', 'a b']);
  });

  it('takes them in one fixed order whatever order is asked for', async () => {
    const { order, coordinator } = withPools({ max: 2 });
    await coordinator.acquireAll(['c', 'a', 'b']);
    await coordinator.acquireAll(['b', 'c', 'a']);
    expect(order.map((event) => event.at(-1)).join('')).toBe('abcabc');
  });

  it('borrows nothing when asked for nothing', async () => {
    expect(await withPools().coordinator.acquireAll([])).toEqual([]);
  });

  it('lets two callers that ask in opposite orders both come to their turn', async () => {
    const { coordinator } = withPools();
    const served: string[] = [];
    const work = async (name: string, types: readonly string[]): Promise<void> => {
      const leases = await coordinator.acquireAll(types);
      served.push(name);
      await settle();
      for (const lease of leases) await lease.release();
    };
    await Promise.all([work('first', ['a', 'b']), work('second', ['b', 'a'])]);
    expect(served).toEqual(['first', 'second']);
    expect(coordinator.leases()).toEqual([]);
  });

  it('gives the first back when the second cannot be created', async () => {
    const { coordinator } = withPools();
    const create = (): never => {
      throw new Error('connection refused');
    };
    coordinator.register('broken', { create }, { creation: { retry: { attempts: 1 } } });
    expect(await failureOf(coordinator.acquireAll(['broken', 'a']))).toBeInstanceOf(ResourceCreationError);
    expect(coordinator.leases()).toEqual([]);
    expect(coordinator.stats().pools['a']).toMatchObject({ acquired: 1, released: 1 });
  });

  it('does not wait for the reset of what it gives back', async () => {
    const { coordinator } = withPools();
    coordinator.register('0', { create: () => 'slow', reset: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const held = await coordinator.acquire('a');
    const failure = failureOf(coordinator.acquireAll(['0', 'a'], { signal: controller.signal }));
    await settle();
    controller.abort();
    expect(await Promise.race([failure, settle()])).toBeInstanceOf(AcquireAbortedError);
    await held.release();
  });

  it('borrows nothing when one type is unknown', async () => {
    const { order, coordinator } = withPools();
    const failure = await failureOf(coordinator.acquireAll(['a', 'd']));
    expect(failure).toBeInstanceOf(UnknownResourceError);
    expect(failure).toMatchObject({ type: 'd' });
    expect(order).toEqual([]);
  });

  it('refuses a type that is named twice, because two such callers could wait for each other', async () => {
    const { order, coordinator } = withPools({ max: 2 });
    const failure = await failureOf(coordinator.acquireAll(['a', 'b', 'a']));
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect((failure as Error).message).toContain('names "a" twice');
    expect(order).toEqual([]);
  });

  it('has one deadline for all of them', async () => {
    const { clock, coordinator } = withPools();
    const [a, b] = await coordinator.acquireAll(['a', 'b']);
    const all = failureOf(coordinator.acquireAll(['a', 'b'], { timeout: '100ms' }));
    await clock.advance(80);
    await a.release();
    await clock.advance(40);
    const failure = await Promise.race([all, settle()]);
    expect(failure).toBeInstanceOf(AcquireTimeoutError);
    expect(failure).toMatchObject({ type: 'b' });
    await b.release();
    expect(coordinator.leases()).toEqual([]);
  });

  it.each([0, 'soon'])('refuses %p as a time-out', async (timeout) => {
    const { order, coordinator } = withPools();
    const failure = await failureOf(coordinator.acquireAll(['a', 'b'], { timeout }));
    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(failure).toMatchObject({ option: 'timeout' });
    expect(order).toEqual([]);
  });

  it('gives its leases back with the scope', async () => {
    const { coordinator } = withPools();
    await coordinator.run(async () => {
      await coordinator.acquireAll(['a', 'b']);
      expect(coordinator.leases()).toHaveLength(2);
    });
    expect(coordinator.leases()).toEqual([]);
  });

  it('is refused after the end as any other new work', async () => {
    const { coordinator } = withPools();
    await coordinator.cleanup();
    expect(await failureOf(coordinator.acquireAll(['a', 'b']))).toBeInstanceOf(PoolClosedError);
  });
});
