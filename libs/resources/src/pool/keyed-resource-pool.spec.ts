import { describe, expect, it } from '@jest/globals';
import { AcquireAbortedError } from '../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { PoolExhaustedError } from '../errors/pool-exhausted-error.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { type KeyedAcquireOptions, KeyedResourcePool } from './keyed-resource-pool.js';
import type { Lease } from './lease.js';
import type { PoolEvent } from './pool-events.js';
import type { PoolOptions } from './pool-options.js';
import type { CreateContext } from './resource-factory.js';
import { ResourceBudget } from './resource-budget.js';
import { ResourcePool } from './resource-pool.js';

interface Account {
  readonly key: string;
  readonly number: number;
}

/** Makes accounts, and knows which are alive. */
class Accounts {
  readonly alive = new Set<Account>();
  readonly destroyed: string[] = [];
  created = 0;
  /** The most that were alive at a time. */
  peak = 0;
  failure: Error | undefined;
  /** Destroying and resetting wait for it. */
  settled: Promise<unknown> = Promise.resolve();

  async create({ key }: CreateContext): Promise<Account> {
    if (this.failure !== undefined) throw this.failure;
    const account = { key, number: ++this.created };
    this.alive.add(account);
    this.peak = Math.max(this.peak, this.alive.size);
    return account;
  }

  async reset(): Promise<void> {
    await this.settled;
  }

  async destroy(account: Account): Promise<void> {
    await this.settled;
    this.alive.delete(account);
    this.destroyed.push(account.key);
  }
}

const withPool = (options: PoolOptions = {}) => {
  const accounts = new Accounts();
  const clock = new VirtualClock();
  const pool = new KeyedResourcePool<Account>(accounts, { type: 'account', clock, ...options });
  /** Borrows and gives back. */
  const visit = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await (await pool.acquire({ key })).release();
    await settle();
  };
  return { accounts, clock, pool, visit };
};

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const keysOf = async (leases: Promise<Lease<Account>>[]): Promise<string[]> =>
  (await Promise.all(leases)).map(({ resource }) => resource.key);

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
    expect(() => withPool({ keyed: { maxKey: 1 } as never })).toThrow('"keyed.maxKey" is no option');
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
    expect(pool.poolOf('a')?.policies.min).toBe(1);
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
    const budget = new ResourceBudget(5);
    expect(() => withPool({ quota: { budget } })).toThrow('"quota.budget" is for pools without keys');
    const { pool, visit } = withPool({ keyed: { max: 3 } });
    await visit('a', 'b');
    expect(() => pool.reconfigure({ keyed: { max: 4 } })).toThrow("can't be changed while the pool exists");
    expect(() => pool.resize({ min: 2 })).toThrow('"min" needs 4 resources for the 2 keys');
    pool.resize({ min: 1 });
    expect(pool.poolOf('a')?.policies.min).toBe(1);
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

