import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { EVICTION_NAMES, type EvictionName } from '../../policies/eviction/create-eviction.js';
import { GhostQueue } from '../../policies/eviction/ghost-queue.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CacheEngine } from './cache-engine.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

function open(eviction: EvictionName): CacheEngine<object> {
  return new CacheEngine<object>(
    { max: 10, maxWeight: Infinity, eviction, idleTtl: Infinity },
    new VirtualClock(),
  );
}

/** @returns what was written, weakly */
function write(engine: CacheEngine<object>, count: number): WeakRef<object>[] {
  return Array.from({ length: count }, (_, index) => {
    const value = { index };
    engine.set(`key ${index}`, value);
    return new WeakRef(value);
  });
}

async function alive(refs: readonly WeakRef<object>[]): Promise<number> {
  await turn();
  gc();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

describe.each(EVICTION_NAMES)('a cache that evicts by %s', (eviction) => {
  it('keeps nothing of what has left it', async () => {
    const engine = open(eviction);
    expect(await alive(write(engine, 2_000))).toBeLessThanOrEqual(engine.size);
  });

  it('keeps nothing of it either when it was swept', async () => {
    const engine = open(eviction);
    const first = write(engine, 100);
    engine.sweep(5);
    const refs = [...first, ...write(engine, 2_000)];
    engine.sweep(1_000);
    expect(await alive(refs)).toBeLessThanOrEqual(engine.size);
  });
});

describe('a ghost queue that never overflows', () => {
  it('does not grow by what is remembered and taken', () => {
    const queue = new GhostQueue();
    const before = heap();
    for (let i = 0; i < 200_000; i++) {
      queue.add((i % 5_000) + 0.5, 10_000);
      queue.take(((i + 4_900) % 5_000) + 0.5);
    }
    const grown = heap() - before;
    queue.add(0, 10_000); // it is still there
    expect(grown).toBeLessThan(2_000_000);
  });
});

function heap(): number {
  gc();
  return process.memoryUsage().heapUsed;
}
