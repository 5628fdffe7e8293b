import { describe, expect, it } from '@jest/globals';
import { createEviction, EVICTION_NAMES } from './create-eviction.js';
import { EvictionNode } from './eviction-node.js';
import { Resident } from './resident.fixture.js';

const SOME = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

describe.each(EVICTION_NAMES)('the eviction policy %s', (name) => {
  const filled = (): Resident => {
    const cache = new Resident(createEviction(name, SOME.length), SOME.length);
    cache.use(...SOME, 'b', 'd', 'd', 'f', 'f', 'f');
    return cache;
  };
  /** Who leaves, asked for as many as there are. */
  const leaving = (cache: Resident): string[] =>
    [...cache.nodes.keys()].map(() => cache.evict()).filter((name) => name !== undefined);

  it('lets each entry leave once, and then nobody', () => {
    const cache = filled();
    expect(leaving(cache).toSorted()).toEqual(SOME);
    expect(cache.policy.evict(1)).toBeNull();
  });

  it('knows nothing any more of what was removed, pinned or not', () => {
    const cache = filled();
    cache.policy.pin(cache.node('d'));
    for (const gone of ['a', 'd', 'f']) {
      cache.policy.remove(cache.node(gone));
      cache.nodes.delete(gone);
    }
    const left = SOME.filter((each) => !['a', 'd', 'f'].includes(each));
    expect(leaving(cache).toSorted()).toEqual(left);
    expect(cache.policy.evict(1)).toBeNull();
  });

  it('knows nothing any more after it was cleared', () => {
    const cache = filled();
    cache.policy.clear();
    expect(cache.policy.evict(1)).toBeNull();
    cache.nodes.clear();
    cache.use(...SOME);
    expect(leaving(cache).toSorted()).toEqual(SOME);
  });

  it('lets no pinned entry leave before it is unpinned', () => {
    const cache = filled();
    for (const each of ['a', 'e']) cache.policy.pin(cache.node(each));
    const first = leaving(cache);
    expect(first).toHaveLength(SOME.length - 2);
    expect(first).not.toEqual(expect.arrayContaining(['a', 'e']));
    cache.policy.unpin(cache.node('e'));
    expect([cache.evict(), cache.evict()]).toEqual(['e', undefined]);
  });

  it('knows in place of an entry the one that has replaced it', () => {
    const cache = filled();
    for (const each of ['a', 'd', 'j']) {
      const node = new EvictionNode(cache.node(each).hash, 1);
      cache.policy.replace(cache.node(each), node);
      cache.nodes.set(each, node);
    }
    expect(leaving(cache).toSorted()).toEqual(SOME);
  });

  it('has a simulation of its own kind, without entries', () => {
    const { policy } = filled();
    const simulation = policy.simulation();
    expect(simulation.evict(1)).toBeNull();
    simulation.add(new EvictionNode(1, 1));
    expect(simulation.evict(1)?.hash).toBe(1);
  });
});
