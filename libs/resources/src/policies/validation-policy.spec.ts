import { describe, expect, it } from '@jest/globals';
import { ValidationPolicy } from './validation-policy.js';

describe('ValidationPolicy', () => {
  it('asks for a proof of life when the last one is too old', () => {
    const policy = new ValidationPolicy(true, 500, false);
    expect([1_000, 1_499, 1_500].map((now) => policy.isDue(1_000, now))).toEqual([false, false, true]);
  });

  it('asks before every loan with a bypass of 0', () => {
    expect(new ValidationPolicy(true, 0, false).isDue(1_000, 1_000)).toBe(true);
  });

  it('never asks unless it validates on borrow', () => {
    expect(new ValidationPolicy(false, 0, true).isDue(0, 1e9)).toBe(false);
  });
});
