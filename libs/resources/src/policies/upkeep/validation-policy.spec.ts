import { describe, expect, it } from '@jest/globals';
import { ValidationPolicy } from './validation-policy.js';

describe('ValidationPolicy', () => {
  it('asks for a proof of life when the last one is too old', () => {
    const policy = new ValidationPolicy(true, 500, false, Infinity);
    expect([1_000, 1_499, 1_500].map((now) => policy.isDue(1_000, now))).toEqual([false, false, true]);
  });

  it('asks before every loan with a bypass of 0', () => {
    expect(new ValidationPolicy(true, 0, false, Infinity).isDue(1_000, 1_000)).toBe(true);
  });

  it('never asks unless it validates on borrow', () => {
    expect(new ValidationPolicy(false, 0, true, Infinity).isDue(0, 1e9)).toBe(false);
  });

  it('asks an idle resource after the keep-alive, or up to a tenth of it earlier', () => {
    const policy = new ValidationPolicy(false, 0, false, 1_000);
    const firstAsked = (jitterFactor: number): number | undefined =>
      [899, 900, 949, 950, 999, 1_000].find((now) => policy.isOverlooked(0, jitterFactor, now));
    expect([1, 0.5, 0].map(firstAsked)).toEqual([900, 950, 1_000]);
  });

  it('never asks an idle resource without a keep-alive', () => {
    expect(new ValidationPolicy(true, 0, true, Infinity).isOverlooked(0, 0.9, 1e12)).toBe(false);
  });
});
