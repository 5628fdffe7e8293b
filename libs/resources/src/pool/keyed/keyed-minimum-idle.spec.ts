import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { withPool } from './keyed-accounts.fixture.js';

/** As soon as the pool looks ahead. */
const SOON = 1;

describe('minIdle of a keyed pool', () => {
  it('is kept for each key', async () => {
    const { clock, pool } = withPool({ minIdle: 2 });
    await pool.acquire({ key: 'a' });
    await pool.acquire({ key: 'b' });
    await clock.advance(SOON);
    for (const key of ['a', 'b']) expect(pool.poolOf(key)?.stats).toMatchObject({ leased: 1, idle: 2 });
  });

  it('keeps no place from another key, and comes back with its own', async () => {
    const { accounts, clock, pool, visit } = withPool({ minIdle: 2, keyed: { maxKeys: 1 } });
    await visit('a');
    await clock.advance(SOON);
    await visit('b');
    expect(pool.keys).toEqual(['b']);
    expect(accounts.destroyed.every((key) => key === 'a')).toBe(true);
    await pool.acquire({ key: 'a' });
    await clock.advance(SOON);
    expect(pool.poolOf('a')?.stats).toMatchObject({ leased: 1, idle: 2 });
  });

  it('stays with a key that was about to lose its place', async () => {
    const { accounts, clock, pool, visit } = withPool({ minIdle: 1, max: 4, keyed: { maxKeys: 1 } });
    await visit('a');
    await clock.advance(SOON);
    let proceed!: () => void;
    accounts.settled = new Promise<void>((resolve) => (proceed = resolve));
    const stranger = pool.acquire({ key: 'b', timeout: '1m' });
    await settle();
    const lease = await pool.acquire({ key: 'a' });
    proceed();
    await clock.advance(SOON);
    expect(pool.poolOf('a')?.options.minIdle).toBe(1);
    expect(pool.poolOf('a')?.stats).toMatchObject({ leased: 1, idle: 1 });
    await lease.release();
    expect((await stranger).resource.key).toBe('b');
  });

  it('takes only what keyed.max leaves over, and leaves it to callers of other keys', async () => {
    const { accounts, clock, pool } = withPool({ minIdle: 3, keyed: { max: 4 } });
    await pool.acquire({ key: 'a' });
    await clock.advance(SOON);
    expect(pool.poolOf('a')?.stats).toMatchObject({ leased: 1, idle: 3 });
    await Promise.all(['b', 'b', 'c'].map((key) => pool.acquire({ key })));
    await clock.advance(10_000);
    expect(pool.stats).toMatchObject({ leased: 4, idle: 0 });
    expect([accounts.peak, accounts.created]).toEqual([4, 7]);
  });

  it('changes for all keys', async () => {
    const { pool } = withPool();
    await pool.acquire({ key: 'a' });
    pool.reconfigure({ minIdle: 1 });
    await settle();
    expect(pool.poolOf('a')?.stats).toMatchObject({ leased: 1, idle: 1 });
  });

  it('may not be more than all keys can have', () => {
    expect(() => withPool({ minIdle: 3, keyed: { max: 2 } })).toThrow(
      '"keyed.max" must be at least "minIdle"',
    );
  });
});
