import { describe, expect, it } from '@jest/globals';
import { MinimumPolicy, type Stock } from './minimum-policy.js';

const stock = (change: Partial<Stock>): Stock => ({
  existing: 0,
  idle: 0,
  arriving: 0,
  pending: 0,
  ...change,
});

describe('MinimumPolicy', () => {
  it.each([
    ['all of min where there is nothing', {}, 4],
    ['what is left of min', { existing: 3 }, 1],
    ['nothing above min', { existing: 5 }, 0],
  ])('misses %s', (_, change, missing) => {
    expect(new MinimumPolicy(4, 2).missing(stock(change))).toBe(missing);
  });

  it.each([
    ['all of minIdle when everything is on loan', { existing: 5 }, 2],
    ['none when enough are idle', { existing: 5, idle: 2 }, 0],
    ['none when enough are on their way', { existing: 5, idle: 1, arriving: 1 }, 0],
    ['none that a caller will take', { existing: 5, arriving: 3, pending: 1 }, 0],
    ['one for each that a caller will take', { existing: 5, arriving: 2, pending: 2 }, 2],
  ])('misses %s', (_, change, missing) => {
    expect(new MinimumPolicy(0, 2).missingIdle(stock(change))).toBe(missing);
  });

  it('never misses idle ones when none are to be kept', () => {
    expect(new MinimumPolicy(4, 0).missingIdle(stock({ pending: 3 }))).toBe(0);
  });

  it.each([
    [true, { existing: 5, idle: 3 }],
    [false, { existing: 4, idle: 4 }],
    [false, { existing: 9, idle: 2 }],
  ])('spares an idle resource: %s of %j', (spares, change) => {
    expect(new MinimumPolicy(4, 2).spares(stock(change))).toBe(spares);
  });
});
