import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { Resident } from './resident.fixture.js';
import { SieveEviction } from './sieve-eviction.js';

describe('SieveEviction', () => {
  it('gives what was used a second chance, in its place', () => {
    const cache = new Resident(new SieveEviction(), 3);
    cache.use('a', 'b', 'c', 'a', 'b', 'd');
    expect(cache.names).toEqual(['a', 'b', 'd']);
    cache.use('e');
    expect(cache.names).toEqual(['b', 'd', 'e']); // one chance, not two
    cache.use('d', 'f', 'g');
    expect(cache.names).toEqual(['d', 'f', 'g']);
  });

  it('begins anew at the oldest when the hand has passed the newest', () => {
    const cache = new Resident(new SieveEviction(), 2);
    cache.use('a', 'b', 'a', 'b', 'c', 'c', 'b', 'd');
    expect(cache.names).toHaveLength(2);
    expect(cache.names).toContain('d');
  });

  it('keeps its hand on the list when the entry under it leaves or is replaced', () => {
    const cache = new Resident(new SieveEviction(), 4);
    cache.use('a', 'b', 'c', 'd', 'a', 'b', 'e'); // c left; the hand is on d
    const node = new EvictionNode(1, 1);
    cache.policy.replace(cache.node('d'), node);
    cache.nodes.set('d', node);
    cache.policy.remove(node);
    cache.nodes.delete('d');
    expect(cache.evict()).toBe('e');
    expect(new Set([cache.evict(), cache.evict(), cache.evict()])).toEqual(new Set(['a', 'b', undefined]));
  });
});
