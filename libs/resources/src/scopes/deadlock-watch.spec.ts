import { describe, expect, it } from '@jest/globals';
import { DeadlockError } from '../errors/deadlock-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import type { Lease } from '../pool/leases/lease.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import type { CoordinatorOptions } from '../coordinator/coordinator-options.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import { Gate } from '../coordinator/gate.fixture.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { ScopedLeaseProxy } from './scoped-lease.js';
import { Sessions } from '../coordinator/sessions.fixture.js';

const withPools = (pools: Record<string, PoolOptions>, options: CoordinatorOptions = {}) => {
  const clock = new VirtualClock();
  const resources = Object.fromEntries(
    Object.entries(pools).map(([type, pool]) => [type, new Sessions().definition(pool)]),
  );
  const coordinator = new ResourceCoordinator({ clock, resources, ...options });
  const gate = new Gate();
  /** Takes types one by one, after each waiting until the gate is open. */
  const take = (owner: string, ...types: string[]): Promise<string> =>
    coordinator.run(
      async () => {
        for (const type of types) {
          await coordinator.acquire(type);
          await gate.opened;
        }
        return `${owner} done`;
      },
      { owner },
    );
  return { clock, coordinator, gate, take };
};

const PATIENT: PoolOptions = { max: 1, acquireTimeout: '1h' };

describe('scopes that wait for each other', () => {
  it('lose the youngest, which is told the circle, and the others go on', async () => {
    const { clock, coordinator, gate, take } = withPools({ a: PATIENT, b: PATIENT });
    const [first, second] = [take('first', 'a', 'b'), failureOf(take('second', 'b', 'a'))];
    await settle();
    gate.open();
    await clock.advance(2_000);
    const failure = await second;
    expect(failure).toBeInstanceOf(DeadlockError);
    expect(failure).toMatchObject({
      type: 'a',
      owner: 'second (run)',
      stats: { max: 1, leased: 1, pending: 2 - 1 },
      circle: [
        { owner: 'second (run)', holds: ['b'], waitsFor: 'a' },
        { owner: 'first (run)', holds: ['a'], waitsFor: 'b' },
      ],
    });
    expect((failure as Error).message).toContain(
      'second (run) holds "b" and waits for "a"; first (run) holds "a" and waits for "b"',
    );
    expect(await first).toBe('first done');
    expect(coordinator.leases()).toEqual([]);
  });

  it('may be more than two, and wait in pools of several', async () => {
    const two = { ...PATIENT, max: 2 };
    const { clock, gate, take } = withPools({ a: two, b: PATIENT, c: PATIENT });
    const work = [take('1', 'a', 'b'), take('2', 'b', 'c'), take('3', 'a', 'c'), take('4', 'c', 'a')];
    await settle();
    gate.open();
    const results = Promise.allSettled(work);
    await clock.advance(10_000);
    const outcomes = (await results).map((result) =>
      result.status === 'fulfilled' ? result.value : (result.reason as Error).name,
    );
    expect(outcomes).toEqual(['1 done', '2 done', '3 done', 'DeadlockError']);
  });

  it('are found however they took what they hold: by use(), by a scoped lease, by acquireAll()', async () => {
    const { clock, coordinator, gate } = withPools({ a: PATIENT, b: PATIENT });
    const scoped = new ScopedLeaseProxy<unknown>(coordinator, 'a');
    const using = coordinator.run(() =>
      coordinator.use('a', async () => {
        await gate.opened;
        await coordinator.use('b', () => undefined);
      }),
    );
    await settle();
    const other = failureOf(
      coordinator.run(async () => {
        const [, b] = await coordinator.acquireAll(['b']).then((leases) => [0, ...leases] as const);
        expect(b.ended).toBe(false);
        gate.open();
        await scoped.acquire();
      }),
    );
    await clock.advance(2_000);
    expect(await other).toBeInstanceOf(DeadlockError);
    await using;
  });

  it('are found when they began to wait for both before they had one', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT, b: PATIENT });
    const [a, b] = [await coordinator.acquire('a'), await coordinator.acquire('b')];
    const both = (...types: string[]) =>
      coordinator.run(() => Promise.all(types.map((type) => coordinator.acquire(type))).then(() => types));
    const results = Promise.allSettled([both('a', 'b'), both('b', 'a')]);
    await settle();
    await a.release();
    await b.release();
    await clock.advance(5_000);
    expect((await results).map(({ status }) => status)).toContain('fulfilled');
    expect(coordinator.leases()).toEqual([]);
  });

  it('are found when one took what was idle while it waited for the other', async () => {
    const { clock, coordinator, gate, take } = withPools({ a: PATIENT, b: PATIENT });
    await coordinator.use('b', () => undefined);
    await settle();
    const first = take('first', 'a', 'b');
    await settle();
    const second = coordinator.run(async () => {
      const a = coordinator.acquire('a');
      const b = coordinator.tryAcquire('b') as Lease<unknown>;
      await Promise.race([a, settle()]);
      await a;
      await b.release();
      return 'second done';
    });
    gate.open();
    const results = Promise.allSettled([first, second]);
    await clock.advance(5_000);
    expect(await results).toMatchObject([{ reason: { name: 'DeadlockError' } }, { value: 'second done' }]);
  });

  it('may be one that waits for a second of what it holds', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT });
    const alone = coordinator.run(async () => {
      await coordinator.acquire('a');
      await coordinator.acquire('a', { separate: true });
    });
    const failure = failureOf(alone);
    await clock.advance(2_000);
    expect(await failure).toMatchObject({ circle: [{ holds: ['a'], waitsFor: 'a' }] });
  });

  it('give up one by one until the rest can go on', async () => {
    const { clock, coordinator, gate, take } = withPools({ a: PATIENT, b: PATIENT, c: PATIENT, d: PATIENT });
    const work = [take('1', 'a', 'b'), take('2', 'b', 'a'), take('3', 'c', 'd'), take('4', 'd', 'c')];
    await settle();
    gate.open();
    const results = Promise.allSettled(work);
    await clock.advance(1_600);
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('are left to their deadline when told so', async () => {
    const short = { max: 1, acquireTimeout: '10s' };
    const { clock, gate, take } = withPools({ a: short, b: short }, { deadlockTimeout: Infinity });
    const results = Promise.allSettled([take('1', 'a', 'b'), take('2', 'b', 'a')]);
    await settle();
    gate.open();
    await clock.advance(11_000);
    const [one, two] = await results;
    const failure = one.status === 'rejected' ? one : two;
    expect(failure).toMatchObject({ reason: expect.any(AcquireTimeoutError) });
  });
});

