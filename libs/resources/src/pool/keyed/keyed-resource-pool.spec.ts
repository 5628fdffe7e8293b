import { describe, expect, it } from '@jest/globals';
import { AcquireAbortedError } from '../../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../../errors/acquire-timeout-error.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { PoolExhaustedError } from '../../errors/pool-exhausted-error.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { keysOf, withPool } from './keyed-accounts.fixture.js';
import type { KeyedAcquireOptions } from './keyed-acquire-options.js';
import { KeyedResourcePool } from './keyed-resource-pool.js';
import { ResourceBudget } from '../sizing/resource-budget.js';
import { ResourcePool } from '../resource-pool.js';

describe('a keyed pool', () => {
  it('has a pool for each key, whose factory learns the key', async () => {
    const { pool } = withPool({ max: 1 });
    const leases = [pool.acquire({ key: 'acme' }), pool.acquire({ key: 'globex' })];
    expect(await keysOf(leases)).toEqual(['acme', 'globex']);
    expect(pool.keys).toEqual(['acme', 'globex']);
    expect(pool.poolOf('acme')?.stats).toMatchObject({ leased: 1, max: 1 });
    expect(pool.poolOf('initech')).toBeUndefined();
    expect(await pool.use(({ key }, lease) => [key, lease.ended], { key: 'initech' })).toEqual([
      'initech',
      false,
    ]);
  });

  it('limits each key by the ordinary options', async () => {
    const { clock, pool } = withPool({ max: 1, acquireTimeout: 100 });
    await pool.acquire({ key: 'acme' });
    const failure = failureOf(pool.acquire({ key: 'acme', owner: 'second' }));
    await clock.advance(200);
    expect(await failure).toBeInstanceOf(AcquireTimeoutError);
    expect(await failure).toMatchObject({ type: 'account', owner: 'second', stats: { max: 1, leased: 1 } });
  });

  it('tries for what is idle of a key', async () => {
    const { pool, visit } = withPool();
    expect(pool.tryAcquire({ key: 'acme' })).toBeUndefined();
    await visit('acme');
    expect(pool.tryAcquire({ key: 'globex' })).toBeUndefined();
    const lease = pool.tryAcquire({ key: 'acme', owner: 'me' });
    expect(lease?.resource).toEqual({ key: 'acme', number: 1 });
    expect(lease?.owner).toBe('me');
    expect(pool.keys).toEqual(['acme']);
  });

  it.each(['__proto__', 'constructor', ' ', 'x'.repeat(100_000), '\u0000', '日本'])(
    'takes any text as a key (%#)',
    async (key) => {
      const { pool } = withPool();
      const lease = await pool.acquire({ key });
      expect(lease.resource.key).toBe(key);
      expect(pool.keys).toEqual([key]);
    },
  );

  it.each(['', undefined, null, 7, {}])('refuses %p as a key', async (key) => {
    const { pool } = withPool();
    const options = { key } as KeyedAcquireOptions;
    expect(await failureOf(pool.acquire(options))).toBeInstanceOf(InvalidOptionsError);
    expect(await failureOf(pool.acquire(options))).toMatchObject({ option: 'key', type: 'account' });
    expect(() => pool.tryAcquire(options)).toThrow('because "account" has a pool for each key');
  });

  it('refuses options that cannot work, and is refused by a pool without keys', () => {
    const keyed = { keyed: { maxKeys: 0 } };
    expect(() => withPool(keyed)).toThrow('"keyed.maxKeys"');
    expect(() => withPool({ keyed: { maxKey: 1 } as never })).toThrow('"keyed.maxKey" is not an option');
    expect(() => new ResourcePool({ create: () => 1 }, { keyed: {} })).toThrow('use KeyedResourcePool');
    expect(() => new KeyedResourcePool({} as never)).toThrow('"factory.create"');
  });
});

