import { describe, expect, it } from '@jest/globals';
import { RecyclingPolicy } from './recycling-policy.js';

const YOUNG = { age: 0, uses: 1, heap: undefined, jitterFactor: 0 };

describe('a recycling policy', () => {
  it('without limits lets a thread serve for ever', () => {
    const policy = new RecyclingPolicy(Infinity, Infinity, Infinity, 0.1);
    expect(policy.isDue({ age: 1e12, uses: 1e9, heap: 1e6, jitterFactor: 0.99 })).toBe(false);
  });

  it.each([
    ['uses', { uses: 9 }, { uses: 10 }],
    ['age', { age: 999 }, { age: 1_000 }],
    ['heap', { heap: 63.9 }, { heap: 64 }],
  ])('ends its service by its %s', (_, before, then) => {
    const policy = new RecyclingPolicy(10, 1_000, 64, 0);
    expect([before, then].map((each) => policy.isDue({ ...YOUNG, ...each }))).toEqual([false, true]);
  });

  it('lowers each limit by the part of the jitter that is its own', () => {
    const policy = new RecyclingPolicy(100, Infinity, Infinity, 0.2);
    const isDue = (uses: number, jitterFactor: number): boolean =>
      policy.isDue({ ...YOUNG, uses, jitterFactor });
    expect([isDue(99, 0), isDue(89, 0.5), isDue(90, 0.5)]).toEqual([false, false, true]);
  });
});
