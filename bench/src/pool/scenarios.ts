import type { Contender, ContenderEntry, ContenderOptions } from '../contenders/contender.js';
import { OURS } from '../contenders/index.js';
import { median } from '../command/median.js';
import { Stopwatch } from '../command/stopwatch.js';

export interface Scenario {
  /** For the targets and the gate. */
  id: string;
  name: string;
  /** Of operations per second more is better, of bytes per operation less. */
  unit: 'op/s' | 'B/op';
  options: ContenderOptions;
  /** Which contenders can do it. Default: all. */
  fits?(entry: ContenderEntry): boolean;
  run(pool: Contender): Promise<number>;
}

const BATCHES = 9;
const MAX = 10;
const DEADLINE = 30_000;

/** Operations per second: the median of several batches after a warm-up. */
async function rate(operations: number, batch: () => Promise<void>): Promise<number> {
  await batch();
  await batch();
  const rates: number[] = [];
  for (let i = 0; i < BATCHES; i++) {
    const watch = new Stopwatch();
    await batch();
    rates.push((operations / watch.elapsed) * 1_000);
  }
  return median(rates);
}

type Acquire = () => Promise<unknown>;

async function cycles(pool: Contender, count: number, acquire: Acquire): Promise<void> {
  for (let i = 0; i < count; i++) {
    const held = await acquire();
    void pool.release(held);
  }
}

const plainly =
  (pool: Contender): Acquire =>
  () =>
    pool.acquire();

/** Contenders without signals do what they can. */
function withSignal(pool: Contender): Acquire {
  const { signal } = new AbortController();
  return () => pool.acquireWithSignal?.(signal) ?? pool.acquire();
}

/** One turn of the microtask queue: the work of a task. */
const A_MOMENT = Promise.resolve();

async function task(pool: Contender, acquire: Acquire): Promise<void> {
  const held = await acquire();
  await A_MOMENT;
  void pool.release(held);
}

async function tasks(pool: Contender, count: number, acquire: Acquire): Promise<void> {
  const running: Promise<void>[] = [];
  for (let i = 0; i < count; i++) running.push(task(pool, acquire));
  await Promise.all(running);
}

const uncontended = (pool: Contender, acquire: Acquire): Promise<number> =>
  rate(100_000, () => cycles(pool, 100_000, acquire));

const thousandTasks = (pool: Contender, acquire: Acquire): Promise<number> =>
  rate(50_000, async () => {
    for (let i = 0; i < 50; i++) await tasks(pool, 1_000, acquire);
  });

const tryAcquire = (pool: Contender): Promise<number> =>
  rate(100_000, async () => {
    for (let i = 0; i < 100_000; i++) void pool.release(pool.tryAcquire?.());
  });

async function borrow(pool: Contender, count: number): Promise<unknown[]> {
  const held: unknown[] = [];
  for (let i = 0; i < count; i++) held.push(await pool.acquire());
  return held;
}

/** Everything is on loan, `count` callers queue, and then it comes back. */
async function queueOf(pool: Contender, count: number): Promise<void> {
  const held = await borrow(pool, MAX);
  const done = tasks(pool, count, plainly(pool));
  for (const one of held) void pool.release(one);
  await done;
}

const waiters = (count: number): Scenario => ({
  id: `waiters-${count}`,
  name: `${count.toLocaleString('en')} waiters at once over ${MAX}`,
  unit: 'op/s',
  options: { max: MAX },
  run: async (pool) => {
    // A small queue is over in microseconds: many of them make one measurement.
    const times = Math.max(1, 10_000 / count);
    for (let i = 0; i < times; i++) await queueOf(pool, Math.min(count, 10_000));
    const watch = new Stopwatch();
    for (let i = 0; i < times; i++) await queueOf(pool, count);
    return ((count * times) / watch.elapsed) * 1_000;
  },
});

/** Operations while others stay on loan. */
const loans = (count: number): Scenario => ({
  id: `loans-${count}`,
  name: `acquire + release beside ${count.toLocaleString('en')} on loan`,
  unit: 'op/s',
  options: { max: count + 1 },
  run: async (pool) => {
    await borrow(pool, count);
    return await rate(20_000, () => cycles(pool, 20_000, plainly(pool)));
  },
});

/** The way the pools of this library can be asked, over the two ways to load one. */
const variations = (
  suffix: string,
  how: string,
  options: ContenderOptions,
  acquire: (pool: Contender) => Acquire,
  fits?: Scenario['fits'],
): Scenario[] => [
  {
    id: `uncontended${suffix}`,
    name: `acquire + release, uncontended${how}`,
    unit: 'op/s',
    options,
    fits,
    run: (pool) => uncontended(pool, acquire(pool)),
  },
  {
    id: `tasks${suffix}`,
    name: `1,000 tasks over ${MAX}${how}`,
    unit: 'op/s',
    options,
    fits,
    run: (pool) => thousandTasks(pool, acquire(pool)),
  },
];

export const SCENARIOS: readonly Scenario[] = [
  ...variations('', '', { max: MAX }, plainly),
  {
    id: 'try-acquire',
    name: 'tryAcquire + release (of those without it: acquire + release)',
    unit: 'op/s',
    options: { max: MAX },
    run: async (pool) => {
      await cycles(pool, MAX, plainly(pool));
      return await (pool.tryAcquire === undefined ? uncontended(pool, plainly(pool)) : tryAcquire(pool));
    },
  },
  ...[10, 100_000, 200_000].map(waiters),
  ...[10, 100, 1_000, 5_000, 10_000].map(loans),
  ...variations('-deadline', ', with a deadline', { max: MAX, timeout: DEADLINE }, plainly),
  ...variations(
    '-signal',
    ', with a signal',
    { max: MAX },
    withSignal,
    ({ name, limit }) => name === OURS || limit === true,
  ),
  {
    id: 'heap',
    name: 'heap per acquire + release',
    unit: 'B/op',
    options: { max: MAX },
    run: async (pool) => {
      await cycles(pool, 200_000, plainly(pool));
      const samples: number[] = [];
      for (let i = 0; i < 25; i++) {
        globalThis.gc?.();
        const before = process.memoryUsage().heapUsed;
        await cycles(pool, 2_000, plainly(pool));
        samples.push((process.memoryUsage().heapUsed - before) / 2_000);
      }
      return median(samples);
    },
  },
];
