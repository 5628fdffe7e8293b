import { describe, expect, it } from '@jest/globals';
import { FACTORY_ROOM } from '../../hooks/factory-stats.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { AcquireOptions } from '../acquire-options.js';
import type { CountingFactory } from '../counting-factory.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const adaptive = (least: number, most: number, options: ResourcePoolOptions = {}): ResourcePoolOptions => ({
  sizing: { mode: 'adaptive', least, most },
  acquireTimeout: Infinity,
  ...options,
});

/** A pool of threads, each of which keeps a CPU busy while it is on loan. */
class Computer {
  readonly bench: PoolBench;
  /** CPUs that others keep busy. */
  others = 0;
  /** The part of a loan that is work, from 0 to 1. */
  share = 1;
  private computing = 0;
  private open = true;

  /** @param cpus of the machine; `undefined` where nobody can tell */
  constructor(cpus: number | undefined, options: ResourcePoolOptions) {
    const room = (): number | undefined => cpus && cpus - this.others - this.computing * this.share;
    const set: Partial<CountingFactory> & { [FACTORY_ROOM]: typeof room } = { [FACTORY_ROOM]: room };
    this.bench = new PoolBench(options, set);
  }

  /** Callers that run one job after the other. @param duration milliseconds of the next one */
  hire(callers: number, duration: () => number): void {
    const work = async (tenant: string): Promise<void> => {
      while (this.open) await this.job(duration(), { tenant });
    };
    for (let caller = 0; caller < callers; caller++) void work(`caller ${caller}`);
  }

  dismiss(): void {
    this.open = false;
  }

  job(duration: number, options: AcquireOptions = {}): Promise<void> {
    const { pool, clock } = this.bench;
    return pool.use(async () => {
      this.computing++;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, duration));
      this.computing--;
    }, options);
  }

  /** @returns the size */
  async after(seconds: number): Promise<number> {
    await this.bench.clock.advance(seconds * 1_000);
    return this.bench.pool.stats.max;
  }
}

describe('a pool of adaptive size whose resources keep CPUs busy', () => {
  it('grows to the CPUs that are left while all of them compute, whatever the callers wait', async () => {
    const computer = new Computer(6, adaptive(1, 20));
    computer.others = 0.5;
    computer.hire(30, () => 50);
    expect(await computer.after(8)).toBe(5);
  });

  it('does so although its jobs are too long for a mean', async () => {
    const computer = new Computer(6, adaptive(1, 20));
    computer.hire(100, () => 60_000);
    expect(await computer.after(10)).toBe(6);
  });

  it('does not grow where others have taken the CPUs, however long its callers wait', async () => {
    const computer = new Computer(4, adaptive(1, 20));
    computer.others = 3.5;
    computer.hire(30, () => 50);
    expect(await computer.after(8)).toBe(1);
  });

  it('keeps its size where jobs are of all lengths', async () => {
    const computer = new Computer(8, adaptive(1, 20));
    let job = 0;
    computer.hire(100, () => (job++ % 400 < 390 ? 5 : 3_000));
    await computer.after(15);
    const sizes = new Set<number>();
    for (let second = 0; second < 20; second++) sizes.add(await computer.after(1));
    expect([...sizes]).toEqual([8]);
  });

  it('grows on where they only wait for something else', async () => {
    const computer = new Computer(2, adaptive(1, 10));
    computer.share = 0.05;
    computer.hire(30, () => 50);
    expect(await computer.after(12)).toBe(10);
  });

  it('gives back what is too much, when what only waited computes', async () => {
    const computer = new Computer(4, adaptive(1, 20));
    computer.share = 0.1;
    computer.hire(30, () => 50);
    expect(await computer.after(12)).toBe(20);
    computer.share = 1;
    expect(await computer.after(5)).toBe(4);
  });
});

describe('a pool of adaptive size that stands idle for most of the time', () => {
  /** A pool that has grown. @param cpus `undefined` where nobody can tell */
  const grown = async (cpus: number | undefined, options?: ResourcePoolOptions): Promise<Computer> => {
    const computer = new Computer(cpus, adaptive(2, 8, options));
    computer.hire(20, () => 20);
    expect(await computer.after(6)).toBe(8);
    computer.dismiss();
    return computer;
  };

  it.each([
    ['knows its room', 30],
    ['knows no room', undefined],
  ])('and %s shrinks although one caller a second waits for long', async (_, cpus) => {
    const computer = await grown(cpus, { quota: { max: 1 } });
    for (let second = 0; second < 8; second++) {
      for (const duration of [700, 1]) void computer.job(duration, { tenant: 'slow' });
      for (let job = 0; job < 25; job++) {
        void computer.job(2, { tenant: `quick ${job}` });
        await computer.after(0.04);
      }
    }
    expect(await computer.after(0)).toBe(2);
  });

  it('does not grow for one that waits, although all were on loan for a moment', async () => {
    const computer = new Computer(undefined, adaptive(4, 20));
    for (let second = 0; second < 6; second++) {
      for (let job = 0; job < 5; job++) void computer.job(200);
      for (let job = 0; job < 40; job++) {
        await computer.after(0.025);
        if (job > 15) void computer.job(1);
      }
    }
    expect(await computer.after(0)).toBe(4);
  });
});

describe('the utilisation of a pool', () => {
  it.each([
    ['cleaned', 'reset', {}],
    ['made anew', 'creating', { maxUses: 1 }],
  ])('counts the time in which a resource is %s', async (_, hook, options) => {
    const clock = new VirtualClock();
    const after = (duration: number): Promise<void> =>
      new Promise((resolve) => void clock.setTimeout(resolve, duration));
    const bench = new PoolBench(adaptive(1, 6, options), { [hook]: () => after(50) }, clock);
    const work = async (): Promise<never> => {
      for (;;) await bench.pool.use(() => after(5));
    };
    for (let caller = 0; caller < 20; caller++) void work();
    await clock.advance(6_000);
    expect(bench.pool.stats.max).toBe(6);
  });
});
