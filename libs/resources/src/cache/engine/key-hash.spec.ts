import { describe, expect, it } from '@jest/globals';
import { keyHash } from './key-hash.js';

describe('keyHash', () => {
  it('is the same for equal keys, in 32 bits', () => {
    expect(keyHash('tenant:1')).toBe(keyHash(['tenant', '1'].join(':')));
    expect(keyHash('tenant:1') | 0).toBe(keyHash('tenant:1'));
  });

  it('tells similar keys apart', () => {
    const hashes = new Set(Array.from({ length: 10_000 }, (_, i) => keyHash(`key ${i}`)));
    expect(hashes.size).toBeGreaterThan(9_990);
  });
});
