import { describe, expect, it } from '@jest/globals';
import { Random } from '../../bench/src/command/random.js';
import { type Ratio, requestRatios, type Trio, verdict } from '../../bench/src/http/request-ratios.js';

const trio = (ours: number, theirs: number, again: number): Trio => ({
  ours: { cpu: ours, script: ours / 10 },
  theirs: { cpu: theirs, script: theirs / 10 },
  again: { cpu: again, script: again / 10 },
});

const exactly = (value: number): Ratio['against'] => ({ median: value, low: value, high: value });

describe('requestRatios', () => {
  it('compares each process with the one that was measured beside it', () => {
    // The machine was twice as slow from one trio to the next.
    const trios = [trio(11, 10, 11), trio(22, 20, 22), trio(44, 40, 44)];
    const { sockets } = requestRatios(trios, new Random(1));
    expect(sockets.against).toEqual(exactly(1.1));
    expect(sockets.itself).toEqual(exactly(1));
  });

  it("adds the scripts' difference to the other side's whole request", () => {
    const { whole } = requestRatios([trio(20, 10, 20)], new Random(1));
    expect(whole.against).toEqual(exactly(1.1)); // 1 us more of script, of 10 us
  });

  it('shows what a request costs on each side', () => {
    const { ours, theirs } = requestRatios([trio(1, 2, 3), trio(3, 4, 5), trio(5, 6, 7)], new Random(1));
    expect(ours.cpu).toBe(3);
    expect(theirs.cpu).toBe(4);
  });
});

describe('the verdict', () => {
  const ratio = (high: number, itself = exactly(1)): Ratio => ({
    against: { median: 1, low: 0.9, high },
    itself,
  });

  it('is yes when the whole interval is within the bound', () => {
    expect(verdict(ratio(1.03), 1.03)).toBe('yes');
  });

  it('is no when the interval goes beyond it, even if the median does not', () => {
    expect(verdict(ratio(1.031), 1.03)).toBe('NO');
  });

  it('allows what the checkout differs from itself', () => {
    expect(verdict(ratio(1.05, { median: 1, low: 0.99, high: 1.06 }), 1.03)).toBe('within the floor');
    expect(verdict(ratio(1.07, { median: 1, low: 0.99, high: 1.06 }), 1.03)).toBe('NO');
  });

  it('takes the floor from either end, because which of two equals came first is chance', () => {
    expect(verdict(ratio(1.05, { median: 1, low: 1 / 1.06, high: 1 }), 1.03)).toBe('within the floor');
  });
});
