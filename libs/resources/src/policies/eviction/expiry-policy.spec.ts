import { describe, expect, it } from '@jest/globals';
import { ExpiryPolicy } from './expiry-policy.js';

describe('ExpiryPolicy', () => {
  it('ends a life after its ttl, or after another that is given', () => {
    const policy = new ExpiryPolicy(1_000, 0);
    expect([policy.expiresAt(5), policy.expiresAt(5, 10), policy.expiresAt(5, Infinity)]).toEqual([
      1_005,
      15,
      Infinity,
    ]);
  });

  it('shortens a life by chance, by no more than the jitter', () => {
    const at = (chance: number) => new ExpiryPolicy(1_000, 0.2, () => chance).expiresAt(0);
    expect([at(0), at(0.5), at(1)]).toEqual([1_000, 900, 800]);
  });

  it('lets live for ever what has no end', () => {
    expect(new ExpiryPolicy(Infinity, 0.5).expiresAt(7)).toBe(Infinity);
  });
});
