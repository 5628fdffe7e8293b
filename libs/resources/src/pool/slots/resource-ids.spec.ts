import { describe, expect, it } from '@jest/globals';
import type { PoolEvent } from '../../reports/pool-event.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred } from '../deferred.fixture.js';
import { withPool } from '../keyed/keyed-accounts.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

const broken = new Error('broken');

/** Of which resource each event tells, by kind. */
const told = (events: readonly PoolEvent[]): [string, number | undefined][] =>
  events.map((event) => [event.kind, 'resourceId' in event ? event.resourceId : undefined]);

describe("a resource's number", () => {
  it('is the same from its creation to its end', async () => {
    const bench = new PoolBench({ leaks: { warnAfter: '1s' } });
    const events = bench.record();
    const [first, second] = await bench.borrow(2);
    await first.release();
    await bench.clock.advance(2_000);
    await second.invalidate();
    expect(told(events)).toEqual([
      ['created', 1],
      ['acquired', 1],
      ['created', 2],
      ['acquired', 2],
      ['released', 1],
      ['leakSuspected', 2],
      ['leakReturned', 2],
      ['released', 2],
      ['retired', 2],
      ['destroyed', 2],
    ]);
  });

  it.each([
    ['validate', 'validationFailed', { validate: () => false }],
    ['reset', 'resetFailed', { reset: () => Promise.reject(broken) }],
    [
      'destroy',
      'destroyFailed',
      { reset: () => Promise.reject(broken), destroying: () => Promise.reject(broken) },
    ],
  ] as const)('is told of a %s that fails', async (_, kind, hooks) => {
    const validation = kind === 'validationFailed' ? { aliveBypass: 0 } : {};
    const bench = new PoolBench({ validation }, hooks);
    const events = bench.record();
    const [, second] = await bench.borrow(2);
    await second.release();
    bench.ask();
    await settle();
    expect(told(events)).toContainEqual([kind, 2]);
  });

  it('is told of a predicate and of an isFatal that throw', async () => {
    const throws = (): never => {
      throw broken;
    };
    const bench = new PoolBench({ retirement: { predicate: throws }, validation: { isFatal: throws } });
    const events = bench.record();
    await bench.borrow(1);
    await expect(bench.pool.use(throws)).rejects.toBe(broken);
    expect(told(events)).toContainEqual(['isFatalFailed', 2]);
    await (await bench.pool.acquire()).release();
    expect(told(events)).toContainEqual(['predicateFailed', 3]);
  });

  it('is in the infos of leases, too', async () => {
    const bench = new PoolBench();
    await bench.inventory(2);
    await bench.borrow(2);
    expect(bench.pool.leases().map(({ id, resourceId }) => [id, resourceId])).toEqual([
      ['thing#4', 1],
      ['thing#3', 2],
    ]);
  });

  it('is never given twice, not even to the same value', async () => {
    const bench = new PoolBench({ max: 1 });
    const events = bench.record();
    for (let turn = 0; turn < 3; turn++) await (await bench.pool.acquire()).invalidate();
    expect(told(events).filter(([kind]) => kind === 'created')).toEqual([
      ['created', 1],
      ['created', 2],
      ['created', 3],
    ]);
  });

  it('is had by what came too late to be lent, too', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({ creation: { timeout: '1s' } }, { creating: () => gate.promise });
    const events = bench.record();
    bench.ask();
    await bench.clock.advance(1_500);
    gate.resolve();
    await settle();
    expect(told(events)).toEqual([
      ['creationFailed', undefined],
      ['created', 1],
      ['destroyed', 1],
    ]);
  });

  it('is one of all keys of a keyed pool, and comes back with no key', async () => {
    const { pool, visit } = withPool({ keyed: { maxKeys: 1 } });
    const ids: unknown[] = [];
    pool.observe((event) => {
      if (event.kind === 'created') ids.push([event.key, event.resourceId]);
    });
    await visit('a', 'b', 'a');
    expect(ids).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]);
    await pool.acquire({ key: 'a' });
    expect(pool.leases()).toMatchObject([{ key: 'a', resourceId: 3 }]);
  });
});
