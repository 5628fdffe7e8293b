import { describe, expect, it } from '@jest/globals';
import { DeadlockError } from '../errors/deadlock-error.js';
import { failureOf } from '../errors/failure-of.fixture.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Gate } from '../coordinator/gate.fixture.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { Sessions } from '../coordinator/sessions.fixture.js';

const PATIENT: PoolOptions = { max: 1, acquireTimeout: '1h' };

const withPools = (pools: Record<string, PoolOptions>) => {
  const clock = new VirtualClock();
  const resources = Object.fromEntries(
    Object.entries(pools).map(([type, pool]) => [type, new Sessions().definition(pool)]),
  );
  const cache = { load: { timeout: '2h' }, lease: { timeout: '2h' } };
  const coordinator = new ResourceCoordinator({ clock, resources, cache });
  /** A load that needs one of each of the types. */
  const load = (key: string, ...types: string[]): Promise<string> =>
    coordinator.cache.wrap(key, async () => {
      for (const type of types) await coordinator.acquire(type);
      return `${key} loaded`;
    });
  return { clock, coordinator, load };
};

type Outcomes = (string | DeadlockError)[];

const outcomesOf = async (work: Promise<string>[]): Promise<Outcomes> =>
  (await Promise.allSettled(work)).map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as DeadlockError),
  );

const victimsOf = (outcomes: Outcomes): DeadlockError[] =>
  outcomes.filter((outcome) => typeof outcome !== 'string');

