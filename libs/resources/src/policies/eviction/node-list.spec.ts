import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { NodeList } from './node-list.js';

describe('NodeList', () => {
  it('knows how many it has and how large they are together', () => {
    const list = new NodeList();
    const [first, second] = [new EvictionNode(1, 2), new EvictionNode(2, 3)];
    list.add(first);
    list.add(second);
    expect([list.count, list.size]).toEqual([2, 5]);
    list.replace(first, new EvictionNode(1, 7));
    expect([list.count, list.size]).toEqual([2, 10]);
    list.remove(second);
    expect([list.count, list.size, list.oldest?.size]).toEqual([1, 7, 7]);
    list.clear();
    expect([list.count, list.size, list.oldest]).toEqual([0, 0, null]);
  });
});
