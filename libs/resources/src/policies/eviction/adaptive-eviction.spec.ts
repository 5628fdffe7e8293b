import { describe, expect, it } from '@jest/globals';
import { AdaptiveEviction } from './adaptive-eviction.js';
import { LruEviction } from './lru-eviction.js';
import { Resident } from './resident.fixture.js';

const MAX = 200;

/** The share of look-ups found while the keys of a loop larger than the cache are used in turn. */
function loop(cache: Resident, rounds: number): number {
  let found = 0;
  for (let i = 0; i < rounds * 400; i++) found += cache.use(`loop ${i % 400}`);
  return found / (rounds * 400);
}

/** The share found while each key is used three times within a short while, and never again. */
function recent(cache: Resident, from: number, to: number): number {
  let found = 0;
  for (let i = from; i < to; i++) found += cache.use(`r ${i}`, `r ${i - 30}`, `r ${i - 60}`);
  return found / ((to - from) * 3);
}

describe('AdaptiveEviction', () => {
  it('keeps part of a loop that is larger than the cache', () => {
    const cache = new Resident(new AdaptiveEviction(MAX), MAX);
    loop(cache, 20);
    expect(loop(cache, 5)).toBeGreaterThan(0.4);
    expect(loop(new Resident(new LruEviction(), MAX), 5)).toBe(0);
  });

  it('keeps what is recent where only that tells', () => {
    const cache = new Resident(new AdaptiveEviction(MAX), MAX);
    recent(cache, 0, 5_000);
    expect(recent(cache, 5_000, 7_000)).toBeGreaterThan(0.6);
  });

  it('follows the traffic when it changes', () => {
    const cache = new Resident(new AdaptiveEviction(MAX), MAX);
    loop(cache, 20);
    recent(cache, 0, 5_000);
    expect(recent(cache, 5_000, 7_000)).toBeGreaterThan(0.6);
    loop(cache, 60);
    expect(loop(cache, 5)).toBeGreaterThan(0.4);
  });

  it('finds out how large the cache is when nobody can tell', () => {
    const cache = new Resident(new AdaptiveEviction(Infinity), MAX);
    loop(cache, 40);
    expect(loop(cache, 5)).toBeGreaterThan(0.4);
  });

  it('starts anew after it was cleared', () => {
    const cache = new Resident(new AdaptiveEviction(MAX), MAX);
    loop(cache, 3);
    cache.policy.clear();
    cache.nodes.clear();
    expect(cache.evict()).toBeUndefined();
    loop(cache, 20);
    expect(loop(cache, 5)).toBeGreaterThan(0.4);
  });
});
