import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { CountingFactory, Thing } from '../counting-factory.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const yes = (): boolean => true;

/** A bench that validates idle resources every ten seconds, and looks once a second whether one was used. */
const caring = (options: ResourcePoolOptions = {}, set: Partial<CountingFactory> = {}): PoolBench =>
  new PoolBench(
    {
      random: () => 0,
      ...options,
      validation: { keepAlive: '10s', aliveBypass: '1h', ...options.validation },
    },
    { validate: yes, ...set },
  );

describe('validation.keepAlive', () => {
  it('validates what has not been used for that long, again and again', async () => {
    const validate = jest.fn(yes);
    const bench = caring({}, { validate });
    await bench.inventory(1);
    await bench.clock.advance(9_500);
    expect(validate).not.toHaveBeenCalled();
    await bench.clock.advance(1_000);
    expect(validate).toHaveBeenCalledTimes(1);
    await bench.clock.advance(10_000);
    expect(validate).toHaveBeenCalledTimes(2);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1 });
  });

  it('leaves alone what is used', async () => {
    const validate = jest.fn(yes);
    const bench = caring({}, { validate });
    for (let loan = 0; loan < 10; loan++) {
      await (await bench.pool.acquire()).release();
      await bench.clock.advance(5_000);
    }
    expect(validate).not.toHaveBeenCalled();
  });

  it('leaves alone what is on loan', async () => {
    const validate = jest.fn(yes);
    const bench = caring({}, { validate });
    await bench.pool.acquire();
    await bench.clock.advance(60_000);
    expect(validate).not.toHaveBeenCalled();
  });

  it('does not keep from retiring what is idle for too long', async () => {
    const bench = caring({ idleTimeout: '25s' });
    await bench.inventory(2);
    await bench.clock.advance(30_000);
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { idle: 2, invalid: 0 } });
  });

  it('does not change what is lent next', async () => {
    const bench = caring();
    await bench.inventory(3);
    await bench.clock.advance(6_000);
    await (await bench.pool.acquire()).release();
    await bench.clock.advance(6_000);
    expect((await bench.pool.acquire()).resource.id).toBe(3);
  });

  it.each([
    ['says no', () => false],
    ['throws', () => Promise.reject(new Error('gone'))],
    ['hangs', never],
  ])('retires as invalid what %s', async (_, answer) => {
    const bench = caring({}, { validate: ({ id }: Thing) => (id === 1 ? answer() : true) });
    await bench.inventory(2);
    await bench.clock.advance(13_000);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, retired: { invalid: 1 } });
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1]);
  });

  it('replaces for the minimum what it has retired', async () => {
    const bench = caring({ min: 2 }, { validate: ({ id }) => id !== 1 });
    await bench.pool.warmUp();
    await bench.clock.advance(11_000);
    expect(bench.pool.stats).toMatchObject({ size: 2, idle: 2, created: 3 });
  });

  it('does not lend what it validates, and serves who came meanwhile as soon as that is well', async () => {
    const answer = new Deferred<boolean>();
    const bench = caring({ max: 2 }, { validate: () => answer.promise });
    await bench.inventory(1);
    await bench.clock.advance(11_000);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    const asked = bench.ask();
    await settle();
    expect(asked.state).toBe('pending');
    answer.resolve(true);
    await settle();
    expect(asked.value?.resource.id).toBe(1);
    expect(bench.factory.attempts).toBe(1);
  });

  it('serves who came meanwhile with another when it is not well', async () => {
    const bench = caring({ max: 1 }, { validate: never });
    await bench.inventory(1);
    await bench.clock.advance(11_000);
    const asked = bench.ask();
    await bench.clock.advance(2_010);
    expect(asked.value?.resource.id).toBe(2);
  });

  it('asks a few at a time, and begins no further round before all are done', async () => {
    const bench = caring({ max: 10 });
    let asking = 0;
    let most = 0;
    const validate = jest.fn(async (): Promise<boolean> => {
      most = Math.max(most, ++asking);
      await new Promise<void>((resolve) => bench.clock.setTimeout(resolve, 1_500));
      asking--;
      return true;
    });
    bench.factory.validate = validate;
    await bench.inventory(10);
    await bench.clock.advance(17_500);
    expect(most).toBe(3);
    expect(validate).toHaveBeenCalledTimes(10);
  });

  it('is spread over a tenth of the time, so that not all are asked at once', async () => {
    const asked: number[] = [];
    let draws = 0;
    const bench = caring({ random: () => (draws++ % 10) / 10, validation: { keepAlive: '100s' } });
    bench.factory.validate = () => asked.push(bench.clock.now() - 1_000_000) > 0;
    await bench.inventory(10);
    await bench.clock.advance(101_000);
    expect(asked).toHaveLength(10);
    expect(new Set(asked).size).toBe(10);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(90_000);
  });

  it('skips what was lent before its turn came', async () => {
    const answers = [1, 2, 3].map(() => new Deferred<boolean>());
    const asked: number[] = [];
    const bench = caring({ max: 5 });
    bench.factory.validate = ({ id }) => {
      asked.push(id);
      return answers[id - 1]?.promise ?? true;
    };
    await bench.inventory(5);
    await bench.clock.advance(11_000);
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(5);
    await lease.release();
    for (const answer of answers) answer.resolve(true);
    await settle();
    expect(new Set(asked)).toEqual(new Set([1, 2, 3, 4]));
    expect(asked).toHaveLength(4);
  });

  it('rests while the pool is paused, and goes on with resume', async () => {
    const validate = jest.fn(yes);
    const bench = caring({}, { validate });
    await bench.inventory(1);
    bench.pool.pause();
    await bench.clock.advance(30_000);
    expect(validate).not.toHaveBeenCalled();
    bench.pool.resume();
    await bench.clock.advance(1_000);
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('asks nothing that is on loan when its turn comes', async () => {
    const answers = [1, 2, 3].map(() => new Deferred<boolean>());
    const asked: number[] = [];
    const bench = caring({ max: 4 });
    bench.factory.validate = ({ id }) => asked.push(id) > 0 && (answers[id - 1]?.promise ?? true);
    await bench.inventory(4);
    await bench.clock.advance(11_000);
    const lease = await bench.pool.acquire();
    for (const answer of answers) answer.resolve(true);
    await settle();
    expect([lease.resource.id, asked.includes(4), lease.ended]).toEqual([4, false, false]);
    expect(bench.pool.stats).toMatchObject({ idle: 3, leased: 1 });
  });

  it('asks nobody else once the pool was paused', async () => {
    const answers = [1, 2, 3].map(() => new Deferred<boolean>());
    const asked: number[] = [];
    const bench = caring({ max: 5 });
    bench.factory.validate = ({ id }) => asked.push(id) > 0 && (answers[id - 1]?.promise ?? true);
    await bench.inventory(5);
    await bench.clock.advance(11_000);
    bench.pool.pause();
    for (const answer of answers) answer.resolve(true);
    await settle();
    expect(asked).toHaveLength(3);
    expect(bench.pool.stats).toMatchObject({ idle: 5 });
  });

  it('does not return to service what was flushed meanwhile', async () => {
    const answer = new Deferred<boolean>();
    const bench = caring({}, { validate: () => answer.promise });
    await bench.inventory(1);
    await bench.clock.advance(11_000);
    await bench.pool.flush();
    answer.resolve(true);
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 0, retired: { flushed: 1 } });
  });

  it('lets a drain wait for it, and a close not beyond the deadline', async () => {
    const answer = new Deferred<boolean>();
    const bench = caring({}, { validate: () => answer.promise });
    await bench.inventory(1);
    await bench.clock.advance(11_000);
    const drained = bench.pool.drain({ deadline: '1s' });
    await settle();
    answer.resolve(true);
    expect(await drained).toMatchObject({ clean: true, duration: 0 });

    const hanging = caring({ max: 9 }, { validate: never });
    await hanging.inventory(9);
    await hanging.clock.advance(11_000);
    const closed = hanging.pool.close({ deadline: 100 });
    await hanging.clock.advance(110);
    expect(await closed).toMatchObject({ clean: true });
    await hanging.clock.advance(60_000);
    expect(hanging.factory.alive).toBe(0);
    expect(hanging.clock.running).toBe(0);
  });

  it('can be switched on and off at run time', async () => {
    const validate = jest.fn(yes);
    const bench = caring({}, { validate });
    await bench.inventory(1);
    bench.pool.reconfigure({ validation: { keepAlive: Infinity } });
    await bench.clock.advance(60_000);
    expect(validate).not.toHaveBeenCalled();
    bench.pool.reconfigure({ validation: { keepAlive: 100 } });
    await bench.clock.advance(1_500);
    expect(validate.mock.calls.length).toBeGreaterThan(5);
  });
});
