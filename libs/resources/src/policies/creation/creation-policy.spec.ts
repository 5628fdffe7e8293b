import { describe, expect, it } from '@jest/globals';
import { type CreationDemand, CreationPolicy } from './creation-policy.js';

describe('CreationPolicy', () => {
  const demand = (change: Partial<CreationDemand>): CreationDemand => ({
    pending: 0,
    arriving: 0,
    creating: 0,
    occupied: 0,
    max: 10,
    ...change,
  });

  it.each<[string, Partial<CreationDemand>, number]>([
    ['nothing for nobody', {}, 0],
    ['one for each caller', { pending: 3 }, 3],
    ['none for callers whom a resource on its way will serve', { pending: 3, arriving: 3 }, 0],
    ['one for each caller beyond those on their way', { pending: 3, arriving: 2 }, 1],
    ['none when more are on their way than callers wait', { pending: 1, arriving: 4 }, 0],
    ['no more than there are places', { pending: 20 }, 10],
    ['none when all places are taken', { pending: 5, occupied: 10 }, 0],
    ['none when more places are taken than there are', { pending: 5, occupied: 12 }, 0],
  ])('wants %s', (_, change, wanted) => {
    expect(new CreationPolicy(Infinity).wanted(demand(change))).toBe(wanted);
  });

  it('wants no more at a time than the concurrency allows', () => {
    const policy = new CreationPolicy(2);
    expect(policy.wanted(demand({ pending: 5 }))).toBe(2);
    expect(policy.wanted(demand({ pending: 5, arriving: 1, creating: 1, occupied: 1 }))).toBe(1);
    expect(policy.wanted(demand({ pending: 5, arriving: 2, creating: 2, occupied: 2 }))).toBe(0);
  });
});
