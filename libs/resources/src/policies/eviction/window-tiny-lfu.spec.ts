import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { FrequencySketch } from './frequency-sketch.js';
import { WindowTinyLfu } from './window-tiny-lfu.js';

/** Entries that were used so often, in the order of arrival. The last one is in the window. */
function filled(...uses: number[]): { policy: WindowTinyLfu; nodes: EvictionNode[] } {
  const sketch = new FrequencySketch();
  const policy = new WindowTinyLfu(sketch, { share: 0 });
  const nodes = uses.map((times, index) => {
    const node = new EvictionNode(Math.imul(index + 1, 0x9e3779b1), 1);
    for (let use = 0; use < times; use++) sketch.increment(node.hash);
    policy.add(node);
    return node;
  });
  return { policy, nodes };
}

describe('WindowTinyLfu', () => {
  it.each([
    ['the oldest', [1, 5, 5, 0, 2], 0],
    ['the second oldest', [5, 1, 5, 0, 2], 1],
    ['the third oldest', [5, 5, 1, 0, 2], 2],
    ['the older one of equals', [5, 1, 1, 0, 2], 1],
    ['what leaves the window, rather than one that is used more', [5, 5, 5, 0, 2], 4],
    ['what leaves the window, rather than one that is used as much', [2, 5, 5, 0, 2], 4],
  ])('lets leave of the three oldest: %s', (_, uses, victim) => {
    const { policy, nodes } = filled(...uses);
    expect(nodes.indexOf(policy.evict(1) as EvictionNode)).toBe(victim);
  });

  it('does not hold what leaves the window against itself', () => {
    const { policy, nodes } = filled(5, 2);
    expect(policy.evict(1)).toBe(nodes[1]);
  });

  it('protects what was used in probation', () => {
    const { policy, nodes } = filled(0, 0, 0, 0, 9);
    policy.access(nodes[0], 1);
    expect(policy.evict(1)).toBe(nodes[1]);
  });

  it('puts what was used in probation behind what was used there before', () => {
    const { policy, nodes } = filled(0, 0, 0, 9);
    policy.access(nodes[0], 1);
    policy.access(nodes[1], 1);
    policy.access(nodes[0], 1);
    for (const gone of [nodes[2], nodes[3]]) policy.remove(gone);
    expect(policy.evict(1)).toBe(nodes[1]);
  });

  it('protects four of five, the latest used', () => {
    const { policy, nodes } = filled(0, 0, 0, 0, 0, 9);
    for (const node of nodes.slice(0, 4)) policy.access(node, 1);
    expect(nodes.slice(0, 4).every(({ list }) => list === nodes[0].list)).toBe(true);
    policy.access(nodes[4], 1);
    expect([nodes[0].list === nodes[1].list, nodes[4].list === nodes[1].list]).toEqual([false, true]);
    expect(policy.evict(1)).toBe(nodes[0]);
  });

  it('counts all that is not pinned', () => {
    const { policy, nodes } = filled(0, 0, 0, 0);
    policy.access(nodes[0], 1);
    expect(policy.count).toBe(4);
    policy.pin(nodes[1]);
    expect(policy.count).toBe(3);
  });

  it('lets two leave a window that has become too large with each that comes in, and never the last', () => {
    const windowSize = { share: 1 };
    const policy = new WindowTinyLfu(new FrequencySketch(), windowSize);
    const nodes = Array.from({ length: 12 }, (_, hash) => new EvictionNode(hash, 1));
    for (const node of nodes.slice(0, 9)) policy.add(node);
    const inWindow = (): number => nodes.filter(({ list }) => list !== null && list === nodes[8].list).length;
    windowSize.share = 0;
    expect(inWindow()).toBe(9);
    policy.add(nodes[9]);
    expect(inWindow()).toBe(8);
    policy.add(nodes[10]);
    expect(inWindow()).toBe(7);
  });
});
