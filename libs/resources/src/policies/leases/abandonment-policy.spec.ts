import { describe, expect, it } from '@jest/globals';
import { AbandonmentPolicy } from './abandonment-policy.js';

const SECOND = 1_000;

describe('the policy of abandonment', () => {
  it('lets a resource go when it has been held for as long as that', () => {
    const policy = new AbandonmentPolicy(SECOND, 0.2);
    expect(policy.retires({ count: 1, since: 500 }, 10, 1_499)).toBe(false);
    expect(policy.retires({ count: 1, since: 500 }, 10, 1_500)).toBe(true);
  });

  it('holds nothing with a wait of 0, and for ever with one of Infinity', () => {
    expect(new AbandonmentPolicy(0, 1).retires({ count: 1, since: 500 }, 10, 500)).toBe(true);
    expect(new AbandonmentPolicy(Infinity, 1).retires({ count: 1, since: 0 }, 10, 1e12)).toBe(false);
  });

  it.each([
    [0.2, 10, 2],
    [0.2, 14, 2],
    [0.29, 100, 29],
    [0.1, 30, 3],
    [1, 4, 4],
    [0.2, 4, 1],
    [0, 10, 1],
  ])('holds at the most %d of %d: %d, and one in any case', (share, max, most) => {
    const policy = new AbandonmentPolicy(SECOND, share);
    expect(policy.retires({ count: most, since: 0 }, max, 1)).toBe(false);
    expect(policy.retires({ count: most + 1, since: 0 }, max, 1)).toBe(true);
  });
});
