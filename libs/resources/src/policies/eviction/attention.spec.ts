import { describe, expect, it } from '@jest/globals';
import { AccessSampler } from './access-sampler.js';

const uses = (attention: AccessSampler, count: number) =>
  Array.from({ length: count }, () => attention.next());

describe('AccessSampler', () => {
  it('counts each of the first uses after an entry was put', () => {
    const attention = new AccessSampler();
    expect(uses(attention, 256)).toEqual(Array.from({ length: 256 }, () => 1));
  });

  it('lets one of many stand for all of them afterwards, until the next entry is put', () => {
    const attention = new AccessSampler();
    uses(attention, 256);
    const sampled = uses(attention, 1_600);
    expect(sampled.filter((count) => count > 0)).toHaveLength(100);
    expect(sampled.reduce((sum, count) => sum + count, 0)).toBe(1_600);
    attention.wake();
    expect(attention.next()).toBe(1);
  });
});
