import { describe, it } from '@jest/globals';
import { RandomDriver } from './random-driver.fixture.js';

describe('a pool to which anything happens in any order', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('keeps its promises, with seed %d', async (seed) => {
    await new RandomDriver(seed).run(600);
  });
});
