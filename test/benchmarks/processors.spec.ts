import { beforeAll, describe, expect, it } from '@jest/globals';
import { figuresOf } from './figures-of.fixture.js';

describe('what processors cost', () => {
  let figures: Record<string, unknown>;

  beforeAll(async () => {
    figures = await figuresOf('processors/main.ts', '--quick', '--seed', '7', '--threads', '1');
  });

  it('is told with the seed and the versions of what is compared', () => {
    const versions = { piscina: expect.any(String), 'nestjs-resources': expect.any(String) };
    expect(figures).toMatchObject({ seed: 7, threads: 1, environment: { versions } });
  });

  it('is told of the event loop and of two tenants under load', () => {
    const late = expect.any(Number);
    const { large, small } = (figures['load'] as { completed: { large: number; small: number } }).completed;
    expect(figures['load']).toMatchObject({ idle: late, underLoad: late });
    expect(Math.min(large, small)).toBeGreaterThan(0);
  });

  it('is told of short and long tasks, beside the noise', () => {
    const ratio = { median: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
    const measured = { coordinator: ratio, itself: ratio };
    expect(figures['overheads']).toEqual(
      [0.1, 0.1, 10, 10].map((milliseconds) => expect.objectContaining({ milliseconds, ...measured })),
    );
  });

  it('is judged by every target', () => {
    const targets = figures['targets'] as { met: unknown }[];
    expect(targets.map(({ met }) => typeof met)).toEqual(targets.map(() => 'boolean'));
    expect(targets).toHaveLength(6);
  });
});

describe('a fault', () => {
  it('is played over processors and their peers', async () => {
    const { rows } = await figuresOf('faults/main.ts', '--processors', '--only', 'task throws, waits');
    const seen = { besideWell: true, whole: true, closed: true, threads: 0 };
    expect(rows).toEqual([
      {
        cell: { form: 'task', fault: 'throws', end: 'waits' },
        outcomes: {
          'nestjs-resources': expect.objectContaining({ ...seen, outcome: 'ReportError' }),
          piscina: expect.objectContaining({ ...seen, outcome: 'Error' }), // it keeps no class
          workerpool: expect.objectContaining({ outcome: expect.any(String), closed: true }),
        },
      },
    ]);
  });
});
