import { describe, expect, it } from '@jest/globals';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('Lease', () => {
  it('ends once: a second release does nothing', async () => {
    const bench = new PoolBench({ max: 2 });
    const lease = await bench.pool.acquire();
    await lease.release();
    await lease.release();
    expect(bench.pool.stats).toMatchObject({ idle: 1, leased: 0, released: 1 });
    const [a, b] = await bench.borrow(2);
    expect(a?.resource).not.toBe(b?.resource);
  });

  it('cannot touch the next loan when its owner releases late', async () => {
    const { pool } = new PoolBench({ max: 1 });
    const previous = await pool.acquire();
    await previous.release();
    const next = await pool.acquire();
    await previous.release();
    await previous.invalidate();
    await previous[Symbol.asyncDispose]();
    expect(next.ended).toBe(false);
    expect(next.resource.destroyed).toBe(false);
    expect(pool.stats).toMatchObject({ leased: 1, released: 1, destroyed: 0 });
  });

  it('refuses the resource after its end, and names the owner', async () => {
    const { pool } = new PoolBench();
    const lease = await pool.acquire({ owner: 'Orders.find' });
    expect(lease.ended).toBe(false);
    await lease.release();
    expect(lease.ended).toBe(true);
    expect(() => lease.resource).toThrow(LeaseReleasedError);
    expect(() => lease.resource).toThrow(expect.objectContaining({ owner: 'Orders.find', type: 'thing' }));
  });

  it('refuses the resource to a previous owner while another has it', async () => {
    const { pool } = new PoolBench({ max: 1 });
    const previous = await pool.acquire();
    await previous.release();
    await pool.acquire();
    expect(() => previous.resource).toThrow(LeaseReleasedError);
  });

  it('ends with the block that declares it', async () => {
    const { pool } = new PoolBench();
    {
      await using lease = await pool.acquire();
      expect(lease.resource.id).toBe(1);
      expect(pool.stats.leased).toBe(1);
    }
    expect(pool.stats).toMatchObject({ leased: 0, idle: 1 });
  });

  it('ends with its block although the block throws', async () => {
    const { pool } = new PoolBench();
    const work = async (): Promise<void> => {
      await using lease = await pool.acquire();
      throw new Error(`thing ${lease.resource.id} failed`);
    };
    await expect(work()).rejects.toThrow('thing 1 failed');
    expect(pool.stats).toMatchObject({ leased: 0, idle: 1 });
  });

  it('gives back broken with invalidate: destroyed, counted, and never lent again', async () => {
    const bench = new PoolBench({ max: 1 });
    const events = bench.record();
    const cause = new Error('protocol error');
    const lease = await bench.pool.acquire();
    const thing = lease.resource;
    await lease.invalidate(cause);
    expect(thing.destroyed).toBe(true);
    expect(lease.ended).toBe(true);
    expect(bench.pool.stats).toMatchObject({ size: 0, released: 1, destroyed: 1, retired: { invalid: 1 } });
    expect(events).toContainEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 1,
      reason: 'invalid',
      cause,
    });
    expect((await bench.pool.acquire()).resource).not.toBe(thing);
  });

  it('invalidates once', async () => {
    const { pool, factory } = new PoolBench();
    const lease = await pool.acquire();
    await Promise.all([lease.invalidate(), lease.invalidate(), lease.release()]);
    expect(factory.destroyed).toHaveLength(1);
    expect(pool.stats).toMatchObject({ size: 0, released: 1 });
  });

  it('serves the next caller with a new resource after invalidate', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const waiting = bench.ask();
    await lease.invalidate();
    await settle();
    expect(waiting.value?.resource.id).toBe(2);
  });

  it('knows its age and its owner', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire({ owner: 'Orders.find' });
    await bench.clock.advance(250);
    expect(lease.age).toBe(250);
    expect(lease.owner).toBe('Orders.find');
  });

  it('is listed with owner, moment and age while it lasts', async () => {
    const bench = new PoolBench();
    const first = await bench.pool.acquire({ owner: 'first' });
    await bench.pool.acquire({ owner: 'second' });
    await bench.clock.advance(1_000);
    const [a, b] = bench.pool.leases();
    expect(a).toMatchObject({ id: 'thing#1', type: 'thing', owner: 'first', age: 1_000 });
    expect(b).toMatchObject({ id: 'thing#2', owner: 'second' });
    const sinceAcquired = Date.now() - (a?.acquiredAt.getTime() ?? 0);
    expect(sinceAcquired).toBeGreaterThanOrEqual(1_000);
    await first.release();
    expect(bench.pool.leases().map(({ owner }) => owner)).toEqual(['second']);
  });
});
