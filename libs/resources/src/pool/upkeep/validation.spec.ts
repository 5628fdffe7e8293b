import { describe, expect, it, jest } from '@jest/globals';
import { HOSTILE_ROWS } from '../../words/hostile-values.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { Thing } from '../counting-factory.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

const broken = new Error('broken');
const yes = (): boolean => true;

describe('validation before lending', () => {
  it('is skipped for what was alive within the bypass', async () => {
    const validate = jest.fn(yes);
    const bench = new PoolBench({}, { validate });
    await bench.inventory(1);
    await bench.clock.advance(499);
    await (await bench.pool.acquire()).release();
    await bench.clock.advance(499);
    expect(bench.pool.tryAcquire()).toBeDefined();
    expect(validate).not.toHaveBeenCalled();
  });

  it('asks once the bypass is over, and lends what proved itself', async () => {
    const validate = jest.fn(yes);
    const bench = new PoolBench({ validation: { aliveBypass: '2s' } }, { validate });
    await bench.inventory(1);
    await bench.clock.advance(2_000);
    expect(bench.pool.tryAcquire()).toBeUndefined();
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(1);
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('is skipped for it when the pool resumes, too', async () => {
    const validate = jest.fn(yes);
    const bench = new PoolBench({}, { validate });
    await bench.inventory(1);
    bench.pool.pause();
    const asked = bench.ask();
    bench.pool.resume();
    await settle();
    expect(asked.state).toBe('fulfilled');
    expect(validate).not.toHaveBeenCalled();
  });

  it('takes a validation for a proof of life', async () => {
    const validate = jest.fn(yes);
    const controller = new AbortController();
    const bench = new PoolBench({}, { validate });
    await bench.inventory(1);
    await bench.clock.advance(500);
    bench.ask({ signal: controller.signal });
    controller.abort();
    await settle();
    await bench.clock.advance(400);
    expect(bench.pool.tryAcquire()).toBeDefined();
    expect(validate).toHaveBeenCalledTimes(1);
  });

  it('puts what proved itself for a caller who is gone among what is lent next', async () => {
    const controller = new AbortController();
    const bench = new PoolBench({}, { validate: yes });
    await bench.inventory(2);
    await bench.clock.advance(500);
    const gone = bench.ask({ signal: controller.signal });
    controller.abort();
    await settle();
    expect(gone.state).toBe('rejected');
    expect(bench.pool.tryAcquire()?.resource.id).toBe(2);
  });

  it('says what took too long', async () => {
    const bench = new PoolBench({ max: 1, validation: { timeout: '1s' } }, { validate: never });
    const events = bench.record();
    await bench.inventory(1);
    await bench.clock.advance(500);
    bench.ask();
    await bench.clock.advance(1_010);
    const cause = { message: 'validate did not settle within 1000 ms' };
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'retired', cause: expect.objectContaining(cause) }),
    );
  });

  const answers: [string, (thing: Thing) => boolean | Promise<boolean>, unknown][] = [
    ['answers false', () => false, { message: 'validate did not return true' }],
    ['answers nothing', () => undefined as unknown as boolean, { message: 'validate did not return true' }],
    [
      'answers 1',
      () => Promise.resolve(1 as unknown as boolean),
      { message: 'validate did not return true' },
    ],
    [
      'throws',
      () => {
        throw broken;
      },
      broken,
    ],
    ['rejects', () => Promise.reject(broken), broken],
    ['rejects with nothing', () => Promise.reject(undefined), { message: 'validate threw nothing' }],
  ];

  it.each(answers)(
    'retires as invalid what %s, and serves the caller with another',
    async (_, validate, cause) => {
      const bench = new PoolBench(
        { max: 2 },
        { validate: (thing) => (thing.id === 2 ? validate(thing) : true) },
      );
      await bench.inventory(2);
      const events = bench.record();
      await bench.clock.advance(500);
      const lease = await bench.pool.acquire();
      expect(lease.resource.id).toBe(1);
      await settle();
      expect(bench.pool.stats).toMatchObject({ size: 1, destroyed: 1, retired: { invalid: 1 } });
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: 'retired',
          reason: 'invalid',
          cause: cause instanceof Error ? cause : expect.objectContaining(cause as object),
        }),
      );
    },
  );

  it('retires what does not answer in time, and serves the caller within its deadline', async () => {
    const bench = new PoolBench({ max: 2 }, { validate: ({ id }) => (id === 1 ? never() : true) });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const asked = bench.ask();
    await bench.clock.advance(4_000);
    expect(asked.value?.resource.id).toBe(2);
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });

  it('serves the caller at once although the destroying of the dead resource hangs', async () => {
    const bench = new PoolBench({ max: 2 }, { validate: () => false, destroying: never });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const asked = bench.ask();
    await settle();
    expect(asked.value?.resource.id).toBe(2);
  });

  it('replaces all that died together, one try for each', async () => {
    const dead = new Set([1, 2, 3]);
    const validate = jest.fn(({ id }: Thing) => !dead.has(id));
    const bench = new PoolBench({ max: 3 }, { validate });
    await bench.inventory(3);
    await bench.clock.advance(500);
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(4);
    expect(validate).toHaveBeenCalledTimes(3);
    expect(bench.factory.attempts).toBe(4);
  });

  it('validates no more resources than there are callers', async () => {
    const validate = jest.fn(() => settle().then(yes));
    const bench = new PoolBench({}, { validate });
    await bench.inventory(5);
    await bench.clock.advance(500);
    await bench.borrow(2);
    expect(validate).toHaveBeenCalledTimes(2);
    expect(bench.factory.attempts).toBe(5);
  });

  it('does not keep a caller waiting for a reset while another resource could be validated', async () => {
    const bench = new PoolBench(
      { max: 2 },
      { validate: yes, reset: ({ id }) => (id === 2 ? never() : undefined) },
    );
    const [one, two] = await bench.borrow(2);
    await one?.release();
    await bench.clock.advance(500);
    void two?.release();
    const asked = bench.ask();
    await settle();
    expect(asked.value?.resource.id).toBe(1);
  });

  it('with a bypass of 0 asks before every loan of a returned resource, without looping', async () => {
    const validate = jest.fn(yes);
    const bench = new PoolBench({ max: 1, validation: { aliveBypass: 0 } }, { validate });
    for (let loan = 0; loan < 5; loan++) await (await bench.pool.acquire()).release();
    await settle();
    expect(validate).toHaveBeenCalledTimes(4);
    expect(bench.factory.attempts).toBe(1);
    const holder = await bench.pool.acquire();
    const asked = [bench.ask(), bench.ask()];
    void holder.release();
    await settle();
    void asked[0]?.value?.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(validate).toHaveBeenCalledTimes(7);
  });

  it('does not loop although nothing that was made ever proves itself', async () => {
    const bench = new PoolBench({ max: 2, validation: { aliveBypass: 0 } }, { validate: () => false });
    const loans = Array.from({ length: 20 }, () => bench.pool.use(() => undefined));
    await Promise.all(loans);
    expect(bench.factory.attempts).toBeLessThanOrEqual(20);
  });

  it('leaves the resource idle when the pool is paused meanwhile, and goes on with resume', async () => {
    const validated = new Deferred<boolean>();
    const bench = new PoolBench({}, { validate: () => validated.promise });
    await bench.inventory(1);
    await bench.clock.advance(500);
    const asked = bench.ask();
    bench.pool.pause();
    validated.resolve(true);
    await settle();
    expect(asked.state).toBe('pending');
    expect(bench.pool.stats).toMatchObject({ idle: 1, pending: 1 });
    bench.pool.resume();
    await settle();
    expect(asked.state).toBe('fulfilled');
  });

  it('does not lend what became too old or was flushed meanwhile', async () => {
    const validated = [new Deferred<boolean>(), new Deferred<boolean>()];
    const bench = new PoolBench(
      { max: 2, maxLifetime: 1_000, acquireTimeout: '1m' },
      { validate: ({ id }) => validated[id - 1]?.promise ?? true },
    );
    await bench.inventory(2);
    await bench.clock.advance(500);
    const asked = [bench.ask(), bench.ask()];
    bench.clock.stall(500);
    validated[0]?.resolve(true);
    await settle();
    await bench.pool.flush();
    validated[1]?.resolve(true);
    await settle();
    expect(asked.map(({ value }) => value?.resource.id)).toEqual([3, 4]);
    expect(bench.pool.stats.retired).toMatchObject({ lifetime: 1, flushed: 1 });
  });

  it('can be switched off', async () => {
    const validate = jest.fn(() => false);
    const bench = new PoolBench({ validation: { onBorrow: false } }, { validate });
    await bench.inventory(1);
    await bench.clock.advance(60_000);
    expect(bench.pool.tryAcquire()).toBeDefined();
    expect(validate).not.toHaveBeenCalled();
  });
});

