import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CacheEngine } from './cache-engine.js';
import { EngineModel, step } from './engine-model.fixture.js';
import { EVICTION_NAMES } from '../../policies/eviction/create-eviction.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';

const steps = fc.array(step, { maxLength: 80, size: 'max' });
const bounds = fc.constantFrom(
  { max: 1, maxWeight: Infinity },
  { max: 2, maxWeight: 10 },
  { max: 5, maxWeight: Infinity },
  { max: 8, maxWeight: 20 },
  { max: Infinity, maxWeight: 15 },
);
const idleTtl = fc.constantFrom(Infinity, 30);

describe.each(EVICTION_NAMES)('CacheEngine with %s, against the simplest cache there is', (eviction) => {
  it('holds what was set last, within its bounds, and reports every removal once', () => {
    fc.assert(
      fc.property(bounds, idleTtl, steps, (bound, idle, all) => {
        new EngineModel({ ...bound, idleTtl: idle, eviction }).run(all);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its bounds through many random operations', () => {
    const [max, maxWeight] = [50, 300];
    const engine = new CacheEngine<number>(
      { max, maxWeight, eviction, idleTtl: Infinity },
      new VirtualClock(),
    );
    let [state, most, heaviest] = [7, 0, 0];
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let i = 0; i < 30_000; i++) {
      const key = `key ${below(below(400) + 1)}`;
      if (below(3) === 0) engine.set(key, i, { weight: 1 + below(12) });
      else if (below(20) === 0) engine.delete(key);
      else engine.get(key);
      most = Math.max(most, engine.size);
      heaviest = Math.max(heaviest, engine.weight);
    }
    expect(most).toBe(max);
    expect(heaviest).toBeLessThanOrEqual(maxWeight);
    expect(heaviest).toBeGreaterThan(maxWeight - 12);
  });

  it('takes any key', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 20 }), (keys) => {
        const settings = { max: 20, maxWeight: Infinity, eviction, idleTtl: Infinity };
        const engine = new CacheEngine<string>(settings, new VirtualClock());
        for (const key of keys) engine.set(key, key);
        expect([...engine.keys()]).toEqual(keys);
        for (const key of keys) expect(engine.get(key)?.value).toBe(key);
      }),
      { numRuns: 50 },
    );
  });
});
