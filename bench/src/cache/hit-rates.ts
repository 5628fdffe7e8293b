import type { EvictionName } from 'nestjs-resources/cache';
import { CacheEngine, systemClock } from './engine.js';
import { optimum } from './optimum.js';
import type { Trace } from './trace.js';

/** The policies compared, ours first. */
export const POLICIES = [
  'adaptive',
  'w-tinylfu',
  's3-fifo',
  'sieve',
  'lru',
] as const satisfies readonly EvictionName[];
const COLUMNS = [...POLICIES, 'optimum'] as const;
type Column = (typeof COLUMNS)[number];

/** Sizes of the cache, as shares of the unique keys. */
export const SIZES = [0.001, 0.01, 0.05, 0.1, 0.2];

/** Hit rates, from 0 to 1, of one trace at one size. */
export interface Cell {
  trace: string;
  max: number;
  rates: Record<Column, number>;
}

function hitRate({ accesses, keys }: Trace, max: number, eviction: EvictionName): number {
  const engine = new CacheEngine<true>(
    { max, maxWeight: Infinity, eviction, idleTtl: Infinity },
    systemClock,
  );
  let hits = 0;
  for (const access of accesses) {
    const key = keys[access] ?? '';
    if (engine.get(key) === undefined) engine.set(key, true);
    else hits++;
  }
  return hits / accesses.length;
}

export function measure(trace: Trace, size: number): Cell {
  const max = Math.max(1, Math.floor(trace.keys.length * size));
  const rate = (name: Column): number =>
    name === 'optimum' ? optimum(trace, max) : hitRate(trace, max, name);
  // The columns are the keys of the record.
  const rates = Object.fromEntries(COLUMNS.map((name) => [name, rate(name)])) as Cell['rates'];
  return { trace: trace.name, max, rates };
}

export interface Comparison {
  policy: Column;
  /** How many of LRU's misses it saves, as a share; the mean over all cells. */
  meanMissCut: number;
  /** The same over caches of at least 50 entries. */
  meanMissCutFrom50: number;
  /** The lowest difference of its hit rate to LRU's, in percentage points, and where. */
  worst: number;
  worstAt: string;
}

export function compare(cells: readonly Cell[]): Comparison[] {
  return COLUMNS.filter((name) => name !== 'lru').map((policy) => {
    const cut = ({ rates }: Cell): number => (rates[policy] - rates.lru) / (1 - rates.lru);
    const mean = (some: readonly Cell[]): number =>
      some.reduce((sum, cell) => sum + cut(cell), 0) / some.length;
    const points = ({ rates }: Cell): number => (rates[policy] - rates.lru) * 100;
    const [worst] = cells.toSorted((a, b) => points(a) - points(b));
    return {
      policy,
      meanMissCut: mean(cells),
      meanMissCutFrom50: mean(cells.filter(({ max }) => max >= 50)),
      worst: worst === undefined ? NaN : points(worst),
      worstAt: worst === undefined ? '' : `${worst.trace} @ ${worst.max}`,
    };
  });
}

const percent = (share: number): string => (share * 100).toFixed(2).padStart(9);

export const head = (): string =>
  `${'hit rate, %'.padEnd(30)}${COLUMNS.map((name) => name.padStart(10)).join('')}`;

export function row({ trace, max, rates }: Cell): string {
  return `${`${trace} @ ${max.toLocaleString('en')}`.padEnd(30)}${COLUMNS.map((name) => ` ${percent(rates[name])}`).join('')}`;
}

export function summary(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(
    ({ policy, meanMissCut, meanMissCutFrom50, worst, worstAt }) =>
      `  ${policy.padEnd(12)}${percent(meanMissCut)} %  ${percent(meanMissCutFrom50)} %  ${worst.toFixed(2).padStart(7)} pp  ${worstAt}`,
  );
  const title = `${'against LRU'.padEnd(14)}  miss cut   from 50 entries   worst cell`;
  return [title, ...lines].join('\n');
}
