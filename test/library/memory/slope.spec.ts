import { describe, expect, it } from '@jest/globals';
import { excess, slopeOf } from './slope.fixture.js';

const points = (bytes: (requests: number) => number) =>
  [10, 20, 30, 40, 50].map((requests) => ({ requests, bytes: bytes(requests) }));

describe('the slope of a heap', () => {
  it('is what each request adds', () => {
    expect(slopeOf(points((requests) => 1_000 + 3 * requests))).toEqual({ slope: 3, error: 0 });
  });

  it('is zero within its error where the heap only wavers', () => {
    const { slope, error } = slopeOf(points((requests) => 1_000 + (requests === 30 ? 50 : 0)));
    expect(slope).toBeCloseTo(0);
    expect(error).toBeGreaterThan(0);
  });

  it('counts only in excess of what it is compared with, and both errors count', () => {
    const wavering = slopeOf(points((requests) => 5 * requests + (requests % 20)));
    const { slope, interval } = excess(wavering, slopeOf(points((requests) => 5 * requests)), 5);
    expect(slope).toBeCloseTo(0);
    expect(interval).toBeCloseTo(3.71 * wavering.error);
  });
});
