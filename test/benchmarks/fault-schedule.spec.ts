import { describe, expect, it } from '@jest/globals';
import { faultSchedule } from '../../bench/src/soak/fault-schedule.js';

const first = (count: number, seed: number): unknown[] => {
  const schedule = faultSchedule(seed);
  return Array.from({ length: count }, () => schedule.next().value);
};

describe('faultSchedule', () => {
  it('is the same for the same seed', () => {
    expect(first(20, 7)).toEqual(first(20, 7));
    expect(first(20, 7)).not.toEqual(first(20, 8));
  });

  it('has every kind of fault', () => {
    const kinds = first(200, 7).map((one) => (one as { fault: { kind: string } }).fault.kind);
    expect(new Set(kinds)).toEqual(new Set(['latency', 'reset', 'black hole', 'refuse', 'cut']));
  });
});
