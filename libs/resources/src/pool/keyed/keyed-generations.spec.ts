import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CountingFactory } from '../counting-factory.fixture.js';
import { never, Outcome } from '../deferred.fixture.js';
import type { ChangeOutcome } from '../generations/generation-change.js';
import { type ReconfigureOptions, readReconfigureOptions } from '../generations/reconfigure-options.js';
import { PoolClosedError, type PoolOptions } from '../index.js';
import { ONE_TRY } from '../pool-bench.fixture.js';
import { KeyedResourcePool } from './keyed-resource-pool.js';

function bench(options: PoolOptions = {}) {
  const clock = new VirtualClock();
  const [factory, next] = [new CountingFactory(), new CountingFactory()];
  const pool = new KeyedResourcePool(factory, {
    type: 'tenant',
    clock,
    max: 2,
    creation: ONE_TRY,
    ...options,
  });
  const change = (how: ReconfigureOptions = {}, to: PoolOptions = {}): Outcome<ChangeOutcome> => {
    const { run } = pool.beginChange(to, next, readReconfigureOptions(how, 'tenant'));
    return new Outcome(
      run === undefined ? Promise.resolve({ outcome: 'applied' }) : run(new AbortController().signal),
    );
  };
  const use = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await (await pool.acquire({ key })).release();
  };
  return { clock, factory, next, pool, change, use };
}

describe('a change of generations of a keyed type', () => {
  it('is one of all its keys: each makes its canary', async () => {
    const { factory, next, change, use, pool } = bench();
    await use('acme', 'globex');
    const changed = change();
    await settle();
    expect(changed.value).toEqual({ outcome: 'applied' });
    expect(next.contexts.map(({ key }) => key)).toEqual(['acme', 'globex']);
    expect([factory.alive, next.alive]).toEqual([0, 2]);
    await use('initech');
    expect(next.alive).toBe(3);
    expect(pool.stats).toMatchObject({ size: 3, idle: 3 });
  });

  it('goes back in all of them when one fails', async () => {
    const { factory, next, change, use, clock } = bench();
    await use('acme', 'globex');
    const cause = new Error('no such tenant');
    next.creating = () => (next.contexts.at(-1)?.key === 'globex' ? Promise.reject(cause) : undefined);
    const changed = change({ bake: '1m' });
    await clock.advance(100);
    expect(changed.value).toEqual({ outcome: 'rolledBack', cause });
    expect([factory.alive, next.alive]).toEqual([2, 0]);
  });

  it('that fails in its bake takes back the keys that came meanwhile, and fails no caller', async () => {
    const { factory, next, change, use, pool, clock } = bench();
    await use('acme');
    const changed = change({ bake: '1m' }, { acquireTimeout: '9s' });
    await clock.advance(10);
    await use('globex');
    expect([factory.alive, next.alive]).toEqual([1, 2]);
    expect(pool.options.acquireTimeout).toBe('9s');
    const cause = new Error('full');
    next.creating = () => Promise.reject(cause);
    const asked = new Outcome(pool.acquire({ key: 'initech' }));
    await clock.advance(10);
    expect(changed.value).toEqual({ outcome: 'rolledBack', cause });
    expect(asked.state).toBe('fulfilled');
    expect(pool.options.acquireTimeout).toBeUndefined();
    await use('globex', 'acme');
    expect([factory.alive, next.alive]).toEqual([3, 0]);
  });

  it('is judged over all keys', async () => {
    const { change, use, pool, clock } = bench();
    await use('acme', 'globex');
    const changed = change({ bake: '1m', abortIf: ({ acquired, failures }) => acquired > 2 && failures > 1 });
    await clock.advance(10);
    await use('acme');
    for (const key of ['acme', 'globex']) {
      const work = pool.use(() => Promise.reject(new Error('42501')), { key });
      await work.catch(() => undefined);
    }
    await clock.advance(1_100);
    expect(changed.value).toMatchObject({
      outcome: 'rolledBack',
      cause: { check: 'abortIf', generation: { acquired: 3, failures: 2, size: 2 } },
    });
  });

  it('goes on where a key loses its place meanwhile', async () => {
    const { change, use, pool, clock, factory, next } = bench({ keyed: { maxKeys: 1 } });
    await use('acme');
    const changed = change({ bake: '10s' });
    await clock.advance(10);
    await use('globex');
    expect(pool.keys).toEqual(['globex']);
    await clock.advance(11_000);
    expect(changed.value?.outcome).toBe('applied');
    expect([factory.alive, next.alive]).toEqual([0, 1]);
  });

  it('refuses the next one, and a change of data, until it is over', async () => {
    const { change, use, pool, clock } = bench();
    await use('acme');
    change({ bake: '10s' });
    await clock.advance(10);
    for (const attempt of [() => change(), () => pool.reconfigure({ max: 3 }), () => pool.resize({ max: 3 })])
      expect(attempt).toThrow('is being reconfigured already');
    await clock.advance(11_000);
    pool.reconfigure({ max: 3 });
    expect(pool.options.max).toBe(3);
  });

  it('is given no time while the type is paused', async () => {
    const { change, use, pool, clock } = bench();
    await use('acme');
    const changed = change({ bake: '10s' });
    await clock.advance(10);
    pool.pause();
    await clock.advance(60_000);
    expect(changed.state).toBe('pending');
    pool.resume();
    await clock.advance(11_000);
    expect(changed.value?.outcome).toBe('applied');
  });

  it.each([
    ['of a canary', { creating: never }, {}],
    ['of its bake', {}, { bake: '1h' }],
  ])('ends when the pool closes in the middle %s', async (_, set, how) => {
    const { change, use, pool, clock, factory, next } = bench();
    await use('acme', 'globex');
    Object.assign(next, set);
    const changed = change(how);
    await clock.advance(10);
    const closed = new Outcome(pool.close({ deadline: 0 }));
    await clock.advance(6_000);
    expect([changed.value?.outcome, closed.state]).toEqual(['failed', 'fulfilled']);
    expect(changed.value?.cause).toBeInstanceOf(PoolClosedError);
    expect([factory.alive, next.alive, clock.running]).toEqual([0, 0, 0]);
  });

  it('of data alone is in force at once, and has no use for a canary', () => {
    const { pool } = bench();
    expect(pool.beginChange({ max: 5 }, undefined, readReconfigureOptions({}, 'tenant')).run).toBeUndefined();
    expect(pool.options.max).toBe(5);
    const settings = readReconfigureOptions({ bake: '1m' }, 'tenant');
    expect(() => pool.beginChange({ max: 6 }, undefined, settings)).toThrow('"bake" is for another factory');
    expect(pool.options.max).toBe(5);
  });
});
