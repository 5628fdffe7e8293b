import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred, never, Outcome } from '../deferred.fixture.js';
import {
  AcquireTimeoutError,
  KeyedResourcePool,
  PoolClosedError,
  ResourceBudget,
  ResourceCreationError,
  ResourcePool,
} from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

const DAY = 86_400_000;

describe('a warm-up settles', () => {
  it('when the pool drains, before it, meanwhile and afterwards', async () => {
    for (const ending of ['drain', 'close'] as const) {
      const bench = new PoolBench({ min: 2, max: 2, retirement: { timeout: '1s' } }, { creating: never });
      const before = new Outcome(bench.pool.warmUp());
      await settle();
      const ended = new Outcome(bench.pool[ending]({ deadline: '1s' }));
      const after = new Outcome(bench.pool.warmUp());
      await bench.clock.advance(2_100);
      for (const { error } of [before, after]) expect(error).toBeInstanceOf(PoolClosedError);
      expect(ended.state).toBe('fulfilled');
    }
  });

  it('when the pool drains for as long as it takes', async () => {
    const bench = new PoolBench({ min: 2, max: 2 });
    await bench.pool.acquire();
    bench.factory.creating = never;
    const warming = new Outcome(bench.pool.warmUp());
    const drained = new Outcome(bench.pool.drain({ deadline: Infinity }));
    await bench.clock.advance(1);
    expect(warming.error).toBeInstanceOf(PoolClosedError);
    expect(drained.state).toBe('pending');
  });

  it('when the minimum becomes less', async () => {
    const bench = new PoolBench({ min: 1, max: 2 }, { creating: never });
    const warming = new Outcome(bench.pool.warmUp());
    await settle();
    bench.pool.reconfigure({ min: 0 });
    await settle();
    expect(warming.state).toBe('fulfilled');
  });

  it('when there is no unit of the budget until the pool closes', async () => {
    const clock = new VirtualClock();
    const budget = new ResourceBudget(2);
    const options = { clock, max: 2, quota: { budget } };
    const other = new ResourcePool({ create: () => ({}) }, { ...options, type: 'other' });
    const pool = new ResourcePool({ create: () => ({}) }, { ...options, type: 'pool' });
    await Promise.all([other.acquire(), other.acquire()]);
    pool.reconfigure({ min: 1 });
    const warming = new Outcome(pool.warmUp());
    await settle();
    expect(warming.state).toBe('pending');
    const closed = new Outcome(pool.close({ deadline: 0 }));
    await clock.advance(10);
    expect(warming.error).toBeInstanceOf(PoolClosedError);
    expect(closed.state).toBe('fulfilled');
  });
});

describe('whatever is asked of a pool that closes settles', () => {
  it('from within every hook', async () => {
    for (const hook of ['create', 'validate', 'reset', 'destroy'] as const) {
      const clock = new VirtualClock();
      const outcomes: Outcome<unknown>[] = [];
      const ask = (): void => {
        if (outcomes.length > 0) return;
        outcomes.push(
          ...[
            pool.close({ deadline: 10 }),
            pool.close({ deadline: 10 }),
            pool.drain({ deadline: 10 }),
            pool.flush(),
            pool.warmUp(),
            pool.acquire(),
          ].map((asked) => new Outcome<unknown>(asked)),
        );
        pool.reconfigure({ max: 3 });
        pool.pause();
      };
      const pool: ResourcePool<object> = new ResourcePool(
        {
          create: () => (hook === 'create' && ask(), {}),
          validate: () => (hook === 'validate' && ask(), true),
          reset: () => hook === 'reset' && ask(),
          destroy: () => hook === 'destroy' && ask(),
        },
        { clock, validation: { aliveBypass: 0 } },
      );
      const borrow = async (): Promise<void> => {
        const lease = await pool.acquire();
        await lease.release();
        await (await pool.acquire()).invalidate();
      };
      borrow().catch(() => undefined);
      await clock.advance(20_000);
      expect(outcomes.map(({ state }) => state)).not.toContain('pending');
      expect(outcomes).toHaveLength(6);
    }
  });

  it('of a keyed pool, and tells each caller who waits for a place in its own name', async () => {
    const clock = new VirtualClock();
    const pool = new KeyedResourcePool({ create: () => ({}) }, { type: 'pg', clock, keyed: { maxKeys: 1 } });
    await pool.acquire({ key: 'acme' });
    const asked = ['Ada', 'Bob'].map((owner) => new Outcome(pool.acquire({ key: owner, owner })));
    await settle();
    const closed = new Outcome(pool.close({ deadline: 10 }));
    await clock.advance(20);
    expect(closed.state).toBe('fulfilled');
    expect(asked.map(({ error }) => error)).toEqual([
      expect.any(PoolClosedError),
      expect.any(PoolClosedError),
    ]);
    expect(asked.map(({ error }) => (error as PoolClosedError).owner)).toEqual(['Ada', 'Bob']);
    expect(asked[0]?.error).toMatchObject({ message: expect.not.stringContaining('Bob') });
  });

  it('waits for what a creation of a key still brings, within its bound', async () => {
    const clock = new VirtualClock();
    const gate = new Deferred();
    const destroyed: unknown[] = [];
    const pool = new KeyedResourcePool(
      { create: () => gate.promise.then(() => ({})), destroy: (resource) => destroyed.push(resource) },
      { clock, retirement: { timeout: '2s' } },
    );
    for (const key of ['acme', 'globex']) pool.acquire({ key }).catch(() => undefined);
    await settle();
    const closed = new Outcome(pool.close({ deadline: 10 }));
    await clock.advance(1_000);
    expect(closed.state).toBe('pending');
    gate.resolve();
    await clock.advance(10);
    expect([closed.state, destroyed.length]).toEqual(['fulfilled', 2]);
  });
});