describe('all keys together', () => {
  it('are counted, those that are gone included', async () => {
    const { pool, visit } = withPool({ max: 2, keyed: { maxKeys: 2 } });
    await visit('a', 'b', 'c');
    await pool.acquire({ key: 'c' });
    expect(pool.stats).toMatchObject({
      max: 4,
      size: 2,
      idle: 1,
      leased: 1,
      acquired: 4,
      released: 3,
      created: 3,
      destroyed: 1,
      retired: { flushed: 1 },
    });
  });

  it('are told of with their key', async () => {
    const { clock, pool, visit } = withPool({ acquireTimeout: 100, keyed: { maxKeys: 1 } });
    const events: PoolEvent[] = [];
    const stop = pool.observe((event) => events.push(event));
    await visit('a');
    const lease = await pool.acquire({ key: 'a', owner: 'me' });
    void failureOf(pool.acquire({ key: 'b', owner: 'late' }));
    await clock.advance(200);
    expect(events).toEqual([
      { kind: 'created', type: 'account', key: 'a' },
      { kind: 'acquired', type: 'account', owner: 'anonymous', key: 'a' },
      { kind: 'released', type: 'account', owner: 'anonymous', key: 'a' },
      { kind: 'acquired', type: 'account', owner: 'me', key: 'a' },
      { kind: 'timeout', type: 'account', owner: 'late' },
    ]);
    stop();
    expect(pool.leases()).toMatchObject([{ id: 'account[a]#2', type: 'account', key: 'a', owner: 'me' }]);
    expect(pool.leaseOf(lease.resource)).toBe(lease);
    expect(pool.leaseOf({})).toBeUndefined();
  });

  it('are paused and resumed, with those to come', async () => {
    const { pool, visit } = withPool();
    await visit('a');
    pool.pause();
    const leases = [pool.acquire({ key: 'a' }), pool.acquire({ key: 'b' })];
    await settle();
    expect(pool).toMatchObject({ paused: true, stats: { pending: 2, leased: 0 } });
    pool.resume();
    expect(await keysOf(leases)).toEqual(['a', 'b']);
    expect(pool.paused).toBe(false);
  });

  it('are flushed', async () => {
    const { accounts, pool, visit } = withPool();
    await visit('a', 'b');
    await pool.flush();
    expect(accounts.destroyed.toSorted()).toEqual(['a', 'b']);
  });

  it('are reconfigured, and those to come as well', async () => {
    const { accounts, pool, visit } = withPool({ max: 1 });
    await visit('a', 'b', 'c');
    pool.resize({ max: 3 });
    await visit('d');
    expect(['a', 'd'].map((key) => pool.poolOf(key)?.policies.max)).toEqual([3, 3]);
    pool.reconfigure({ keyed: { maxKeys: 2 } }, { create: ({ key }) => ({ key, number: -1 }) });
    for (let i = 0; i < 5; i++) await settle();
    expect(pool.keys).toEqual(['c', 'd']);
    expect(accounts.destroyed.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect((await pool.acquire({ key: 'c' })).resource.number).toBe(-1);
    expect(() => pool.reconfigure({ keyed: { maxKeys: -1 } })).toThrow('"keyed.maxKeys"');
    expect(pool.policies).toMatchObject({ max: 3, keyed: { maxKeys: 2 } });
  });

  it('are drained side by side, and the slowest says how long it took', async () => {
    const { clock, pool } = withPool();
    const [soon, late] = await Promise.all(['a', 'b'].map((key) => pool.acquire({ key })));
    const drained = pool.drain({ deadline: '5s' });
    await clock.advance(100);
    await soon.release();
    await clock.advance(400);
    await late.release();
    expect(await drained).toEqual({ clean: true, held: [], duration: 500 });
  });

  it('are closed at once when nobody holds anything', async () => {
    const { accounts, clock, pool, visit } = withPool();
    await visit('a', 'b');
    expect(await pool.close()).toEqual({ clean: true, held: [], duration: 0 });
    expect(accounts.alive.size).toBe(0);
    expect(clock.running).toBe(0);
  });

  it('are drained and closed within one deadline, with a report of who held what', async () => {
    const { accounts, clock, pool, visit } = withPool();
    await visit('a');
    const lease = await pool.acquire({ key: 'b', owner: 'endless' });
    await pool.warmUp();
    const drained = pool.drain({ deadline: 100 });
    await clock.advance(200);
    expect(await drained).toMatchObject({ clean: false, held: [{ id: 'account[b]#1', owner: 'endless' }] });
    expect(lease.ended).toBe(false);
    const report = pool.close({ deadline: 0 });
    await clock.advance(10);
    expect(await report).toMatchObject({ clean: false, held: [{ key: 'b' }] });
    expect(await pool.close()).toBe(await report);
    expect(lease.ended).toBe(true);
    expect(accounts.alive.size).toBe(0);
    expect(pool.closed).toBe(true);
    expect(await failureOf(pool.acquire({ key: 'c' }))).toBeInstanceOf(PoolClosedError);
    expect(await failureOf(pool.acquire({ key: 'a' }))).toBeInstanceOf(PoolClosedError);
    expect(await failureOf(pool.warmUp())).toBeInstanceOf(PoolClosedError);
    expect(clock.running).toBe(0);
  });
});
