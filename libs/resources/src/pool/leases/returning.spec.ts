import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

const broken = new Error('broken');
const yes = (): boolean => true;

describe('a return', () => {
  it('resets the resource before it is lent again', async () => {
    const reset = new Deferred();
    const bench = new PoolBench({ max: 1 }, { reset: () => reset.promise });
    const lease = await bench.pool.acquire();
    const released = lease.release();
    const asked = bench.ask();
    await settle();
    expect(bench.pool.tryAcquire()).toBeUndefined();
    expect(bench.pool.stats).toMatchObject({ leased: 1, idle: 0, released: 1 });
    expect(asked.state).toBe('pending');
    reset.resolve();
    await released;
    await settle();
    expect(asked.value?.resource.id).toBe(1);
  });

  it('lends the resource on at once when reset returns nothing', async () => {
    const reset = jest.fn(() => undefined);
    const bench = new PoolBench({ max: 1 }, { reset });
    const lease = await bench.pool.acquire();
    void lease.release();
    expect(bench.pool.stats).toMatchObject({ leased: 0, idle: 1 });
    expect(bench.pool.tryAcquire()?.resource.id).toBe(1);
    expect(reset).toHaveBeenCalledTimes(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw broken;
      },
      broken,
    ],
    ['rejects', () => Promise.reject(broken), broken],
    [
      'rejects with nothing',
      () => Promise.reject(undefined),
      expect.objectContaining({ message: 'reset threw nothing' }),
    ],
  ])('retires the resource as invalid when reset %s', async (_, reset, cause) => {
    const bench = new PoolBench({ max: 1 }, { reset });
    const events = bench.record();
    const lease = await bench.pool.acquire();
    const asked = bench.ask();
    await expect(lease.release()).resolves.toBeUndefined();
    await settle();
    expect(asked.value?.resource.id).toBe(2);
    expect(events).toContainEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 1,
      reason: 'invalid',
      cause,
    });
  });

  it('retires the resource when reset does not settle in time', async () => {
    const bench = new PoolBench({ max: 1, validation: { timeout: '1s' } }, { reset: never });
    const lease = await bench.pool.acquire();
    void lease.release();
    const asked = bench.ask();
    await bench.clock.advance(1_010);
    expect(asked.value?.resource.id).toBe(2);
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });

  it('validates the resource after the reset when asked to', async () => {
    const calls: string[] = [];
    const bench = new PoolBench(
      { validation: { onReturn: true } },
      { reset: () => calls.push('reset'), validate: () => calls.push('validate') > 0 },
    );
    await (await bench.pool.acquire()).release();
    expect(calls).toEqual(['reset', 'validate']);
    expect(bench.pool.stats.idle).toBe(1);
  });

  it('validates without a reset, and retires what fails', async () => {
    const bench = new PoolBench({ validation: { onReturn: true } }, { validate: () => false });
    await (await bench.pool.acquire()).release();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { invalid: 1 } });
  });

  it('does not validate what the reset has found broken', async () => {
    const validate = jest.fn(yes);
    const bench = new PoolBench(
      { validation: { onReturn: true } },
      { validate, reset: () => Promise.reject(broken) },
    );
    await (await bench.pool.acquire()).release();
    expect(validate).not.toHaveBeenCalled();
  });

  it('does not reset what will not be lent again', async () => {
    const reset = jest.fn();
    const bench = new PoolBench({ maxUses: 1 }, { reset });
    await (await bench.pool.acquire()).release();
    expect(reset).not.toHaveBeenCalled();
    expect(bench.pool.stats.retired.uses).toBe(1);
  });

  it('accepts on return what a factory without validate has made, after one with it took over', async () => {
    const bench = new PoolBench();
    const lease = await bench.pool.acquire();
    bench.pool.reconfigure(
      { validation: { onReturn: true } },
      { create: () => bench.factory.create({} as never), validate: yes },
    );
    await lease.release();
    expect(bench.pool.stats.retired).toMatchObject({ flushed: 1, invalid: 0 });
  });
});
