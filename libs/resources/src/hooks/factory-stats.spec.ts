import { describe, expect, it } from '@jest/globals';
import { HOSTILE_VALUES } from '../words/hostile-values.fixture.js';
import { FACTORY_STATS, statsOfFactory } from './factory-stats.js';

describe('what a factory tells of itself', () => {
  it('is asked under a name that only this package knows', () => {
    class Factory {
      readonly jobs = 7;

      [FACTORY_STATS](): number {
        return this.jobs;
      }
    }
    expect(statsOfFactory(new Factory())).toBe(7);
  });

  it('is nothing of any other', () => {
    expect(statsOfFactory({ create: () => 1 })).toBeUndefined();
    for (const make of Object.values(HOSTILE_VALUES)) {
      const factory = make();
      if (typeof factory === 'object' && factory !== null) expect(statsOfFactory(factory)).toBeUndefined();
    }
  });
});