describe('more keys than places', () => {
  it('take the place of the key that nobody uses, the least recently used first', async () => {
    const { accounts, pool, visit } = withPool({ keyed: { maxKeys: 3 } });
    await visit('a', 'b', 'c', 'a');
    await visit('d');
    expect(accounts.destroyed).toEqual(['b']);
    expect(pool.keys).toEqual(['a', 'c', 'd']);
    await visit('e', 'f');
    expect(accounts.destroyed).toEqual(['b', 'c', 'a']);
  });

  it('never take the place of one that is on loan or waited for', async () => {
    const { accounts, pool, visit } = withPool({ max: 1, keyed: { maxKeys: 3 } });
    const held = await pool.acquire({ key: 'a' });
    const waiting = pool.acquire({ key: 'a' });
    await visit('b');
    const other = await pool.acquire({ key: 'c' });
    await visit('d', 'e');
    expect(accounts.destroyed).toEqual(['b', 'd']);
    expect(held.resource.key).toBe('a');
    await held.release();
    expect((await waiting).resource.key).toBe('a');
    expect(other.ended).toBe(false);
    expect(pool.keys).toEqual(['a', 'c', 'e']);
  });

  it('wait in the order of arrival until a key comes free', async () => {
    const { pool } = withPool({ keyed: { maxKeys: 1 } });
    const held = await pool.acquire({ key: 'a' });
    const served: string[] = [];
    for (const key of ['b', 'c', 'd']) {
      void pool.acquire({ key }).then(async (lease) => {
        served.push(lease.resource.key);
        await settle();
        await lease.release();
      });
    }
    await settle();
    expect(pool.stats).toMatchObject({ pending: 3, leased: 1 });
    await held.release();
    for (let i = 0; i < 20; i++) await settle();
    expect(served).toEqual(['b', 'c', 'd']);
    expect(pool.stats).toMatchObject({ pending: 0, leased: 0, acquired: 4, released: 4 });
  });

  it('wait within their deadline, over the place and the resource together', async () => {
    const { clock, pool } = withPool({ max: 1, acquireTimeout: 100, keyed: { maxKeys: 1 } });
    const held = await pool.acquire({ key: 'a' });
    const late = failureOf(pool.acquire({ key: 'b', owner: 'late' }));
    await clock.advance(150);
    expect(await late).toBeInstanceOf(AcquireTimeoutError);
    expect(await late).toMatchObject({ owner: 'late', type: 'account' });
    expect(pool.stats).toMatchObject({ timeouts: 1, pending: 0 });

    const first = pool.acquire({ key: 'b', timeout: 300 });
    const second = failureOf(pool.acquire({ key: 'b', timeout: 300 }));
    await clock.advance(200);
    await held.release();
    expect((await first).resource.key).toBe('b');
    await clock.advance(120);
    expect(await second).toBeInstanceOf(AcquireTimeoutError);
  });

  it('leave the queue by their signal', async () => {
    const { pool } = withPool({ keyed: { maxKeys: 1 } });
    await pool.acquire({ key: 'a' });
    const controller = new AbortController();
    const failure = failureOf(pool.acquire({ key: 'b', signal: controller.signal }));
    await settle();
    controller.abort(new Error('changed my mind'));
    expect(await failure).toBeInstanceOf(AcquireAbortedError);
    expect(await failure).toMatchObject({ cause: new Error('changed my mind') });
    expect(pool.stats.pending).toBe(0);
  });

  it('are bounded in number by maxWaiting', async () => {
    const { clock, pool } = withPool({ maxWaiting: 2, keyed: { maxKeys: 1 } });
    await pool.acquire({ key: 'a' });
    const waiting = ['b', 'c'].map((key) => failureOf(pool.acquire({ key })));
    const refused = await failureOf(pool.acquire({ key: 'd' }));
    expect(refused).toBeInstanceOf(PoolExhaustedError);
    void pool.close({ deadline: 0 });
    await clock.advance(10);
    expect(await Promise.all(waiting)).toEqual([expect.any(PoolClosedError), expect.any(PoolClosedError)]);
  });

  it('get on together when they are the same key', async () => {
    const { pool } = withPool({ max: 2, keyed: { maxKeys: 1 } });
    const held = await pool.acquire({ key: 'a' });
    const leases = [pool.acquire({ key: 'b' }), pool.acquire({ key: 'b' })];
    const other = failureOf(pool.acquire({ key: 'c', timeout: 1_000 }));
    await settle();
    await held.release();
    expect(await keysOf(leases)).toEqual(['b', 'b']);
    void pool.close({ deadline: 0 });
    expect(await other).toBeInstanceOf(PoolClosedError);
  });

  it('wait for the reset of the last loan, and for what is being destroyed', async () => {
    const { accounts, pool } = withPool({ keyed: { maxKeys: 1 }, validation: { timeout: '1m' } });
    const held = await pool.acquire({ key: 'a' });
    let proceed!: () => void;
    accounts.settled = new Promise<void>((resolve) => (proceed = resolve));
    const next = pool.acquire({ key: 'b' });
    void held.release();
    await settle();
    expect(pool.keys).toEqual(['a']);
    proceed();
    expect((await next).resource.key).toBe('b');
    expect(accounts.peak).toBe(1);
  });

  it('lose to a caller who comes back while the key is on its way out', async () => {
    const { accounts, pool, visit } = withPool({ min: 1, max: 2, keyed: { maxKeys: 2 } });
    await visit('a', 'b');
    let proceed!: () => void;
    accounts.settled = new Promise<void>((resolve) => (proceed = resolve));
    const stranger = pool.acquire({ key: 'c' });
    await settle();
    const back = pool.acquire({ key: 'a' });
    expect((await back).resource.key).toBe('a');
    proceed();
    expect((await stranger).resource.key).toBe('c');
    expect(pool.keys).toEqual(['a', 'c']);
    expect(pool.poolOf('a')?.options.min).toBe(1);
    await (await back).release();
    await visit('d', 'e'); // the key that stayed may go another time
    expect(pool.keys).toHaveLength(2);
    expect(pool.keys).not.toContain('a');
  });

  it('leave the key that stays its fixed size', async () => {
    const { accounts, pool, visit } = withPool({ max: 2, sizing: { mode: 'fixed' }, keyed: { maxKeys: 1 } });
    await visit('a');
    let proceed!: () => void;
    accounts.settled = new Promise<void>((resolve) => (proceed = resolve));
    const stranger = pool.acquire({ key: 'b', timeout: '1m' });
    await settle();
    const back = pool.acquire({ key: 'a' });
    proceed();
    const lease = await back;
    await settle();
    expect(pool.poolOf('a')?.options).toMatchObject({ max: 2, sizing: { mode: 'fixed' } });
    await lease.release();
    expect((await stranger).resource.key).toBe('b');
  });

  it('need no place after a creation that failed', async () => {
    const { accounts, pool } = withPool({ creation: { retry: { attempts: 1 } }, keyed: { maxKeys: 1 } });
    accounts.failure = new Error('connection refused');
    const first = failureOf(pool.acquire({ key: 'a' }));
    const second = pool.acquire({ key: 'b' });
    expect(await first).toMatchObject({ name: 'ResourceCreationError', cause: accounts.failure });
    accounts.failure = undefined;
    expect((await second).resource.key).toBe('b');
  });

  it('never make more pools than there are places, however many come', async () => {
    const { accounts, pool, visit } = withPool({ max: 2, keyed: { maxKeys: 50 } });
    for (let i = 0; i < 2_000; i += 40) {
      const keys = Array.from({ length: 40 }, (_, n) => `tenant ${i + n}`);
      const leases = await Promise.all(keys.map((key) => pool.acquire({ key })));
      expect(pool.keys.length).toBeLessThanOrEqual(50);
      for (const lease of leases) await lease.release();
      await settle();
    }
    expect(accounts.created).toBe(2_000);
    expect(accounts.peak).toBeLessThanOrEqual(50);
    expect(accounts.alive.size).toBeLessThanOrEqual(50);
    expect(pool.stats).toMatchObject({ acquired: 2_000, released: 2_000, created: 2_000, pending: 0 });
    await visit('tenant 1999');
    expect(accounts.created).toBe(2_000);
  });

  it('are all served, with everybody coming at once', async () => {
    const { accounts, pool } = withPool({ max: 1, keyed: { maxKeys: 50 } });
    const served = await Promise.all(
      Array.from({ length: 2_000 }, async (_, n) => {
        const key = `tenant ${n}`;
        return await pool.use((account) => account.key === key, { key });
      }),
    );
    expect(served.every(Boolean)).toBe(true);
    expect(accounts.peak).toBeLessThanOrEqual(50);
    await settle();
    expect(pool.stats).toMatchObject({ leased: 0, pending: 0, acquired: 2_000 });
  });
});

