import { describe, expect, it, jest } from '@jest/globals';
import { WHEEL_RESOLUTION } from '../../time/deadline-wheel.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { AcquireAbortedError, AcquireTimeoutError, InvalidOptionsError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

describe('deadline of an acquire', () => {
  it('passes while the caller waits, never early and one resolution late at the most', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: '1s' });
    await bench.pool.acquire();
    await bench.clock.advance(3);
    const waiting = bench.ask({ owner: 'Orders.find' });
    await bench.clock.advance(999);
    expect(waiting.state).toBe('pending');
    await bench.clock.advance(1 + WHEEL_RESOLUTION);
    expect(waiting.error).toBeInstanceOf(AcquireTimeoutError);
    expect(waiting.error).toMatchObject({ type: 'thing', owner: 'Orders.find', timeout: 1_000 });
    expect(waiting.error).toMatchObject({ stats: { leased: 1, pending: 0, timeouts: 1 } });
    expect(bench.pool.stats).toMatchObject({ pending: 0, timeouts: 1 });
  });

  it('passes while the creation runs', async () => {
    const bench = new PoolBench({ acquireTimeout: 100, creation: { timeout: '1m' } }, { creating: never });
    const waiting = bench.ask();
    await bench.clock.advance(100 + WHEEL_RESOLUTION);
    expect(waiting.error).toBeInstanceOf(AcquireTimeoutError);
    expect(bench.pool.stats).toMatchObject({ creating: 1, pending: 0 });
  });

  it('passes while the validation runs', async () => {
    const bench = new PoolBench({ acquireTimeout: 100, validation: { timeout: '1m' } }, { validate: never });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const waiting = bench.ask();
    await bench.clock.advance(100 + WHEEL_RESOLUTION);
    expect(waiting.error).toBeInstanceOf(AcquireTimeoutError);
  });

  it('is one for waiting, creating and validating together', async () => {
    const validated = new Deferred<boolean>();
    const bench = new PoolBench(
      {
        max: 1,
        acquireTimeout: 1_000,
        validation: { aliveBypass: 0, timeout: '1m' },
        creation: { timeout: '1m' },
      },
      { validate: () => validated.promise },
    );
    const lease = await bench.pool.acquire();
    const waiting = bench.ask();
    await bench.clock.advance(400);
    void lease.release();
    await bench.clock.advance(400);
    bench.factory.creating = never;
    validated.resolve(false);
    await bench.clock.advance(199);
    expect(bench.factory.attempts).toBe(2);
    expect(waiting.state).toBe('pending');
    await bench.clock.advance(1 + WHEEL_RESOLUTION);
    expect(waiting.error).toBeInstanceOf(AcquireTimeoutError);
  });

  it('can be set for one call', async () => {
    const bench = new PoolBench({ max: 1 });
    await bench.pool.acquire();
    const [brief, longer] = [bench.ask({ timeout: '50ms' }), bench.ask({ timeout: 200 })];
    await bench.clock.advance(60);
    expect([brief.state, longer.state]).toEqual(['rejected', 'pending']);
    await bench.clock.advance(150);
    expect(longer.error).toMatchObject({ timeout: 200 });
  });

  it('never passes when it is Infinity', async () => {
    const bench = new PoolBench({ max: 1, acquireTimeout: Infinity });
    const lease = await bench.pool.acquire();
    const waiting = bench.ask();
    await bench.clock.advance(3_600_000);
    expect(waiting.state).toBe('pending');
    await lease.release();
    await settle();
    expect(waiting.state).toBe('fulfilled');
  });

  it.each([0, '0s', -1, NaN, 'soon', null])(
    'of %p is refused, with an idle resource and without',
    async (timeout) => {
      const bench = new PoolBench({ max: 1 });
      const options = { timeout: timeout as number };
      await expect(bench.pool.acquire(options)).rejects.toThrow(InvalidOptionsError);
      await bench.inventory(1);
      await expect(bench.pool.acquire(options)).rejects.toThrow(
        expect.objectContaining({ option: 'timeout' }),
      );
      expect(bench.pool.stats).toMatchObject({ idle: 1, pending: 0, acquired: 1 });
    },
  );

  it('of 0 is refused with the hint at tryAcquire()', async () => {
    await expect(new PoolBench().pool.acquire({ timeout: 0 })).rejects.toThrow('tryAcquire() never waits');
  });

  it('tells the failure of the last creation as its cause', async () => {
    const error = new Error('connection refused');
    const bench = new PoolBench({ max: 1, acquireTimeout: 100 });
    bench.factory.creating = (attempt) => (attempt === 1 ? Promise.reject(error) : never());
    bench.ask();
    const second = bench.ask();
    await bench.clock.advance(120);
    expect(second.error).toMatchObject({
      cause: { cause: error },
      message: expect.stringContaining('The last attempt to create one failed: connection refused.'),
    });
  });
});

