import { describe, expect, it } from '@jest/globals';
import { FrequencySketch } from './frequency-sketch.js';
import { hashOf } from './resident.fixture.js';

function count(sketch: FrequencySketch, name: string, times: number): void {
  for (let i = 0; i < times; i++) sketch.increment(hashOf(name));
}

describe('FrequencySketch', () => {
  it('counts uses, up to 15', () => {
    const sketch = new FrequencySketch();
    count(sketch, 'a', 3);
    count(sketch, 'b', 40);
    expect(['a', 'b', 'c'].map((name) => sketch.frequency(hashOf(name)))).toEqual([3, 15, 0]);
  });

  it('is seldom wrong', () => {
    const sketch = new FrequencySketch();
    for (let i = 0; i < 256; i++) count(sketch, `key ${i}`, 1 + (i % 4));
    const wrong = Array.from({ length: 256 }, (_, i) => sketch.frequency(hashOf(`key ${i}`)) - 1 - (i % 4));
    expect(wrong.every((more) => more >= 0)).toBe(true);
    expect(wrong.filter((more) => more > 0).length).toBeLessThan(13);
  });

  it('forgets half once in a while', () => {
    const sketch = new FrequencySketch();
    count(sketch, 'old', 12);
    for (let i = 0; i < 2_560; i++) count(sketch, `key ${i}`, 1);
    expect(sketch.frequency(hashOf('old'))).toBeGreaterThanOrEqual(6);
    expect(sketch.frequency(hashOf('old'))).toBeLessThan(12);
  });

  it('is seldom wrong with many more keys, once there is room for them', () => {
    const sketch = new FrequencySketch();
    for (let entries = 1; entries <= 4_096; entries++) sketch.ensure(entries);
    for (let i = 0; i < 4_096; i++) count(sketch, `key ${i}`, 3);
    const right = Array.from({ length: 4_096 }, (_, i) => sketch.frequency(hashOf(`key ${i}`)) === 3);
    expect(right.filter(Boolean).length).toBeGreaterThan(3_900);
  });

  it('keeps its counts when it grows', () => {
    const sketch = new FrequencySketch();
    for (let i = 0; i < 100; i++) count(sketch, `key ${i}`, 5);
    for (const entries of [256, 257, 1_000, 5_000]) sketch.ensure(entries);
    for (let i = 0; i < 100; i++) expect(sketch.frequency(hashOf(`key ${i}`))).toBeGreaterThanOrEqual(5);
  });
});
