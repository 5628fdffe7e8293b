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
  const draw = (): number[] => drawn(values, random);
  return { median: median(values), ...intervalOf(draw, resamples) };
}

/**
 * Like {@link estimate}, of values that are independent in groups only, such as all that one process has told: draws groups, and of each that
 * is drawn its values.
 */
export function estimateOfGroups(
  groups: readonly (readonly number[])[],
  random: Random,
  resamples = RESAMPLES,
): Estimate {
  const draw = (): number[] => drawn(groups, random).flatMap((group) => drawn(group, random));
  return { median: median(groups.flat()), ...intervalOf(draw, resamples) };
}

/** As many as there are, with replacement. */
function drawn<V>(values: readonly V[], random: Random): V[] {
  return values.map((value) => values[Math.floor(random.next() * values.length)] ?? value);
}

function intervalOf(draw: () => readonly number[], resamples: number): Omit<Estimate, 'median'> {
  const medians = Array.from({ length: resamples }, () => median(draw())).toSorted((a, b) => a - b);
  const quantile = (share: number): number => medians[Math.round(share * (resamples - 1))] ?? NaN;
  return { low: quantile(0.025), high: quantile(0.975) };
}
