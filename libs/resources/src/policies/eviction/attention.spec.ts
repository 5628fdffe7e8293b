import { describe, expect, it } from '@jest/globals';
import { Attention } from './attention.js';

const uses = (attention: Attention, count: number) => Array.from({ length: count }, () => attention.next());

describe('Attention', () => {
  it('counts each of the first uses after an entry was put', () => {
    const attention = new Attention();
    expect(uses(attention, 256)).toEqual(Array.from({ length: 256 }, () => 1));
  });

  it('lets one of many stand for all of them afterwards, until the next entry is put', () => {
    const attention = new Attention();
    uses(attention, 256);
    const sampled = uses(attention, 1_600);
    expect(sampled.filter((count) => count > 0)).toHaveLength(100);
    expect(sampled.reduce((sum, count) => sum + count, 0)).toBe(1_600);
    attention.wake();
    expect(attention.next()).toBe(1);
  });
});
