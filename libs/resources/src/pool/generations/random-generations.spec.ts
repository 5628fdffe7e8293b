import { describe, expect, it } from '@jest/globals';
import { seeded } from '../seeded.fixture.js';
import { RandomGenerations } from './random-generations.fixture.js';

const RUNS = Number(process.env['GENERATION_RUNS'] ?? 60);
const STEPS = 250;

describe('changes of generations at random', () => {
  it('fail no caller, are never above max and the overlap, and leave nothing of what is not in force', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= RUNS; seed++) {
      const world = new RandomGenerations(seeded(seed));
      for (let step = 0; step < STEPS; step++) await world.step();
      await world.finish();
      const { max, overlap, peak, failed, isQuiet, leftovers } = world;
      for (const outcome of world.outcomes) outcomes.add(outcome);
      expect({ seed, failed, isQuiet, leftovers, most: Math.max(peak, max + overlap) }).toEqual({
        seed,
        failed: 0,
        isQuiet: true,
        leftovers: [],
        most: max + overlap,
      });
      await world.close();
      expect({ seed, gone: new Set(world.parts.map(({ destroyed }) => destroyed)) }).toEqual({
        seed,
        gone: new Set([1]),
      });
      expect(world.present).toBe(0);
    }
    expect(outcomes).toEqual(new Set(['applied', 'rolledBack']));
  }, 120_000);
});