describe('a limit on all keys together', () => {
  it('is never passed, and goes where callers wait: idle resources of other keys retire for them', async () => {
    const { accounts, pool, visit } = withPool({ max: 3, keyed: { max: 4 } });
    await Promise.all(['a', 'a', 'a', 'b'].map((key) => visit(key)));
    const leases = ['c', 'c', 'c'].map((key) => pool.acquire({ key }));
    expect(await keysOf(leases)).toEqual(['c', 'c', 'c']);
    expect(accounts.peak).toBeLessThanOrEqual(4);
    expect(pool.stats).toMatchObject({ max: 4, leased: 3 });
    await pool.acquire({ key: 'd' });
    expect(accounts.alive.size).toBe(4);
    expect(accounts.peak).toBe(4);
  });

  it('lets so many keys have a pool as can have a resource, or their minimum', async () => {
    const { pool, visit } = withPool({ keyed: { max: 3 } });
    await visit('a', 'b', 'c', 'd');
    expect(pool.keys).toEqual(['b', 'c', 'd']);
    const two = withPool({ min: 2, keyed: { max: 5 } });
    await two.visit('a', 'b', 'c');
    await settle();
    expect(two.pool.keys).toEqual(['b', 'c']);
    expect(two.accounts.peak).toBeLessThanOrEqual(5);
  });

  it('holds with everybody coming at once', async () => {
    const { accounts, pool } = withPool({ max: 3, keyed: { max: 10, maxKeys: 20 } });
    const served = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => {
        const key = `tenant ${n % 100}`;
        return await pool.use((account) => account.key === key, { key });
      }),
    );
    expect(served.every(Boolean)).toBe(true);
    expect(accounts.peak).toBeLessThanOrEqual(10);
  });

  it('refuses what cannot work', async () => {
    expect(() => withPool({ min: 3, keyed: { max: 2 } })).toThrow('"keyed.max" must be at least "min"');
    expect(() => withPool({ keyed: { max: 0 } })).toThrow('"keyed.max"');
    expect(withPool({ min: 2, keyed: { max: 2 } }).pool.stats.max).toBe(2);
    const budget = new ResourceBudget(5);
    expect(() => withPool({ quota: { budget } })).toThrow('"quota.budget" is for pools without keys');
    const { pool, visit } = withPool({ keyed: { max: 3 } });
    await visit('a', 'b');
    expect(() => pool.reconfigure({ keyed: { max: 4 } })).toThrow(
      '"keyed.max" can\'t be changed while the pool exists',
    );
    expect(() => pool.resize({ min: 2 })).toThrow('"min" needs 4 resources for the 2 keys');
    pool.resize({ min: 1 });
    expect(pool.poolOf('a')?.options.min).toBe(1);
  });

  it('gives the place of a key of fixed size away, too', async () => {
    const { pool, visit } = withPool({ max: 2, sizing: { mode: 'fixed' }, keyed: { maxKeys: 1 } });
    await visit('a');
    await settle();
    expect(pool.stats.size).toBe(2);
    await visit('b');
    expect(pool.keys).toEqual(['b']);
  });
});