describe('a scope that waits for a load that needs what it holds', () => {
  it('gets a DeadlockError that names itself and the load', async () => {
    const { clock, coordinator, load } = withPools({ a: PATIENT });
    const caller = failureOf(
      coordinator.run(() => coordinator.acquire('a').then(() => load('total', 'a')), { owner: 'caller' }),
    );
    await settle();
    await clock.advance(1_500);
    const failure = await caller;
    expect(failure).toBeInstanceOf(DeadlockError);
    expect(failure).toMatchObject({
      type: 'a',
      owner: 'caller (run)',
      circle: [
        { owner: 'caller (run)', holds: ['a'], waitsFor: 'cache["total"]' },
        { owner: 'cache["total"] (load)', holds: ['cache["total"]'], waitsFor: 'a' },
      ],
    });
    await settle();
    expect(coordinator.leases()).toEqual([]);
    expect(await load('total', 'a')).toBe('total loaded');
  });

  it.each([1, 2, 5])('is one victim of %i that hold all there is, each with a load of its own', async (n) => {
    const { clock, coordinator, load } = withPools({ a: { ...PATIENT, max: n } });
    const gate = new Gate();
    const work = Array.from({ length: n }, (_, i) =>
      coordinator.run(async () => {
        await coordinator.acquire('a');
        await gate.opened;
        return await load(`total ${i}`, 'a');
      }),
    );
    const outcomes = outcomesOf(work);
    await settle();
    gate.open();
    await clock.advance(10_000);
    expect(victimsOf(await outcomes)).toMatchObject([{ name: 'DeadlockError' }]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is one victim of many that wait for the same load, and the others are served', async () => {
    const { clock, coordinator, load } = withPools({ a: { ...PATIENT, max: 5 } });
    const gate = new Gate();
    const work = Array.from({ length: 5 }, (_, i) =>
      coordinator.run(
        async () => {
          await coordinator.acquire('a');
          await gate.opened;
          return await load('total', 'a');
        },
        { owner: `caller ${i}` },
      ),
    );
    const outcomes = outcomesOf(work);
    await settle();
    gate.open();
    await clock.advance(10_000);
    const [victim, ...others] = victimsOf(await outcomes);
    expect(victim).toMatchObject({ name: 'DeadlockError', owner: 'caller 4 (run)' });
    expect(victim.message).not.toMatch(/caller [0-3]/);
    expect(others).toEqual([]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is found through loads inside loads', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT });
    const { cache } = coordinator;
    const inner = () => cache.wrap('inner', () => coordinator.acquire('a').then(() => 1));
    const caller = failureOf(
      coordinator.run(() => coordinator.acquire('a').then(() => cache.wrap('outer', inner)), { owner: 'me' }),
    );
    await clock.advance(1_500);
    expect(await caller).toMatchObject({
      name: 'DeadlockError',
      circle: [
        { owner: 'me (run)', waitsFor: 'cache["outer"]' },
        { owner: 'cache["outer"] (load)', waitsFor: 'cache["inner"]' },
        { owner: 'cache["inner"] (load)', waitsFor: 'a' },
      ],
    });
  });

  it('is found when the load is the create of a cached type', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT });
    coordinator.registerCached('report', { create: () => coordinator.acquire('a').then(() => ({})) });
    const caller = failureOf(
      coordinator.run(() => coordinator.acquire('a').then(() => coordinator.acquireCached('report', 'x'))),
    );
    await clock.advance(1_500);
    expect(await caller).toBeInstanceOf(DeadlockError);
  });

  it('is found over several pools, and in a use()', async () => {
    const { clock, coordinator, load } = withPools({ a: PATIENT, b: PATIENT });
    const gate = new Gate();
    const work = [
      coordinator.run(() =>
        coordinator.use('a', async () => {
          await gate.opened;
          return await load('x', 'b');
        }),
      ),
      coordinator.run(() =>
        coordinator.use('b', async () => {
          await gate.opened;
          return await load('y', 'a');
        }),
      ),
    ];
    await settle();
    gate.open();
    const outcomes = outcomesOf(work);
    await clock.advance(10_000);
    expect(victimsOf(await outcomes)).toMatchObject([{ name: 'DeadlockError' }]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('may be the load itself', async () => {
    const { clock, coordinator } = withPools({});
    const { cache } = coordinator;
    const self = (): Promise<unknown> => cache.wrap('self', () => cache.wrap('self', () => 1));
    const caller = failureOf(self());
    await clock.advance(1_500);
    expect(await caller).toBeInstanceOf(DeadlockError);
  });

  it('is found when two wait for room that the other holds', async () => {
    const { clock, coordinator } = withPools({});
    const cache = { max: 2, lease: { timeout: '2h' } };
    coordinator.registerCached('client', { create: ({ key }) => ({ key }) }, cache);
    const gate = new Gate();
    const work = ['x', 'y'].map((key) =>
      coordinator.run(async () => {
        await coordinator.acquireCached('client', key);
        await gate.opened;
        await coordinator.acquireCached('client', `${key}2`);
        return 'done';
      }),
    );
    const outcomes = outcomesOf(work);
    await settle();
    gate.open();
    await clock.advance(3_000);
    expect(victimsOf(await outcomes)).toMatchObject([{ name: 'DeadlockError', type: 'client' }]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('is not told again to those who ask later, where failures are kept', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT });
    const load = () => coordinator.acquire('a').then(() => 'loaded');
    const ask = () => coordinator.cache.wrap('x', load, { errorTtl: '1h' });
    const caller = failureOf(coordinator.run(() => coordinator.acquire('a').then(ask)));
    await clock.advance(1_500);
    expect(await caller).toBeInstanceOf(DeadlockError);
    expect(await ask()).toBe('loaded');
  });

  it('serves a stale value instead, where that is allowed', async () => {
    const { clock, coordinator } = withPools({ a: PATIENT });
    const load = () => coordinator.acquire('a').then(() => clock.now());
    const ask = () => coordinator.cache.wrap('x', load, { ttl: 1, staleIfError: '1h' });
    const first = await ask();
    await clock.advance(10);
    const again = coordinator.run(() => coordinator.acquire('a').then(ask));
    await clock.advance(1_500);
    expect(await again).toBe(first);
  });
});

describe('a scope that waits for a load and is in no deadlock', () => {
  const waits = async (
    prepare: (coordinator: ResourceCoordinator) => (() => unknown) | Promise<() => unknown>,
    load: (coordinator: ResourceCoordinator, gate: Gate) => unknown,
    max = 1,
  ): Promise<unknown> => {
    const { clock, coordinator } = withPools({ a: { ...PATIENT, max } });
    const gate = new Gate();
    const end = await prepare(coordinator);
    const caller = coordinator.run(async () => {
      await coordinator.acquire('a');
      return await coordinator.cache.wrap('total', () => load(coordinator, gate));
    });
    await settle();
    await clock.advance(60_000);
    await end();
    gate.open();
    await clock.advance(10);
    return await caller;
  };

  it('waits on while the load works', async () => {
    expect(
      await waits(
        () => () => undefined,
        (_, gate) => gate.opened.then(() => 'loaded'),
      ),
    ).toBe('loaded');
  });

  it('waits on while somebody else may give back what the load needs', async () => {
    const lend = async (coordinator: ResourceCoordinator) => {
      const lease = await coordinator.acquire('a');
      return () => lease.release();
    };
    const load = (coordinator: ResourceCoordinator) => coordinator.acquire('a').then(() => 'loaded');
    expect(await waits(lend, load, 2)).toBe('loaded');
  });

  it('waits on while a use() of the load goes on beside', async () => {
    const load = (coordinator: ResourceCoordinator, gate: Gate) =>
      Promise.all([coordinator.use('a', () => gate.opened), settle()]).then(() => 'loaded');
    expect(await waits(() => () => undefined, load, 2)).toBe('loaded');
  });

  it('waits on when it holds nothing that the load needs', async () => {
    const { clock, coordinator, load } = withPools({ a: PATIENT, b: PATIENT });
    const b = await coordinator.acquire('b');
    const caller = coordinator.run(() => coordinator.acquire('a').then(() => load('total', 'b')));
    await clock.advance(60_000);
    await b.release();
    await clock.advance(10);
    expect(await caller).toBe('total loaded');
  });
});
