import type { Contender, ContenderEntry, ContenderOptions } from '../contenders/contender.js';

/** What one sample says: the higher the better unless `lowerIsBetter`. */
export interface Scenario {
  name: string;
  unit: string;
  lowerIsBetter?: true;
  options: ContenderOptions;
  /** Which contenders can do it. Default: all. */
  fits?(entry: ContenderEntry): boolean;
  run(pool: Contender): Promise<number>;
}

const BATCHES = 9;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Operations per second: the median of several batches after a warm-up. */
async function rate(operations: number, batch: () => Promise<void>): Promise<number> {
  await batch();
  await batch();
  const rates: number[] = [];
  for (let i = 0; i < BATCHES; i++) {
    const start = performance.now();
    await batch();
    rates.push((operations / (performance.now() - start)) * 1_000);
  }
  return median(rates);
}

async function cycles(pool: Contender, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const held = await pool.acquire();
    void pool.release(held);
  }
}

/** One turn of the microtask queue: the work of a task. */
const A_MOMENT = Promise.resolve();

async function task(pool: Contender): Promise<void> {
  const held = await pool.acquire();
  await A_MOMENT;
  void pool.release(held);
}

async function tasks(pool: Contender, count: number): Promise<void> {
  const running: Promise<void>[] = [];
  for (let i = 0; i < count; i++) running.push(task(pool));
  await Promise.all(running);
}

/** Operations while `loans` others stay on loan. */
async function besides(pool: Contender, loans: number): Promise<number> {
  const held: unknown[] = [];
  for (let i = 0; i < loans; i++) held.push(await pool.acquire());
  const result = await rate(20_000, () => cycles(pool, 20_000));
  for (const one of held) void pool.release(one);
  return result;
}

const canWait = (entry: ContenderEntry): boolean => entry.name !== 'limit: array stack';
const cycle = (pool: Contender): Promise<number> => rate(100_000, () => cycles(pool, 100_000));

const onLoan = (loans: number): Scenario => ({
  name: `acquire + release beside ${loans.toLocaleString('en')} on loan`,
  unit: 'op/s',
  options: { max: loans + 1 },
  run: (pool) => besides(pool, loans),
});

const waiters = (count: number): Scenario => ({
  name: `${count.toLocaleString('en')} waiters at once over 10`,
  unit: 'op/s',
  options: { max: 10 },
  fits: canWait,
  run: async (pool) => {
    await tasks(pool, 10_000);
    const start = performance.now();
    await tasks(pool, count);
    return (count / (performance.now() - start)) * 1_000;
  },
});

export const SCENARIOS: readonly Scenario[] = [
  { name: 'acquire + release, uncontended', unit: 'op/s', options: { max: 10 }, run: cycle },
  {
    name: 'tryAcquire + release (peers: acquire + release)',
    unit: 'op/s',
    options: { max: 10 },
    run: async (pool) => {
      await cycles(pool, 10);
      if (pool.tryAcquire === undefined) return await cycle(pool);
      return await rate(100_000, async () => {
        for (let i = 0; i < 100_000; i++) void pool.release(pool.tryAcquire?.());
      });
    },
  },
  {
    name: '1,000 tasks over 10',
    unit: 'op/s',
    options: { max: 10 },
    fits: canWait,
    run: (pool) =>
      rate(50_000, async () => {
        for (let i = 0; i < 50; i++) await tasks(pool, 1_000);
      }),
  },
  waiters(100_000),
  waiters(200_000),
  ...[10, 100, 1_000, 5_000, 10_000].map(onLoan),
  {
    name: 'with a deadline of 30 s, uncontended',
    unit: 'op/s',
    options: { max: 10, timeout: 30_000 },
    run: cycle,
  },
  {
    name: 'with a deadline of 30 s, 1,000 tasks over 10',
    unit: 'op/s',
    options: { max: 10, timeout: 30_000 },
    fits: canWait,
    run: (pool) =>
      rate(50_000, async () => {
        for (let i = 0; i < 50; i++) await tasks(pool, 1_000);
      }),
  },
  {
    name: 'with a signal, uncontended',
    unit: 'op/s',
    options: { max: 10 },
    fits: (entry) => entry.name === 'nestjs-resources',
    run: async (pool) => {
      const { signal } = new AbortController();
      return await rate(100_000, async () => {
        for (let i = 0; i < 100_000; i++) {
          const held = await pool.acquireWithSignal?.(signal);
          void pool.release(held);
        }
      });
    },
  },
  {
    name: 'heap per acquire + release',
    unit: 'B/op',
    lowerIsBetter: true,
    options: { max: 10 },
    run: async (pool) => {
      await cycles(pool, 200_000);
      const samples: number[] = [];
      for (let i = 0; i < 25; i++) {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        await cycles(pool, 2_000);
        samples.push((process.memoryUsage().heapUsed - before) / 2_000);
      }
      return median(samples);
    },
  },
];