describe('an error that several are told', () => {
  it('names each of them only to itself', async () => {
    const bench = new PoolBench(
      { max: 2, creation: { breaker: { failures: 1 } } },
      {
        creating: () => Promise.reject(new Error('down')),
      },
    );
    const asked = ['Ada', 'Bob', 'Cyd'].map((owner) => bench.ask({ owner }));
    const warming = new Outcome(bench.pool.warmUp());
    await bench.clock.advance(10);
    for (const [index, owner] of ['Ada', 'Bob', 'Cyd'].entries()) {
      expect(asked[index]?.error).toBeInstanceOf(ResourceCreationError);
      expect(asked[index]?.error).toMatchObject({ owner });
    }
    expect(new Set(asked.map(({ error }) => error)).size).toBe(3);
    expect(warming.state).toBe('fulfilled');
    expect(bench.pool.lastCreationError).toMatchObject({ owner: undefined });
  });

  it('is remembered without the name of the one whom it failed', async () => {
    const bench = new PoolBench({ min: 0, max: 2 });
    await bench.pool.acquire();
    bench.factory.creating = () => Promise.reject(new Error('down'));
    const ada = bench.ask({ owner: 'Ada' });
    await settle();
    expect(ada.error).toMatchObject({ owner: 'Ada' });
    bench.factory.creating = never;
    const bob = bench.ask({ owner: 'Bob', timeout: 100 });
    await bench.clock.advance(120);
    expect(bob.error).toBeInstanceOf(AcquireTimeoutError);
    const { cause } = bob.error as AcquireTimeoutError;
    expect(cause).toBe(bench.pool.lastCreationError);
    expect(cause).toMatchObject({ owner: undefined });
    bench.pool.reconfigure({ min: 2 });
    const warming = new Outcome(bench.pool.warmUp());
    await bench.clock.advance(20_000);
    expect(warming.error).toMatchObject({ owner: undefined });
    expect(JSON.stringify([warming.error, bench.pool.lastCreationError])).not.toContain('Ada');
  });
});

describe('a time of a month, or without end', () => {
  it.each([Infinity, '30d', 30 * DAY])(
    'is waited for by a drain, and holds the process: %p',
    async (deadline) => {
      const bench = new PoolBench();
      const lease = await bench.pool.acquire();
      const drained = new Outcome(bench.pool.drain({ deadline }));
      bench.clock.stall(29 * DAY);
      await bench.clock.advance(10);
      expect(drained.state).toBe('pending');
      expect(bench.clock.holding).toBeGreaterThan(0);
      await lease.release();
      await settle();
      expect(drained.value).toMatchObject({ clean: true });
    },
  );

  it('means what it says in every option', async () => {
    for (const long of [Infinity, '30d']) {
      const bench = new PoolBench(
        {
          min: 1,
          acquireTimeout: long,
          idleTimeout: long,
          maxLifetime: long,
          maxLeaseTime: long,
          leaks: { warnAfter: long },
          validation: { keepAlive: long, aliveBypass: long, timeout: long },
          creation: {
            timeout: long,
            retry: { delay: '30d', maxDelay: long },
            breaker: { cooldown: '30d', maxCooldown: long },
          },
          retirement: { timeout: long },
        },
        { validate: () => true },
      );
      const lease = await bench.pool.acquire();
      for (let day = 0; day < 20; day++) {
        bench.clock.stall(DAY);
        await bench.clock.advance(1_100);
      }
      expect(lease.ended).toBe(false);
      await lease.release();
      bench.clock.stall(8 * DAY);
      await bench.clock.advance(1_100);
      expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, destroyed: 0 });
      await bench.pool.close();
    }
  });
});
