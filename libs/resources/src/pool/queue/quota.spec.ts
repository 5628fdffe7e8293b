import { describe, expect, it } from '@jest/globals';
import { AcquireAbortedError, AcquireTimeoutError, PoolExhaustedError } from '../../errors/index.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('a quota', () => {
  it('holds back who has as many leases as it allows, and nobody else', async () => {
    const bench = new PoolBench({ max: 4, quota: { max: 2 } });
    const asked = ['a', 'a', 'a', 'b'].map((owner) => bench.ask({ owner }));
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'pending', 'fulfilled']);
    expect(bench.pool.stats).toMatchObject({ leased: 3, pending: 1, creating: 0 });
    void asked[0].value?.release();
    await settle();
    expect(asked[2].state).toBe('fulfilled');
  });

  it('counts per tenant, where one is given', async () => {
    const bench = new PoolBench({ max: 4, quota: { max: 1 } });
    const asked = ['x', 'x', 'y'].map((tenant, index) => bench.ask({ owner: `o${index}`, tenant }));
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending', 'fulfilled']);
  });

  it('holds for tryAcquire', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    await bench.inventory(1);
    const lease = bench.pool.tryAcquire({ owner: 'a' });
    await bench.inventory(1);
    expect(bench.pool.tryAcquire({ owner: 'a' })).toBeUndefined();
    expect(bench.pool.tryAcquire({ owner: 'b' })).toBeDefined();
    void lease?.release();
    expect(bench.pool.tryAcquire({ owner: 'a' })).toBeDefined();
  });

  it('ends the wait of who is held back at its deadline, and on abort', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    const controller = new AbortController();
    const late = bench.ask({ owner: 'a', timeout: 100 });
    const gone = bench.ask({ owner: 'a', signal: controller.signal });
    controller.abort();
    await bench.clock.advance(200);
    expect([late.error, gone.error]).toEqual([
      expect.any(AcquireTimeoutError),
      expect.any(AcquireAbortedError),
    ]);
    expect(bench.pool.stats.pending).toBe(0);
  });

  it('gives the unit of a caller that gave up to the next of its tenant', async () => {
    const bench = new PoolBench({ max: 1, quota: { max: 1 } });
    const held = await bench.pool.acquire({ owner: 'b' });
    const first = bench.ask({ owner: 'a', timeout: 100 });
    const second = bench.ask({ owner: 'a' });
    await bench.clock.advance(200);
    void held.release();
    await settle();
    expect([first.state, second.state]).toEqual(['rejected', 'fulfilled']);
  });

  it('counts who is held back among those that wait', async () => {
    const bench = new PoolBench({ max: 1, maxWaiting: 1, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    bench.ask({ owner: 'a' });
    await expect(bench.pool.acquire({ owner: 'a' })).rejects.toThrow(PoolExhaustedError);
  });

  it('lets nobody of its tenant wait when nobody may wait, however many places are free', async () => {
    const bench = new PoolBench({ max: 4, maxWaiting: 0, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    await expect(bench.pool.acquire({ owner: 'a' })).rejects.toThrow(PoolExhaustedError);
  });

  it('keeps nobody out on account of those it holds back, when a place is free', async () => {
    const bench = new PoolBench({ max: 2, maxWaiting: 2, quota: { max: 1 } });
    await bench.pool.acquire({ owner: 'a' });
    for (let i = 0; i < 2; i++) bench.ask({ owner: 'a' });
    expect((await bench.pool.acquire({ owner: 'b' })).owner).toBe('b');
  });

  it.each([
    [1, ['fulfilled', 'pending', 'pending']],
    [2, ['fulfilled', 'fulfilled', 'pending']],
    [Infinity, ['fulfilled', 'fulfilled', 'fulfilled']],
  ])('can be changed to %d under load', async (max, states) => {
    const bench = new PoolBench({ max: 4, quota: { max: 3 } });
    const held = await Promise.all([1, 2, 3].map(() => bench.pool.acquire({ owner: 'a' })));
    const asked = [1, 2, 3].map(() => bench.ask({ owner: 'a' }));
    bench.pool.reconfigure({ quota: { max } });
    for (const lease of held) void lease.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(states);
  });

  it('keeps nobody from being served at the end', async () => {
    const bench = new PoolBench({ max: 3, quota: { max: 1 } });
    const owners = Array.from({ length: 60 }, (_, index) => `o${index % 4}`);
    const all = Promise.all(
      owners.map(async (owner) => {
        const lease = await bench.pool.acquire({ owner });
        await settle();
        await lease.release();
      }),
    );
    await all;
    expect(bench.pool.stats).toMatchObject({ pending: 0, leased: 0, acquired: 60 });
    expect((await bench.pool.close()).clean).toBe(true);
  });

  it('leaves the units of its tenant alone when one who is held back gives up', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    const held = await bench.pool.acquire({ owner: 'a' });
    const controller = new AbortController();
    const gone = bench.ask({ owner: 'a', signal: controller.signal });
    controller.abort();
    const next = bench.ask({ owner: 'a' });
    await settle();
    expect([gone.state, next.state, bench.pool.stats.pending]).toEqual(['rejected', 'pending', 1]);
    void held.release();
    await settle();
    expect([next.state, bench.pool.stats.pending]).toEqual(['fulfilled', 0]);
  });

  it('lets who was held back and may go on give up in the queue', async () => {
    const bench = new PoolBench({ max: 2, quota: { max: 1 } });
    const [a, b] = await Promise.all(['a', 'b'].map((owner) => bench.pool.acquire({ owner })));
    const controller = new AbortController();
    const gone = bench.ask({ owner: 'a', signal: controller.signal });
    const first = bench.ask({ owner: 'c' });
    void a.release(); // goes to c, and a's next may wait for any
    await settle();
    expect([first.state, gone.state]).toEqual(['fulfilled', 'pending']);
    controller.abort();
    const last = bench.ask({ owner: 'a' });
    void b.release();
    await settle();
    expect([gone.state, last.state, bench.pool.stats.pending]).toEqual(['rejected', 'fulfilled', 0]);
  });

  it('serves in the order of arrival whom it held back, when it is changed', async () => {
    const bench = new PoolBench({ max: 1, quota: { max: 1 } });
    const held = await bench.pool.acquire({ owner: 'a' });
    const order: string[] = [];
    for (const owner of ['a', 'b']) {
      void bench.pool.acquire({ owner }).then((lease) => (order.push(lease.owner), lease.release()));
      await bench.clock.advance(1);
    }
    bench.pool.reconfigure({ quota: { max: 2 } });
    void held.release();
    await settle();
    expect(order).toEqual(['a', 'b']);
  });
});
