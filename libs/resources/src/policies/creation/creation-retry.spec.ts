import { describe, expect, it } from '@jest/globals';
import { CreationRetry } from './creation-retry.js';

const ALMOST_ONE = 1 - 2 ** -53;

describe('CreationRetry', () => {
  it('doubles the longest delay with each failure, up to the most', () => {
    const retry = new CreationRetry(7, 100, 500);
    const longest = [1, 2, 3, 4, 5].map((failed) => Math.ceil(retry.delayAfter(failed, ALMOST_ONE) ?? NaN));
    expect(longest).toEqual([100, 200, 400, 500, 500]);
  });

  it('spreads the delays over the whole range', () => {
    const retry = new CreationRetry(3, 100, 500);
    expect([0, 0.25, 0.5].map((random) => retry.delayAfter(2, random))).toEqual([0, 50, 100]);
  });

  it('is over after so many tries', () => {
    const retry = new CreationRetry(3, 100, 500);
    expect([2, 3, 4].map((failed) => retry.delayAfter(failed, 0) === undefined)).toEqual([false, true, true]);
    expect(new CreationRetry(1, 100, 500).delayAfter(1, 0)).toBeUndefined();
  });

  it('stays within its bounds after however many tries', () => {
    expect(new CreationRetry(Infinity, 100, 2_000).delayAfter(5_000, 0.5)).toBe(1_000);
  });
});
