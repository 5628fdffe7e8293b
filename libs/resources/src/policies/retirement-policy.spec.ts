import { describe, expect, it } from '@jest/globals';
import { RetirementPolicy } from './retirement-policy.js';

describe('RetirementPolicy', () => {
  it('lets a resource be lent until its lifetime is over', () => {
    expect(new RetirementPolicy(Infinity, 500, Infinity).expiresAt({ createdAt: 1_000, uses: 0 })).toBe(
      1_500,
    );
    expect(new RetirementPolicy(Infinity, Infinity, Infinity).expiresAt({ createdAt: 1, uses: 0 })).toBe(
      Infinity,
    );
  });

  it('takes a resource for used up from its last permitted loan on', () => {
    const policy = new RetirementPolicy(Infinity, Infinity, 3);
    expect([2, 3, 4].map((uses) => policy.isUsedUp({ createdAt: 0, uses }))).toEqual([false, true, true]);
    expect(new RetirementPolicy(Infinity, Infinity, Infinity).isUsedUp({ createdAt: 0, uses: 1e9 })).toBe(
      false,
    );
  });

  it('takes a resource for idle too long from the time-out on', () => {
    const policy = new RetirementPolicy(100, Infinity, Infinity);
    expect([1_099, 1_100].map((now) => policy.isIdleTooLong(1_000, now))).toEqual([false, true]);
    expect(new RetirementPolicy(Infinity, Infinity, Infinity).isIdleTooLong(0, 1e12)).toBe(false);
  });
});
