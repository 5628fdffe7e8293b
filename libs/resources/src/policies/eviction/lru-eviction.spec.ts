import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { LruEviction } from './lru-eviction.js';
import { Resident } from './resident.fixture.js';

describe('LruEviction', () => {
  it('lets the least recently used leave', () => {
    const cache = new Resident(new LruEviction(), 3);
    cache.use('a', 'b', 'c', 'a', 'd', 'e');
    expect(cache.names).toEqual(['a', 'd', 'e']);
  });

  it('takes a replacement for a use', () => {
    const cache = new Resident(new LruEviction(), 3);
    cache.use('a', 'b', 'c');
    const node = new EvictionNode(1, 1);
    cache.policy.replace(cache.node('a'), node);
    cache.nodes.set('a', node);
    cache.use('d', 'e');
    expect(cache.names).toEqual(['a', 'd', 'e']);
  });

  it('passes over what is pinned, and takes its unpinning for a use', () => {
    const cache = new Resident(new LruEviction(), 3);
    cache.use('a', 'b', 'c');
    cache.policy.pin(cache.node('a'));
    cache.use('a', 'd');
    expect(cache.names).toEqual(['a', 'c', 'd']);
    cache.policy.unpin(cache.node('a'));
    cache.use('e');
    expect(cache.names).toEqual(['a', 'd', 'e']);
  });

  it('has no victim when all are pinned', () => {
    const cache = new Resident(new LruEviction(), 2);
    cache.use('a', 'b');
    for (const node of cache.nodes.values()) cache.policy.pin(node);
    expect(cache.evict()).toBeUndefined();
  });
});
