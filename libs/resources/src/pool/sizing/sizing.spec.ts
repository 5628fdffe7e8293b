import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { InvalidOptionsError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

/** Workers that borrow all the time, from a server that works on so many requests at a time. */
class BusyServer {
  workers = 0;
  private leased = 0;

  constructor(
    private readonly bench: PoolBench,
    public places: number,
  ) {}

  /** @param count how many workers more there shall be, or fewer */
  hire(count: number): void {
    this.workers += count;
    for (let worker = 0; worker < count; worker++) void this.work();
  }

  private async work(): Promise<void> {
    const { pool, clock } = this.bench;
    for (;;) {
      const lease = await pool.acquire();
      const service = 20 * Math.max(1, ++this.leased / this.places);
      await new Promise<void>((resolve) => clock.setTimeout(resolve, service));
      this.leased--;
      await lease.release();
      if (this.workers < 0 && this.workers++ < 0) return;
    }
  }
}

describe("sizing.mode 'fixed'", () => {
  it('keeps the pool filled, and lets nothing retire for being idle', async () => {
    const bench = new PoolBench({ max: 3, sizing: { mode: 'fixed' }, idleTimeout: '1s' });
    await bench.pool.warmUp();
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ min: 3, max: 3, idle: 3, created: 3 });
    await (await bench.pool.acquire()).invalidate();
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 3, created: 4 });
  });

  it('can be resized, both bounds at once or max alone', async () => {
    const bench = new PoolBench({ max: 3, sizing: { mode: 'fixed' } });
    const [lease] = await bench.borrow(3);
    bench.pool.resize({ max: 2 });
    expect(lease?.ended).toBe(false);
    await lease?.release();
    expect(bench.pool.stats).toMatchObject({ min: 2, max: 2, size: 2 });
    bench.pool.resize({ min: 4, max: 4 });
    await settle();
    expect(bench.pool.stats.size).toBe(4);
    expect(() => bench.pool.resize({ min: 1 })).toThrow(expect.objectContaining({ option: 'min' }));
    expect(() => bench.pool.resize({ max: 5 })).toThrow(InvalidOptionsError);
    expect(bench.pool.stats).toMatchObject({ min: 4, max: 4 });
  });
});

describe("sizing.mode 'adaptive'", () => {
  const sizing = { mode: 'adaptive', least: 2, most: 30 } as const;

  it('begins with the least', () => {
    expect(new PoolBench({ sizing }).pool.stats.max).toBe(2);
  });

  it('grows while callers wait, to about what the server behind it can do, and no further', async () => {
    const bench = new PoolBench({ sizing, acquireTimeout: Infinity });
    new BusyServer(bench, 8).hire(60);
    await bench.clock.advance(10_000);
    const { max, size } = bench.pool.stats;
    expect(max).toBeGreaterThanOrEqual(8);
    expect(max).toBeLessThanOrEqual(12);
    expect(size).toBe(max);
  });

  it('grows for bursts that are over when it decides', async () => {
    const bench = new PoolBench({ sizing, acquireTimeout: Infinity });
    for (let burst = 0; burst < 100; burst++) {
      for (let caller = 0; caller < 6; caller++) {
        void bench.pool.use(() => new Promise<void>((resolve) => void bench.clock.setTimeout(resolve, 20)));
      }
      await bench.clock.advance(90);
    }
    expect(bench.pool.stats).toMatchObject({ pending: 0 });
    expect(bench.pool.stats.max).toBeGreaterThan(2);
  });

  it('shrinks when the server can do less, and harms no lease', async () => {
    const bench = new PoolBench({ sizing, acquireTimeout: Infinity });
    const server = new BusyServer(bench, 20);
    server.hire(60);
    await bench.clock.advance(10_000);
    expect(bench.pool.stats.max).toBeGreaterThanOrEqual(20);
    server.places = 5;
    await bench.clock.advance(20_000);
    expect(bench.pool.stats.max).toBeLessThanOrEqual(8);
    expect(bench.pool.stats.retired).toMatchObject({ leaked: 0 });
    expect(bench.pool.stats.retired.resized).toBeGreaterThan(10);
  });

  it('shrinks to the least when nobody borrows any more', async () => {
    const bench = new PoolBench({ sizing, acquireTimeout: Infinity });
    const server = new BusyServer(bench, 20);
    server.hire(30);
    await bench.clock.advance(5_000);
    expect(bench.pool.stats.max).toBeGreaterThan(10);
    server.workers = -30;
    await bench.clock.advance(60_000);
    expect(bench.pool.stats).toMatchObject({ max: 2, leased: 0 });
  });

  it('decides as often as asked to', async () => {
    const bench = new PoolBench({ sizing: { ...sizing, interval: '5s' }, acquireTimeout: Infinity });
    new BusyServer(bench, 20).hire(30);
    await bench.clock.advance(4_900);
    expect(bench.pool.stats.max).toBe(2);
    await bench.clock.advance(1_000);
    expect(bench.pool.stats.max).toBe(4);
  });

  it('keeps its size when other options change, and keeps to new bounds', async () => {
    const bench = new PoolBench({ sizing, acquireTimeout: Infinity });
    new BusyServer(bench, 20).hire(60);
    await bench.clock.advance(8_000);
    const { max } = bench.pool.stats;
    bench.pool.reconfigure({ idleTimeout: '1m' });
    expect(bench.pool.stats.max).toBe(max);
    bench.pool.reconfigure({ sizing: { most: 7 } });
    expect(bench.pool.stats.max).toBe(7);
    await bench.clock.advance(5_000);
    expect(bench.pool.stats.max).toBeLessThanOrEqual(7);
  });

  it('refuses a max of somebody else, at run time too, but not a min', async () => {
    const bench = new PoolBench({ sizing });
    expect(() => bench.pool.resize({ max: 9 })).toThrow(
      expect.objectContaining({ option: 'max', message: expect.stringContaining('sizing.least') }),
    );
    bench.pool.resize({ min: 2 });
    expect(bench.pool.stats).toMatchObject({ min: 2, max: 2 });
  });
});