describe('a cancelled caller', () => {
  it('is refused at once when its signal is aborted already, although a resource is idle', async () => {
    const bench = new PoolBench();
    await bench.inventory(1);
    const reason = new Error('client gone');
    const asked = bench.ask({ signal: AbortSignal.abort(reason), owner: 'Orders.find' });
    await settle();
    expect(asked.error).toBeInstanceOf(AcquireAbortedError);
    expect(asked.error).toMatchObject({
      cause: reason,
      owner: 'Orders.find',
      type: 'thing',
      stats: { idle: 1 },
    });
    expect(bench.factory.attempts).toBe(1);
  });

  it('leaves the queue when its signal is aborted while it waits', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const controller = new AbortController();
    const asked = [bench.ask(), bench.ask({ signal: controller.signal }), bench.ask()];
    controller.abort('enough');
    await settle();
    expect(asked[1]?.error).toMatchObject({ name: 'AcquireAbortedError', cause: 'enough' });
    expect(bench.pool.stats.pending).toBe(2);
    await lease.release();
    await settle();
    await asked[0]?.value?.release();
    await settle();
    expect(asked[2]?.state).toBe('fulfilled');
  });

  it('leaves its creation to the next one', async () => {
    const gate = new Deferred();
    const bench = new PoolBench({}, { creating: () => gate.promise });
    const controller = new AbortController();
    const asked = bench.ask({ signal: controller.signal });
    controller.abort();
    await settle();
    expect(asked.state).toBe('rejected');
    expect(bench.factory.contexts[0]?.signal.aborted).toBe(false);
    gate.resolve();
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 1, creating: 0, leased: 0 });
  });

  it('leaves the resource that is validated for it idle', async () => {
    const validated = new Deferred<boolean>();
    const bench = new PoolBench({}, { validate: () => validated.promise });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const controller = new AbortController();
    const asked = bench.ask({ signal: controller.signal });
    controller.abort();
    await settle();
    expect(asked.state).toBe('rejected');
    validated.resolve(true);
    await settle();
    expect(bench.pool.stats).toMatchObject({ idle: 1, leased: 0, pending: 0 });
  });

  it('changes nothing when its signal is aborted after it was served', async () => {
    const bench = new PoolBench({ max: 1 });
    const controller = new AbortController();
    const lease = await bench.pool.acquire();
    const asked = bench.ask({ signal: controller.signal });
    void lease.release();
    controller.abort();
    await settle();
    expect(asked.value?.ended).toBe(false);
    expect(bench.pool.stats).toMatchObject({ leased: 1, pending: 0 });
  });

  it('leaves no listener behind, whatever ended it', async () => {
    const bench = new PoolBench({ max: 1 });
    const lease = await bench.pool.acquire();
    const controller = new AbortController();
    const added = jest.spyOn(controller.signal, 'addEventListener');
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    const late = bench.ask({ signal: controller.signal, timeout: 10 });
    await bench.clock.advance(10 + WHEEL_RESOLUTION);
    const served = bench.ask({ signal: controller.signal });
    await lease.release();
    await settle();
    expect([late.state, served.state]).toEqual(['rejected', 'fulfilled']);
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed).toHaveBeenCalledTimes(2);
    expect(bench.clock.holding).toBe(0);
  });

  it('is not warned of when many wait on one signal', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): number => warnings.push(warning);
    process.on('warning', warned);
    const bench = new PoolBench({ max: 1 });
    await bench.pool.acquire();
    const controller = new AbortController();
    const asked = Array.from({ length: 50 }, () => bench.ask({ signal: controller.signal }));
    controller.abort();
    await settle();
    process.off('warning', warned);
    expect(asked.every(({ state }) => state === 'rejected')).toBe(true);
    expect(warnings).toEqual([]);
  });
});