describe('sessions that died together without a word', () => {
  it('cost one request one time-out', async () => {
    const dead = new Set<number>();
    const bench = new PoolBench(
      { max: 10, acquireTimeout: 5_000 },
      { validate: ({ id }) => (dead.has(id) ? never() : true) },
    );
    await bench.inventory(10);
    for (const { id } of bench.factory.created) dead.add(id);
    await bench.clock.advance(60_000);
    const first = bench.ask();
    await bench.clock.advance(2_050);
    expect(first.state).toBe('fulfilled');
    const others = Array.from({ length: 9 }, () => bench.ask());
    await settle();
    expect(others.every(({ state }) => state === 'fulfilled')).toBe(true);
    expect(bench.pool.stats).toMatchObject({ leased: 10, timeouts: 0, retired: { invalid: 10 } });
  });

  it('are found by one keep-alive', async () => {
    let silent = false;
    const bench = new PoolBench(
      { max: 3, validation: { keepAlive: 10_000 } },
      { validate: () => (silent ? never() : true) },
    );
    await bench.inventory(3);
    silent = true;
    await bench.clock.advance(20_000);
    expect(bench.pool.stats.retired.invalid).toBe(3);
  });

  it('leave alone what has proved itself since the one that is silent was asked', async () => {
    const bench = new PoolBench({ max: 2 }, { validate: ({ id }) => (id === 2 ? never() : true) });
    const [kept] = await bench.borrow(2).then(async ([one, two]) => {
      await two?.release();
      return [one];
    });
    await bench.clock.advance(10_000);
    const asked = bench.ask();
    await bench.clock.advance(1_000);
    await kept?.release();
    expect(asked.state).toBe('fulfilled');
    await asked.value?.release();
    await bench.clock.advance(1_500);
    expect(bench.pool.stats).toMatchObject({ idle: 1, retired: { invalid: 1 } });
  });

  it('are asked one by one where each says at once that it is dead', async () => {
    const bench = new PoolBench({ max: 3 }, { validate: ({ id }) => id === 1 });
    await bench.inventory(3);
    await bench.clock.advance(10_000);
    const lease = await bench.pool.acquire();
    expect(lease.resource.id).toBe(1);
    expect(bench.pool.stats.retired.invalid).toBe(2);
  });
});

