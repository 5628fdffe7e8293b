import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

/** The garbage collector, which Node otherwise hides. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

describe('a lease that is held for too long', () => {
  it('is reported once, with owner, age and stack', async () => {
    const bench = new PoolBench({ leaks: { warnAfter: '1s', stack: 'always' } });
    const events = bench.record();
    await bench.pool.acquire({ owner: 'OrdersController.find' });
    await bench.clock.advance(10_000);
    const reports = events.filter(({ kind }) => kind === 'leakSuspected');
    expect(reports).toEqual([
      {
        kind: 'leakSuspected',
        type: 'thing',
        resourceId: 1,
        owner: 'OrdersController.find',
        age: expect.any(Number),
        stack: expect.stringContaining('leaks.spec.ts'),
      },
    ]);
    const { age } = reports[0] as unknown as { age: number };
    expect(age).toBeGreaterThanOrEqual(1_000);
    expect(age).toBeLessThan(2_000);
  });

  it('is reported again when it comes back after all', async () => {
    const bench = new PoolBench({ leaks: { warnAfter: '1s' } });
    const events = bench.record();
    const lease = await bench.pool.acquire({ owner: 'slow' });
    await bench.clock.advance(5_000);
    await lease.release();
    expect(events).toContainEqual({
      kind: 'leakReturned',
      type: 'thing',
      resourceId: 1,
      owner: 'slow',
      age: 5_000,
    });
  });

  it('is not reported when it comes back in time', async () => {
    const bench = new PoolBench({ leaks: { warnAfter: '1s' } });
    const events = bench.record();
    for (let i = 0; i < 5; i++) {
      const lease = await bench.pool.acquire();
      await bench.clock.advance(700);
      await lease.release();
    }
    expect(events.filter(({ kind }) => kind.startsWith('leak'))).toEqual([]);
  });

  it('is reclaimed after maxLeaseTime, which is no return', async () => {
    const bench = new PoolBench({ maxLeaseTime: '2s', leaks: { warnAfter: '1s' } });
    const events = bench.record();
    await bench.pool.acquire();
    await bench.clock.advance(5_000);
    expect(events.map(({ kind }) => kind).filter((kind) => kind.startsWith('leak'))).toEqual([
      'leakSuspected',
      'leaked',
    ]);
  });

  describe('while nobody listens', () => {
    let warnings: jest.SpiedFunction<typeof process.emitWarning>;

    beforeEach(() => {
      warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    });

    afterEach(() => warnings.mockRestore());

    /** As texts: Node refuses an error of jest's realm. */
    const texts = (): string[] =>
      (warnings.mock.calls as unknown[][]).map(([text, name]) =>
        typeof text === 'string' ? `${String(name)}: ${text}` : 'no text',
      );

    it('is a process warning', async () => {
      const bench = new PoolBench({ leaks: { warnAfter: '1s', stack: 'always' } });
      const lease = await bench.pool.acquire({ owner: 'slow' });
      await bench.clock.advance(2_000);
      await lease.release();
      expect(texts()).toEqual([
        expect.stringMatching(
          /^LeakWarning: .*"thing" of slow has been held for 1\d{3} ms.*leaks\.spec\.ts/s,
        ),
        expect.stringContaining('a lease on "thing" of slow came back after all, after 2000 ms'),
      ]);
    });

    it('tells how to see the stack when none was captured', async () => {
      const bench = new PoolBench({ leaks: { warnAfter: '1s' } });
      await bench.pool.acquire();
      await bench.clock.advance(2_000);
      expect(texts()).toEqual([expect.stringContaining('set "leaks.stack" to see where')]);
    });
  });
});

describe('the stack of a lease', () => {
  async function captured(stack: 'off' | 'sampled' | 'always'): Promise<number> {
    const bench = new PoolBench({ max: 200, leaks: { stack } });
    await bench.borrow(200);
    return bench.pool.leases().filter((lease) => lease.stack?.includes('pool-bench.fixture.ts')).length;
  }

  it.each([
    ['off', 0],
    ['sampled', 2],
    ['always', 200],
  ] as const)('is captured %s: for %d of 200 leases', async (stack, count) => {
    expect(await captured(stack)).toBe(count);
  });

  it('is that of the caller, also when it had to wait', async () => {
    const bench = new PoolBench({ max: 1, leaks: { stack: 'always' } });
    const [held] = await bench.borrow(1);
    const lease = bench.pool.acquire();
    await held.release();
    await lease;
    expect(bench.pool.leases()).toEqual([
      expect.objectContaining({ stack: expect.stringContaining('leaks.spec.ts') }),
    ]);
  });
});

describe('a lease that was dropped', () => {
  const gc = collector();

  /** Borrows where nothing else remembers the lease. */
  async function drop(bench: PoolBench): Promise<void> {
    void (await bench.pool.acquire({ owner: 'forgetful' })).age;
  }

  async function collect(until: () => boolean): Promise<void> {
    for (let i = 0; i < 200 && !until(); i++) {
      gc();
      await settle();
    }
  }

  it('is taken back when it is garbage-collected, and its resource is not lent on', async () => {
    const bench = new PoolBench({ max: 1, leaks: { reclaimCollected: true } });
    const events = bench.record();
    await drop(bench);
    await collect(() => bench.pool.stats.leased === 0);
    expect(bench.pool.stats).toMatchObject({ leased: 0, retired: expect.objectContaining({ leaked: 1 }) });
    expect(events).toContainEqual({ kind: 'leaked', type: 'thing', resourceId: 1, owner: 'forgetful' });
    await expect(bench.pool.use(({ id }) => id)).resolves.toBe(2);
  });

  it('stays on loan by default', async () => {
    const bench = new PoolBench({ max: 1 });
    await drop(bench);
    for (let i = 0; i < 5; i++) {
      gc();
      await settle();
    }
    expect(bench.pool.stats.leased).toBe(1);
  });

  it('is left alone when it had ended before', async () => {
    const bench = new PoolBench({ max: 1, leaks: { reclaimCollected: true } });
    await (async () => {
      const lease = await bench.pool.acquire();
      await lease.release();
    })();
    for (let i = 0; i < 5; i++) {
      gc();
      await settle();
    }
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: expect.objectContaining({ leaked: 0 }) });
  });

  it('behaves as any lease while it is held', async () => {
    const bench = new PoolBench({ leaks: { reclaimCollected: true } });
    const lease = await bench.pool.acquire({ owner: 'me' });
    bench.clock.stall(5);
    expect([lease.resource.id, lease.owner, lease.age, lease.ended]).toEqual([1, 'me', 5, false]);
    await lease[Symbol.asyncDispose]();
    expect(lease.ended).toBe(true);
    const broken = await bench.pool.acquire();
    await broken.invalidate(new Error('broken'));
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });
});