describe('scopes that wait and are in no deadlock', () => {
  /** Two that wait for each other but for one lease that somebody else holds, or one condition. */
  const almost = async (
    prepare: (coordinator: ResourceCoordinator) => Promise<() => unknown>,
    max = 1,
  ): Promise<unknown[]> => {
    const { clock, coordinator, gate, take } = withPools({ a: { ...PATIENT, max }, b: PATIENT });
    const end = await prepare(coordinator);
    const results = Promise.all([take('first', 'a', 'b'), take('second', 'b', 'a')]);
    await settle();
    gate.open();
    await clock.advance(60_000);
    await end();
    await clock.advance(60_000);
    return await results;
  };
  const DONE = ['first done', 'second done'];

  it('wait on while a lease outside of any scope may come back', async () => {
    const prepare = async (coordinator: ResourceCoordinator) => {
      const lease = await coordinator.acquire('a');
      return () => lease.release();
    };
    expect(await almost(prepare, 2)).toEqual(DONE);
  });

  it('wait on while another scope holds one and works', async () => {
    const prepare = async (coordinator: ResourceCoordinator) => {
      const gate = new Gate();
      void coordinator.run(async () => {
        await coordinator.acquire('a');
        await gate.opened;
      });
      await settle();
      return () => gate.open();
    };
    expect(await almost(prepare, 2)).toEqual(DONE);
  });

  it('wait on while a use() beside the acquisition works', async () => {
    const { clock, coordinator, gate, take } = withPools({ a: PATIENT, b: PATIENT });
    const first = coordinator.run(async () => {
      await Promise.all([
        coordinator.use('a', () => gate.opened),
        Promise.resolve().then(async () => {
          await settle();
          await coordinator.use('b', () => undefined);
        }),
      ]);
      return 'first done';
    });
    const second = coordinator.run(async () => {
      await coordinator.acquire('b');
      await coordinator.acquire('a');
      return 'second done';
    });
    await clock.advance(60_000);
    gate.open();
    await clock.advance(1);
    expect(await Promise.all([first, second])).toEqual(DONE);
    expect(await take('third', 'a')).toBe('third done');
  });

  it('wait on while the pool is paused', async () => {
    const { clock, coordinator, gate, take } = withPools({ a: PATIENT, b: PATIENT });
    const first = take('first', 'a', 'b');
    await settle();
    coordinator.pools.get('b')?.pause();
    gate.open();
    await clock.advance(60_000);
    coordinator.pools.get('b')?.resume();
    await clock.advance(1);
    expect(await first).toBe('first done');
  });

  it('take all in one order with acquireAll()', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT, b: PATIENT });
    const both = (types: string[]) =>
      coordinator.run(async () => {
        await coordinator.acquireAll(types);
        await settle();
        return 'done';
      });
    const work = Promise.all(
      Array.from({ length: 20 }, (_, i) => both(i % 2 === 0 ? ['a', 'b'] : ['b', 'a'])),
    );
    await clock.advance(60_000);
    expect(new Set(await work)).toEqual(new Set(['done']));
  });

  it('keep their own signal and time-out', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT, b: PATIENT });
    await coordinator.acquire('b');
    await coordinator.run(async () => {
      await coordinator.acquire('a');
      const controller = new AbortController();
      const aborted = failureOf(coordinator.acquire('b', { signal: controller.signal }));
      await settle();
      controller.abort(new Error('changed my mind'));
      expect(await aborted).toMatchObject({
        name: 'AcquireAbortedError',
        cause: new Error('changed my mind'),
      });
      const late = failureOf(coordinator.acquire('b', { timeout: 100 }));
      await clock.advance(200);
      expect(await late).toBeInstanceOf(AcquireTimeoutError);
    });
  });

  it('cost no timer unless they hold something meanwhile, and none afterwards', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT, b: PATIENT });
    const [a, b] = [await coordinator.acquire('a'), await coordinator.acquire('b')];
    await a.release();
    await settle();
    const { running } = clock;
    const waiting = coordinator.run(() => coordinator.use('b', () => undefined));
    await settle();
    const queued = clock.running - running;
    const holding = coordinator.run(() => coordinator.use('a', () => coordinator.use('b', () => undefined)));
    await settle();
    expect(clock.running - running).toBe(queued + 1);
    await b.release();
    await Promise.all([waiting, holding]);
    await clock.advance(1_000);
    expect(clock.running).toBeLessThanOrEqual(running);
  });
});
