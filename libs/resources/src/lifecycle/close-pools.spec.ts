import { describe, expect, it } from '@jest/globals';
import { ResourcePool } from '../pool/resource-pool.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { closePools } from './close-pools.js';

const pools = () => {
  const clock = new VirtualClock();
  const pool = (type: string) => new ResourcePool<unknown>({ create: () => ({}) }, { type, clock });
  return { clock, a: pool('a'), b: pool('b') };
};

describe('closePools', () => {
  it('closes pools side by side, and reports a clean end', async () => {
    const { clock, a, b } = pools();
    const leases = [await a.acquire(), await b.acquire()];
    const closing = closePools([a, b], 1_000);
    await clock.advance(100);
    await leases[0].release();
    await clock.advance(200);
    await leases[1].release();
    expect(await closing).toEqual({ clean: true, held: [], duration: 300 });
    expect([a.closed, b.closed]).toEqual([true, true]);
  });

  it('has one deadline for all, and says who held what at it', async () => {
    const { clock, a, b } = pools();
    const [held] = [await a.acquire({ owner: 'the holder' }), await b.acquire({ owner: 'another' })];
    const closing = closePools([a, b], 1_000);
    await clock.advance(1_000);
    expect(await closing).toMatchObject({
      clean: false,
      held: [
        { type: 'a', owner: 'the holder' },
        { type: 'b', owner: 'another' },
      ],
      duration: 1_000,
    });
    expect(held.ended).toBe(true);
  });

  it('is clean only when all pools are', async () => {
    const { clock, a, b } = pools();
    await a.acquire();
    const closing = closePools([a, b], 10);
    await clock.advance(10);
    expect(await closing).toMatchObject({ clean: false, held: [{ type: 'a' }] });
  });

  it('has nothing to do for no pools', async () => {
    expect(await closePools([], 1_000)).toEqual({ clean: true, held: [], duration: 0 });
  });
});
