import { beforeAll, describe, expect, it } from '@jest/globals';
import { figuresOf } from './figures-of.fixture.js';

describe('what a loan of a session costs', () => {
  let figures: Record<string, unknown>;

  beforeAll(async () => {
    figures = await figuresOf('pg/main.ts', '--quick', '--seed', '7', '--only', 'auto');
  }, 120_000);

  it('is told with the seed and the versions of what is compared', () => {
    const versions = { pg: expect.any(String), 'nestjs-resources': expect.any(String) };
    expect(figures).toMatchObject({ seed: 7, pairs: 1, environment: { versions } });
  });

  it('is told of loans and requests, saturated and not, beside the noise', () => {
    const estimate = { median: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
    const ratios = { rate: estimate, cpu: estimate };
    const kinds = ['loan', 'request'].flatMap((shape) =>
      ['saturated', 'not saturated'].map((level) => ({ shape, level })),
    );
    const told = (figures['comparisons'] as Record<string, unknown>[]).filter(
      ({ other }) => other === 'pg.Pool by hand',
    );
    expect(told).toEqual(
      kinds.map((kind) => expect.objectContaining({ ...kind, ratio: ratios, itself: ratios })),
    );
  });

  it('is judged by every target', () => {
    const targets = figures['targets'] as { met: unknown }[];
    expect(targets.map(({ met }) => typeof met)).toEqual(Array.from({ length: 4 }, () => 'boolean'));
  });
});