describe('a validation before a loan, or while idle', () => {
  it.each(HOSTILE_ROWS)(
    'may fail with anything, and costs its resource and no caller: %s',
    async (_, make) => {
      let failing = true;
      const bench = new PoolBench(
        { max: 1, validation: { keepAlive: 5_000 } },
        { validate: () => (failing ? Promise.reject(make()) : true) },
      );
      await bench.inventory(1);
      await bench.clock.advance(1_000);
      const asked = bench.ask();
      await settle();
      expect(asked.value?.resource.id).toBe(2);
      await asked.value?.release();
      await bench.clock.advance(10_000);
      failing = false;
      await expect(bench.pool.use(({ id }) => id)).resolves.toBe(3);
    },
  );
});

describe('validation.timeout', () => {
  const hanging = { validate: never, reset: never };

  it('bounds each validation and each reset', async () => {
    const bench = new PoolBench({ max: 2, validation: { timeout: '3s' } }, hanging);
    void (await bench.pool.acquire()).release();
    await bench.clock.advance(2_900);
    expect(bench.pool.stats.retired.invalid).toBe(0);
    await bench.clock.advance(110);
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });

  it.each([
    ['reset', { reset: never }, {}],
    ['onReturn', { validate: never }, { onReturn: true }],
    ['onBorrow', { validate: never }, { aliveBypass: 0 }],
    ['keepAlive', { validate: never }, { keepAlive: 100, aliveBypass: '1h' }],
  ])('has one of its own for %s', async (kind, set, validation) => {
    const timeouts = { onBorrow: '1h', onReturn: '1h', keepAlive: '1h', reset: '1h', [kind]: '1s' };
    const bench = new PoolBench({ max: 1, validation: { ...validation, timeout: timeouts } }, set);
    void (await bench.pool.acquire()).release();
    await settle();
    const asked = kind === 'keepAlive' ? undefined : bench.ask({ timeout: '4s' });
    await bench.clock.advance(3_000);
    expect(bench.pool.stats.retired.invalid).toBe(1);
    expect(asked?.value?.resource.id).toBe(kind === 'keepAlive' ? undefined : 2);
  });
});
