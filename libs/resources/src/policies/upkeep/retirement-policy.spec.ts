import { describe, expect, it } from '@jest/globals';
import { RetirementPolicy } from './retirement-policy.js';

const fresh = { createdAt: 1_000, uses: 0, jitterFactor: 0 };

describe('RetirementPolicy', () => {
  it('lets a resource be lent until its lifetime is over', () => {
    expect(new RetirementPolicy(Infinity, 500, Infinity, 0).expiresAt(fresh)).toBe(1_500);
    expect(new RetirementPolicy(Infinity, Infinity, Infinity, 1).expiresAt(fresh)).toBe(Infinity);
  });

  it('shortens a lifetime by its jitter at most, each by its own jitter factor', () => {
    const policy = new RetirementPolicy(Infinity, 1_000, Infinity, 0.2);
    const lives = [0, 0.5, 0.999_999].map(
      (jitterFactor) => policy.expiresAt({ ...fresh, jitterFactor }) - fresh.createdAt,
    );
    expect(lives.map(Math.round)).toEqual([1_000, 900, 800]);
    expect(lives[2]).toBeGreaterThan(800);
  });

  it('takes a resource for used up from its last permitted loan on', () => {
    const policy = new RetirementPolicy(Infinity, Infinity, 3, 0);
    expect([2, 3, 4].map((uses) => policy.isUsedUp({ ...fresh, uses }))).toEqual([false, true, true]);
    expect(new RetirementPolicy(Infinity, Infinity, Infinity, 0).isUsedUp({ ...fresh, uses: 1e9 })).toBe(
      false,
    );
  });

  it('takes a resource for idle too long from the time-out on', () => {
    const policy = new RetirementPolicy(100, Infinity, Infinity, 0);
    expect([1_099, 1_100].map((now) => policy.isIdleTooLong(1_000, now))).toEqual([false, true]);
    expect(new RetirementPolicy(Infinity, Infinity, Infinity, 0).isIdleTooLong(0, 1e12)).toBe(false);
  });
});
