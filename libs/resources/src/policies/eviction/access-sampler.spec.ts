import { describe, expect, it } from '@jest/globals';
import { AccessSampler } from './access-sampler.js';

const uses = (sampler: AccessSampler, count: number) => Array.from({ length: count }, () => sampler.next());

describe('AccessSampler', () => {
  it('counts each of the first uses after an entry was put', () => {
    const sampler = new AccessSampler();
    expect(uses(sampler, 256)).toEqual(Array.from({ length: 256 }, () => 1));
  });

  it('lets one of many stand for all of them afterwards, until the next entry is put', () => {
    const sampler = new AccessSampler();
    uses(sampler, 256);
    const sampled = uses(sampler, 1_600);
    expect(sampled.filter((count) => count > 0)).toHaveLength(100);
    expect(sampled.reduce((sum, count) => sum + count, 0)).toBe(1_600);
    sampler.wake();
    expect(sampler.next()).toBe(1);
  });
});
