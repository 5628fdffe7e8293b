import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { Resident } from './resident.fixture.js';
import { WTinyLfuEviction } from './w-tiny-lfu-eviction.js';

/** Tells what it has counted. */
class Counting extends WTinyLfuEviction {
  uses({ hash }: EvictionNode): number {
    return this.sketch.frequency(hash);
  }
}

const scan = (cache: Resident, count: number) => {
  for (let i = 0; i < count; i++) cache.use(`scan ${i}`);
};

describe('WTinyLfuEviction', () => {
  it('keeps what is popular while a scan goes by', () => {
    const cache = new Resident(new WTinyLfuEviction(0.01), 10);
    const popular = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (let i = 0; i < 5; i++) cache.use(...popular);
    scan(cache, 200);
    expect(cache.use(...popular)).toBe(8);
  });

  it('follows recency with a large window', () => {
    const cache = new Resident(new WTinyLfuEviction(0.99), 10);
    for (let i = 0; i < 5; i++) cache.use('a', 'b', 'c');
    scan(cache, 200);
    expect(cache.use('scan 199', 'scan 195', 'scan 192')).toBe(3);
  });

  it('lets what is not used any more make room for what is', () => {
    const cache = new Resident(new WTinyLfuEviction(0.1), 10);
    for (let i = 0; i < 15; i++) cache.use('old 1', 'old 2', 'old 3');
    for (let round = 0; round < 600; round++) cache.use(...Array.from({ length: 10 }, (_, i) => `new ${i}`));
    expect(cache.names.filter((name) => name.startsWith('old'))).toEqual([]);
  });

  it('does not count every use of a burst, but each one after it', () => {
    const cache = new Resident(new WTinyLfuEviction(0.2), 10);
    cache.use('steady', '1', '2', '3', '4', '5', '6', '7');
    for (let i = 0; i < 3; i++) cache.use('steady');
    cache.use('burst', 'burst', 'burst', '8');
    scan(cache, 50);
    expect(cache.names).toContain('steady');
  });

  it('counts the arrival, every other use in the window, and each one after it', () => {
    const policy = new Counting(0);
    const [early, late] = [new EvictionNode(1, 1), new EvictionNode(2, 1)];
    policy.add(early);
    const counts = [policy.uses(early)];
    for (let use = 0; use < 4; use++) {
      policy.access(early, 1);
      counts.push(policy.uses(early));
    }
    policy.add(late); // early leaves the window
    for (let use = 0; use < 2; use++) {
      policy.access(early, 1);
      counts.push(policy.uses(early));
    }
    policy.access(early, 0);
    counts.push(policy.uses(early));
    expect(counts).toEqual([1, 1, 2, 2, 3, 4, 5, 5]);
  });

  it('ignores a use that stands for none', () => {
    const cache = new Resident(new WTinyLfuEviction(0.99), 2);
    cache.use('a', 'b');
    cache.policy.access(cache.node('a'), 0);
    cache.use('c');
    expect(cache.names).toEqual(['b', 'c']);
  });

  it('passes over what is pinned, wherever it is', () => {
    const cache = new Resident(new WTinyLfuEviction(0.3), 10);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    cache.use(...names, 'a', 'b', 'c');
    for (const name of names) cache.policy.pin(cache.node(name));
    expect(cache.evict()).toBeUndefined();
    cache.use('a');
    for (const name of names) cache.policy.unpin(cache.node(name));
    const left = Array.from({ length: 10 }, () => cache.evict());
    expect(new Set(left)).toEqual(new Set(names));
  });

  it('keeps the place of what is replaced', () => {
    const cache = new Resident(new WTinyLfuEviction(0.01), 10);
    for (let i = 0; i < 5; i++) cache.use('a', 'b');
    const node = new EvictionNode(cache.node('a').hash, 1);
    cache.policy.replace(cache.node('a'), node);
    cache.nodes.set('a', node);
    scan(cache, 100);
    expect(cache.use('a', 'b')).toBe(2);
  });
});
