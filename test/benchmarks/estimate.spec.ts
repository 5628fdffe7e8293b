import { describe, expect, it } from '@jest/globals';
import { estimate, estimateOfGroups } from '../../bench/src/command/estimate.js';
import { Random } from '../../bench/src/command/random.js';

/** Fewer draws than a benchmark makes: enough to see what it does. */
const DRAWS = 500;

/** Values scattered around 1, by up to `scatter` in both directions. */
const scattered = (count: number, scatter: number, random: Random): number[] =>
  Array.from({ length: count }, () => random.between(1 - scatter, 1 + scatter));

describe('estimate', () => {
  it('of values that are all the same is that value alone', () => {
    expect(estimate([2, 2, 2], new Random(1), DRAWS)).toEqual({ median: 2, low: 2, high: 2 });
  });

  it('has the median of what was measured, and an interval around it', () => {
    const { median, low, high } = estimate([5, 1, 3, 2, 4], new Random(1), DRAWS);
    expect(median).toBe(3);
    expect(low).toBeLessThan(3);
    expect(high).toBeGreaterThan(3);
  });

  it('is the same for the same seed', () => {
    const values = scattered(15, 0.1, new Random(7));
    expect(estimate(values, new Random(3), DRAWS)).toEqual(estimate(values, new Random(3), DRAWS));
  });

  it('does not follow one value that is far from the others', () => {
    const values = scattered(15, 0.01, new Random(7));
    expect(estimate([...values.slice(1), 1_000], new Random(3), DRAWS).high).toBeLessThan(1.02);
  });

  it('becomes narrower with more values', () => {
    const width = (count: number): number => {
      const { low, high } = estimate(scattered(count, 0.1, new Random(7)), new Random(3), DRAWS);
      return high - low;
    };
    expect(width(100)).toBeLessThan(width(10) / 2);
  });

  it('holds the true median about 95 times in 100', () => {
    const random = new Random(11);
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const { low, high } = estimate(scattered(15, 0.1, random), random, 200);
      if (low <= 1 && high >= 1) held++;
    }
    expect(held / 200).toBeGreaterThan(0.9);
    expect(held / 200).toBeLessThan(0.99);
  });
});

describe('estimate of groups', () => {
  it('is of all values when each is a group', () => {
    const values = scattered(15, 0.1, new Random(7));
    const each = estimateOfGroups(
      values.map((value) => [value]),
      new Random(3),
      DRAWS,
    );
    const all = estimate(values, new Random(3), DRAWS);
    expect(each.median).toBe(all.median);
    expect([each.low, each.high]).toEqual([expect.closeTo(all.low, 1), expect.closeTo(all.high, 1)]);
  });

  it('is not narrowed by values that say the same as the others of their group', () => {
    const values = scattered(15, 0.1, new Random(7));
    const width = (copies: number): number => {
      const groups = values.map((value) => Array.from({ length: copies }, () => value));
      const { low, high } = estimateOfGroups(groups, new Random(3), DRAWS);
      return high - low;
    };
    expect(width(10)).toBeGreaterThan(0.8 * width(1));
  });
});
