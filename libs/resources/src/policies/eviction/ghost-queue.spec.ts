import { describe, expect, it } from '@jest/globals';
import { GhostQueue } from './ghost-queue.js';

describe('GhostQueue', () => {
  it('remembers so many, and forgets the oldest first', () => {
    const ghosts = new GhostQueue();
    for (let hash = 0; hash < 10; hash++) ghosts.add(hash, 3);
    expect([6, 7, 8, 9].map((hash) => ghosts.take(hash))).toEqual([false, true, true, true]);
  });

  it('forgets what it was asked for', () => {
    const ghosts = new GhostQueue();
    ghosts.add(1, 3);
    expect([ghosts.take(1), ghosts.take(1)]).toEqual([true, false]);
  });

  it('takes what comes again for new', () => {
    const ghosts = new GhostQueue();
    for (const hash of [1, 2, 1, 3, 4]) ghosts.add(hash, 3);
    expect([1, 2, 3, 4].map((hash) => ghosts.take(hash))).toEqual([true, false, true, true]);
  });

  it('goes on after it ran out', () => {
    const ghosts = new GhostQueue();
    for (let hash = 0; hash < 100; hash++) ghosts.add(hash, hash % 3);
    ghosts.add(7, 3);
    ghosts.clear();
    expect([ghosts.take(7), ghosts.take(99)]).toEqual([false, false]);
    for (const hash of [1, 2, 3]) ghosts.add(hash, 2);
    expect([1, 2, 3].map((hash) => ghosts.take(hash))).toEqual([false, true, true]);
  });
});
