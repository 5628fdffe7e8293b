import { ResourceCache } from 'nestjs-resources/cache';
import { seeded } from './bounds.js';

const TENANTS = 200;
const ITEMS = 500;
const MAX = 10_000;
const SKEW = 1.1;

export interface WorkloadResult {
  requests: number;
  max: number;
  keys: number;
  hitRate: number;
  /** Bytes of the heap that the cache and its values hold at the end. */
  heap: number;
}

/** Picks indexes so that the first is the most popular (Zipf). */
function zipf(count: number, skew: number, random: () => number): () => number {
  const sums: number[] = [];
  let total = 0;
  for (let i = 1; i <= count; i++) sums.push((total += 1 / i ** skew));
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/**
 * The price look-ups of the orders application: few tenants make most requests, and each asks for few of its items
 * most of the time. The cache has room for a tenth of all prices.
 */
export async function referenceWorkload(requests: number): Promise<WorkloadResult> {
  const random = seeded(7);
  const tenant = zipf(TENANTS, SKEW, random);
  const item = zipf(ITEMS, SKEW, random);
  const before = heapUsed();
  const cache = new ResourceCache({ max: MAX });
  for (let i = 0; i < requests; i++) {
    const [of, what] = [tenant(), item()];
    await cache.wrap(`price:${of}:${what}`, () => ({
      tenant: of,
      item: what,
      cents: 100 + what,
      currency: 'EUR',
    }));
  }
  const heap = heapUsed() - before;
  return { requests, max: MAX, keys: TENANTS * ITEMS, hitRate: cache.stats.hitRate, heap };
}
