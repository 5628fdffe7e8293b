import { median } from './median.js';
import type { Random } from './random.js';

const RESAMPLES = 10_000;

/** A median, and the interval in which it lies with 95 %. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
}

/**
 * By the bootstrap: draws as many values as there are, with replacement, again and again, and takes the interval that holds the
 * middle 95 % of their medians. It asks nothing of the values' distribution but that they are independent.
 */
export function estimate(values: readonly number[], random: Random, resamples = RESAMPLES): Estimate {
  const draw = (): number => values[Math.floor(random.next() * values.length)] ?? NaN;
  const medians = Array.from({ length: resamples }, () => median(values.map(draw))).toSorted((a, b) => a - b);
  const quantile = (share: number): number => medians[Math.round(share * (resamples - 1))] ?? NaN;
  return { median: median(values), low: quantile(0.025), high: quantile(0.975) };
}
