import { describe, expect, it } from '@jest/globals';
import { EvictionNode } from './eviction-node.js';
import { Resident } from './resident.fixture.js';
import { S3FifoEviction } from './s3-fifo-eviction.js';

describe('S3FifoEviction', () => {
  it('keeps what was used twice while a scan goes by', () => {
    const cache = new Resident(new S3FifoEviction(), 10);
    cache.use('a', 'b', 'a', 'b', 'a', 'b');
    for (let i = 0; i < 100; i++) cache.use(`scan ${i}`);
    expect(cache.use('a', 'b')).toBe(2);
  });

  it('takes what comes back soon after it left into the main queue', () => {
    const cache = new Resident(new S3FifoEviction(), 10);
    for (let i = 0; i < 15; i++) cache.use(`${i}`);
    cache.use('0');
    for (let i = 100; i < 140; i++) cache.use(`${i}`);
    expect(cache.names).toContain('0');
  });

  it('lets what the main queue holds leave when it is not used any more', () => {
    const cache = new Resident(new S3FifoEviction(), 5);
    for (const name of ['a', 'b', 'c', 'd', 'e']) cache.use(name, name, name);
    for (const name of ['f', 'g', 'h', 'i', 'j']) cache.use(name, name, name);
    for (let i = 0; i < 5; i++) cache.use(`${i}`, `${i}`, `${i}`);
    expect(cache.names).toHaveLength(5);
    expect(cache.names).toContain('4');
    expect(cache.names).not.toContain('a');
  });

  it('takes a replacement for a use, of what is pinned too', () => {
    const cache = new Resident(new S3FifoEviction(), 10);
    cache.use('a', 'b');
    cache.policy.pin(cache.node('b'));
    for (const name of ['a', 'b', 'a', 'b']) {
      const node = new EvictionNode(cache.node(name).hash, 1);
      cache.policy.replace(cache.node(name), node);
      cache.nodes.set(name, node);
    }
    for (let i = 0; i < 100; i++) cache.use(`scan ${i}`);
    expect(cache.use('a', 'b')).toBe(2);
  });
});
