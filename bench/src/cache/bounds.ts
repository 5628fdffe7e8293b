import type { EvictionName } from 'nestjs-resources/cache';
import { CacheEngine, systemClock } from './engine.js';

const EVICTIONS = [
  'adaptive',
  'w-tinylfu',
  's3-fifo',
  'sieve',
  'lru',
  'fifo',
] as const satisfies readonly EvictionName[];

export interface Bounds {
  eviction: EvictionName;
  operations: number;
  max: number;
  maxWeight: number;
  /** The most that was ever held, looked at after each operation. */
  mostEntries: number;
  mostWeight: number;
}

/** Numbers from 0 up to 1, the same in each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random operations on a cache that is bounded by count and by weight. */
export function bounds(eviction: EvictionName, operations: number): Bounds {
  const [max, maxWeight] = [1_000, 10_000];
  const engine = new CacheEngine<number>({ max, maxWeight, eviction, idleTtl: Infinity }, systemClock);
  const random = seeded(1);
  const below = (most: number): number => Math.floor(random() * most);
  let [mostEntries, mostWeight] = [0, 0];
  for (let i = 0; i < operations; i++) {
    const key = `key ${Math.floor(10_000 * random() * random())}`;
    const what = below(100);
    if (what < 45) engine.get(key);
    else if (what < 90) engine.set(key, i, { weight: 1 + below(below(10) === 0 ? 100 : 10) });
    else if (what < 99) engine.delete(key);
    else engine.sweep(10);
    mostEntries = Math.max(mostEntries, engine.size);
    mostWeight = Math.max(mostWeight, engine.weight);
  }
  return { eviction, operations, max, maxWeight, mostEntries, mostWeight };
}

export const allBounds = (operations: number): Bounds[] =>
  EVICTIONS.map((eviction) => bounds(eviction, operations));

export function line({ eviction, mostEntries, max, mostWeight, maxWeight }: Bounds): string {
  const holds = mostEntries <= max && mostWeight <= maxWeight ? 'holds' : 'BROKEN';
  return `  ${eviction.padEnd(12)}${mostEntries} of ${max} entries, weight ${mostWeight} of ${maxWeight}: ${holds}`;
}
