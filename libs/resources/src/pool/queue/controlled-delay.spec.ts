import { describe, expect, it } from '@jest/globals';
import { PoolOverloadedError } from '../../errors/index.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Outcome } from '../deferred.fixture.js';
import type { Lease } from '../leases/lease.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { Thing } from '../counting-factory.fixture.js';

describe('controlled delay', () => {
  /** A pool of one whose holders keep it for 100 ms each, while a caller comes every 50 ms. */
  async function overload(bench: PoolBench, callers: number): Promise<Outcome<Lease<Thing>>[]> {
    const asked: Outcome<Lease<Thing>>[] = [];
    for (let i = 0; i < callers; i++) {
      const asking = bench.pool.acquire();
      asked.push(new Outcome(asking));
      void asking.then(
        (lease) => void bench.clock.setTimeout(() => void lease.release(), 100),
        () => undefined,
      );
      await bench.clock.advance(50);
    }
    return asked;
  }

  it('sheds some under lasting overload and serves the others in time', async () => {
    const bench = new PoolBench({
      max: 1,
      acquireTimeout: '1m',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    const events = bench.record();
    const asked = await overload(bench, 200);
    const shed = asked.filter(({ state }) => state === 'rejected');
    expect(shed.length).toBeGreaterThan(50);
    for (const { error } of shed) expect(error).toBeInstanceOf(PoolOverloadedError);
    expect(events.filter(({ kind }) => kind === 'shed')).toHaveLength(shed.length);
    expect(bench.pool.stats.pending).toBeLessThan(20);
  });

  it('is off by default: all wait', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: '1m' });
    const asked = await overload(bench, 200);
    expect(asked.filter(({ state }) => state === 'rejected')).toEqual([]);
    expect(bench.pool.stats.pending).toBeGreaterThan(90);
  });

  it('sheds nobody while the pool keeps up', async () => {
    const bench = new PoolBench({
      max: 4,
      acquireTimeout: '1m',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    const asked = await overload(bench, 200);
    expect(asked.filter(({ state }) => state === 'rejected')).toEqual([]);
  });

  it('sheds who has waited for too long when nothing comes back at all', async () => {
    const bench = new PoolBench({
      max: 1,
      acquireTimeout: '1h',
      queue: { coDel: { target: '100ms', interval: '1s' } },
    });
    await bench.borrow(1);
    const early = bench.ask({ owner: 'early' });
    await bench.clock.advance(950);
    const late = bench.ask({ owner: 'late' });
    await bench.clock.advance(60);
    expect([early.error, late.state]).toEqual([expect.any(PoolOverloadedError), 'pending']);
    expect(early.error).toMatchObject({ type: 'thing', owner: 'early' });
    await bench.clock.advance(1_000);
    expect(late.error).toBeInstanceOf(PoolOverloadedError);
    expect(bench.pool.stats.pending).toBe(0);
  });

  it('sheds nobody who waits for long while others are served', async () => {
    const bench = new PoolBench({ max: 1, queue: { coDel: { target: '100ms', interval: '1s' } } });
    const [held] = await bench.borrow(1);
    const [first, second] = [bench.ask(), bench.ask()];
    await bench.clock.advance(500);
    void held.release();
    await bench.clock.advance(600);
    expect([first.state, second.state]).toEqual(['fulfilled', 'pending']);
  });

  it('tells who was shed how long it had waited', async () => {
    const bench = new PoolBench({ max: 1, queue: { coDel: { target: '100ms', interval: '1s' } } });
    await bench.borrow(1);
    const stalled = bench.ask();
    await bench.clock.advance(1_010);
    expect(stalled.error).toMatchObject({ waited: expect.closeTo(1_004, -1) });
  });

  it('tells the same who was shed when it was its turn', async () => {
    const bench = new PoolBench({ max: 1, queue: { coDel: { target: '100ms', interval: '1s' } } });
    const [held] = await bench.borrow(1);
    const [first, second, third, last] = [1, 2, 3, 4].map(() => bench.ask());
    await bench.clock.advance(900);
    void held.release();
    await bench.clock.advance(200);
    void first.value?.release();
    await bench.clock.advance(1_100);
    void second.value?.release();
    await settle();
    for (const { error } of [third, last]) expect(error).toMatchObject({ waited: 2_200 });
  });

  it('does not keep the process alive when nobody waits', async () => {
    const bench = new PoolBench({ max: 1, queue: { coDel: {} } });
    const [held] = await bench.borrow(1);
    const waiting = bench.ask();
    await held.release();
    await settle();
    expect([waiting.state, bench.clock.holding]).toEqual(['fulfilled', 0]);
  });
});
