import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Client } from 'pg';
import { readInBatches } from './read-in-batches.js';

/** Takes a cursor and never runs it. */
class StalledClient extends EventEmitter {
  query<T>(cursor: T): T {
    return cursor;
  }
}

describe('readInBatches', () => {
  it('fails when the session ends, although the cursor never settles', async () => {
    const client = new StalledClient();
    const next = readInBatches(client as unknown as Client, 'SELECT 1', 10).next();
    client.emit('end');
    await expect(next).rejects.toThrow('the session has ended');
    expect(client.listenerCount('end')).toBe(0);
  });
});
