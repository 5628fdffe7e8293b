import { describe, expect, it } from '@jest/globals';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { Accounts, keysOf, withPool } from './keyed-accounts.fixture.js';
import { KeyedResourcePool } from './keyed-resource-pool.js';
import type { PoolEvent } from '../../reports/pool-event.js';

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
      { kind: 'created', type: 'account', resourceId: 1, key: 'a' },
      { kind: 'acquired', type: 'account', resourceId: 1, owner: 'anonymous', key: 'a' },
      { kind: 'released', type: 'account', resourceId: 1, owner: 'anonymous', key: 'a' },
      { kind: 'acquired', type: 'account', resourceId: 1, owner: 'me', key: 'a' },
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

  it('are flushed over a time, each key side by side', async () => {
    const { accounts, clock, pool, visit } = withPool();
    await visit('a', 'b');
    const done = pool.flush({ spread: '8s' });
    await clock.advance(7_500);
    expect(accounts.destroyed).toEqual([]);
    await clock.advance(1_000);
    await done;
    expect(accounts.destroyed.toSorted()).toEqual(['a', 'b']);
  });

  it.each(['soon', -1, Infinity])('are not flushed over %p, even if there are none', async (spread) => {
    const { pool } = withPool();
    const failure = await failureOf(pool.flush({ spread }));
    expect(failure).toMatchObject({ name: 'InvalidOptionsError', option: 'spread', type: 'account' });
  });

  it('draw their jitter from the numbers that are given', async () => {
    const random = (): number => 0.5;
    const { accounts, clock, visit } = withPool({ random, maxLifetime: '100s', idleTimeout: Infinity });
    await visit('a', 'b');
    await clock.advance(94_000);
    expect(accounts.destroyed).toEqual([]);
    await clock.advance(1_500);
    expect(accounts.destroyed.toSorted()).toEqual(['a', 'b']);
  });

  it('are reconfigured, and those to come as well', async () => {
    const { accounts, pool, visit } = withPool({ max: 1 });
    await visit('a', 'b', 'c');
    pool.resize({ max: 3 });
    await visit('d');
    expect(['a', 'd'].map((key) => pool.poolOf(key)?.options.max)).toEqual([3, 3]);
    pool.reconfigure({ keyed: { maxKeys: 2 } }, { create: ({ key }) => ({ key, number: -1 }) });
    for (let i = 0; i < 5; i++) await settle();
    expect(pool.keys).toEqual(['c', 'd']);
    expect(accounts.destroyed.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect((await pool.acquire({ key: 'c' })).resource.number).toBe(-1);
    expect(() => pool.reconfigure({ keyed: { maxKeys: -1 } })).toThrow('"keyed.maxKeys"');
    expect(pool.options).toMatchObject({ max: 3, keyed: { maxKeys: 2 } });
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
    for (const [refused, owner] of [
      [pool.acquire({ key: 'c', owner: 'late' }), 'late'],
      [pool.acquire({ key: 'a' }), 'a new caller'],
      [pool.warmUp(), 'warmUp()'],
    ] as const) {
      const failure = await failureOf(refused);
      expect(failure).toBeInstanceOf(PoolClosedError);
      expect(failure).toMatchObject({ owner });
    }
    expect(clock.running).toBe(0);
  });

  it('refuse whom they keep waiting for the place of a key when they close', async () => {
    const { pool } = withPool({ keyed: { maxKeys: 1 } });
    const held = await pool.acquire({ key: 'a' });
    const waiting = failureOf(pool.acquire({ key: 'b' }));
    const closed = pool.close();
    expect(await waiting).toMatchObject({
      name: 'PoolClosedError',
      owner: 'a caller that waits for the place of a key',
    });
    await held.release();
    await closed;
  });

  it('keep what is idle when an option changes', async () => {
    const { accounts, pool, visit } = withPool({ max: 2 });
    await visit('a', 'b');
    pool.reconfigure({ acquireTimeout: '1s' });
    await visit('a', 'b');
    expect(accounts).toMatchObject({ created: 2, destroyed: [] });
  });

  it('refuse a change that their factory cannot serve, or that is none', async () => {
    const { pool, visit } = withPool();
    expect(() => pool.reconfigure({ validation: { onReturn: true } })).toThrow('"validate" method');
    await visit('a');
    expect(() => pool.reconfigure({}, {} as never)).toThrow('"factory.create"');
    const validating = Object.assign(new Accounts(), { validate: () => true });
    pool.reconfigure({ validation: { onReturn: true } }, validating);
    expect(pool.options).toMatchObject({ validation: { onReturn: true } });
  });

  it('know the lease of a resource, whatever its key', async () => {
    const { pool } = withPool();
    const [a, b] = await Promise.all(['a', 'b'].map((key) => pool.acquire({ key })));
    expect([a, b].map(({ resource }) => pool.leaseOf(resource))).toEqual([a, b]);
    await b.release();
    expect(pool.leaseOf({})).toBeUndefined();
  });

  it('retire what work says is broken', async () => {
    const fatal = new Error('connection lost');
    const { accounts, pool } = withPool({ validation: { isFatal: (error) => error === fatal } });
    const work = (): never => {
      throw fatal;
    };
    expect(await failureOf(pool.use(work, { key: 'a' }))).toBe(fatal);
    await settle();
    expect(accounts.destroyed).toEqual(['a']);
  });

  it('are called resources where nobody has given a name', () => {
    expect(new KeyedResourcePool(new Accounts(), { keyed: {} }).type).toBe('resource');
  });
});
