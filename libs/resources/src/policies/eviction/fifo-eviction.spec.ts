import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { FifoEviction } from './fifo-eviction.js';
import { Resident } from './resident.fixture.js';

describe('FifoEviction', () => {
  it('lets the oldest leave, used or not', () => {
    const cache = new Resident(new FifoEviction(), 3);
    cache.use('a', 'b', 'c', 'a', 'a', 'd');
    expect(cache.names).toEqual(['b', 'c', 'd']);
  });

  it('leaves a replacement where the old one was', () => {
    const cache = new Resident(new FifoEviction(), 3);
    cache.use('a', 'b', 'c');
    const node = new EvictionNode(1, 1);
    cache.policy.replace(cache.node('a'), node);
    cache.nodes.set('a', node);
    expect([cache.evict(), cache.evict()]).toEqual(['a', 'b']);
  });
});
