import { describe, expect, it } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import { AcquireTimeoutError, LeaseReleasedError, PoolClosedError, ResourceCreationError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';

/** As an HttpException of Nest's, of whatever copy of Nest. */
class NotFound extends Error {
  getStatus(): number {
    return 404;
  }
  getResponse(): string {
    return this.message;
  }
}

const retry = { attempts: 5, delay: 100 };

describe('a failure of create that says "retryable: false"', () => {
  const denied = Object.assign(new Error('no such role'), { retryable: false });

  it('is not tried again, and its caller hears of it at once', async () => {
    const bench = new PoolBench({ creation: { retry } }, { creating: () => Promise.reject(denied) });
    const asked = bench.ask({ owner: 'find' });
    await settle();
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({ cause: denied, owner: 'find' });
    expect(bench.factory.attempts).toBe(1);
  });

  it('may be no error at all', async () => {
    const thrown: unknown = { retryable: false, reason: 'no such role' };
    const bench = new PoolBench({ creation: { retry } }, { creating: () => Promise.reject(thrown) });
    const asked = bench.ask();
    await settle();
    expect(asked.error).toMatchObject({ name: 'ResourceCreationError', cause: thrown });
    expect(bench.factory.attempts).toBe(1);
  });

  it.each([true, undefined, 0, 'false'])('is tried again if that is %p', async (retryable) => {
    const failure = Object.assign(new Error('busy'), { retryable });
    const creating = (attempt: number): unknown => (attempt < 3 ? Promise.reject(failure) : undefined);
    const bench = new PoolBench({ creation: { retry } }, { creating });
    const asked = bench.ask();
    await bench.clock.advance(5_000);
    expect(asked.state).toBe('fulfilled');
  });

  it('is tried again if nobody can read it', async () => {
    const failure = Object.defineProperty(new Error('busy'), 'retryable', {
      get: () => {
        throw new Error('a trap');
      },
    });
    const creating = (attempt: number): unknown => (attempt < 3 ? Promise.reject(failure) : undefined);
    const bench = new PoolBench({ creation: { retry } }, { creating });
    const asked = bench.ask();
    await bench.clock.advance(5_000);
    expect(asked.state).toBe('fulfilled');
  });
});

describe('a failure of create that is an answer', () => {
  const breaker = { failures: 2, cooldown: 200 };

  it('reaches its caller as it is, and nobody else', async () => {
    const answers: NotFound[] = [];
    const creating = (attempt: number): unknown => {
      if (attempt > 1) return undefined;
      answers.push(new NotFound('no tenant "nobody"'));
      throw answers[0];
    };
    const bench = new PoolBench({ max: 2, creation: { retry } }, { creating });
    const asked = [bench.ask(), bench.ask()];
    await settle();
    expect(asked.map(({ state }) => state).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(asked.map(({ error }) => error)).toContain(answers[0]);
  });

  it('does not count for the breaker, and is no failure of the pool', async () => {
    const bench = new PoolBench(
      { creation: { retry, breaker } },
      { creating: () => Promise.reject(new NotFound('nobody')) },
    );
    for (let times = 0; times < 10; times++) await bench.pool.acquire().catch(() => undefined);
    expect(bench.pool.breaker).toBe('closed');
    expect(bench.pool.lastCreationError).toBeUndefined();
    expect(bench.pool.stats).toMatchObject({ breaker: 'closed', failing: undefined, creating: 0, size: 0 });
    bench.factory.creating = () => undefined;
    await expect(bench.pool.use(({ id }) => id)).resolves.toBe(1);
  });

  it('to a probe leaves the next caller to probe', async () => {
    const bench = new PoolBench(
      { creation: { retry: { attempts: 1 }, breaker } },
      { creating: () => Promise.reject(new Error('down')) },
    );
    for (let times = 0; times < 2; times++) await bench.pool.acquire().catch(() => undefined);
    expect(bench.pool.breaker).toBe('open');
    await bench.clock.advance(250);
    bench.factory.creating = () => Promise.reject(new NotFound('nobody'));
    await expect(bench.pool.acquire()).rejects.toThrow('nobody');
    expect(bench.pool.breaker).toBe('half-open');
    bench.factory.creating = () => undefined;
    await expect(bench.pool.use(() => 'served')).resolves.toBe('served');
    expect(bench.pool.breaker).toBe('closed');
  });

  it('that comes when the breaker has opened meanwhile leaves it open', async () => {
    const fail: ((cause: Error) => void)[] = [];
    const bench = new PoolBench(
      { creation: { retry: { attempts: 1 }, breaker: { failures: 1 } } },
      { creating: () => new Promise((_, reject) => fail.push(reject)) },
    );
    bench.ask();
    bench.ask();
    fail[0](new Error('down'));
    await settle();
    fail[1](new NotFound('nobody'));
    await settle();
    expect(bench.pool.breaker).toBe('open');
  });

  it('fails a warm-up, with the cause', async () => {
    const answer = new NotFound('nobody');
    const bench = new PoolBench({ min: 1 }, { creating: () => Promise.reject(answer) });
    await expect(bench.pool.warmUp()).rejects.toMatchObject({ cause: answer });
  });

  /** An error of ours as another copy of this package makes it. */
  const ofAnotherCopy = Object.assign(new NotFound('No resource became free'), {
    [Symbol.for('nestjs-resources:error:1')]: true,
  });

  it.each([
    ['has half of what makes one', Object.assign(new Error('half'), { getStatus: () => 404 })],
    ['is an error of ours, about another pool', new PoolClosedError('other', 'find')],
    ['is an error of ours, about a mistake', new LeaseReleasedError('other', 'find')],
    ['is an error of another copy of this package', ofAnotherCopy],
  ])('is none if it %s', async (_, failure) => {
    const bench = new PoolBench(
      { creation: { retry: { attempts: 1 }, breaker } },
      { creating: () => Promise.reject(failure) },
    );
    await expect(bench.pool.acquire()).rejects.toMatchObject({
      name: 'ResourceCreationError',
      cause: failure,
    });
    expect(bench.pool.stats.failing).toBeDefined();
  });

  it('is none if another pool, from which "create" borrows, had nothing: it counts for the breaker, and is tried again', async () => {
    const tunnels = new PoolBench({ max: 1, acquireTimeout: 50 });
    await tunnels.pool.acquire();
    const creating = async (): Promise<void> => void (await tunnels.pool.acquire());
    const bench = new PoolBench({ creation: { retry: { attempts: 2, delay: 100 }, breaker } }, { creating });
    const asked = bench.ask({ owner: 'find' });
    for (let turns = 0; turns < 10; turns++) {
      await tunnels.clock.advance(100);
      await bench.clock.advance(200);
    }
    expect(asked.error).toMatchObject({
      name: 'ResourceCreationError',
      cause: expect.any(AcquireTimeoutError),
    });
    expect(bench.factory.attempts).toBe(2);
    expect(bench.pool.breaker).not.toBe('closed');
  });
});
