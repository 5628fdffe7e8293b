import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ConstantBackoff,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { CountingFactory } from '../counting-factory.fixture.js';
import { Deferred, never, Outcome } from '../deferred.fixture.js';
import { type ExecutionPolicy, PoolClosedError, ResourceCreationError } from '../index.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const refused = new Error('connection refused');
const rejecting = (): Promise<never> => Promise.reject(refused);

const withPolicy = (
  policy: ExecutionPolicy,
  options: ResourcePoolOptions = {},
  set: Partial<CountingFactory> = {},
): PoolBench => new PoolBench({ ...options, creation: { policy, ...options.creation } }, set);

describe('creation.policy', () => {
  describe('of cockatiel', () => {
    it('tries again', async () => {
      const policy = retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(1) });
      const bench = withPolicy(policy);
      bench.factory.creating = (attempt) => (attempt < 3 ? rejecting() : undefined);
      expect((await bench.pool.acquire()).resource.id).toBe(1);
      expect(bench.factory.attempts).toBe(3);
    });

    it('fails the caller with the last error when it gives up', async () => {
      const policy = retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(1) });
      const bench = withPolicy(policy, {}, { creating: rejecting });
      const events = bench.record();
      await expect(bench.pool.acquire()).rejects.toMatchObject({
        name: 'ResourceCreationError',
        cause: refused,
      });
      expect(bench.factory.attempts).toBe(3);
      expect(events).toEqual([{ kind: 'creationFailed', type: 'thing', cause: refused }]);
    });

    it('opens its circuit, and nothing is created', async () => {
      const policy = circuitBreaker(handleAll, {
        halfOpenAfter: 60_000,
        breaker: new ConsecutiveBreaker(2),
      });
      const bench = withPolicy(policy, {}, { creating: rejecting });
      for (let caller = 0; caller < 2; caller++) {
        await expect(bench.pool.acquire()).rejects.toThrow(ResourceCreationError);
      }
      await expect(bench.pool.acquire()).rejects.toMatchObject({ cause: { isBrokenCircuitError: true } });
      expect(bench.factory.attempts).toBe(2);
      expect(bench.pool.breaker).toBe('closed');
    });

    describe('during its back-off', () => {
      const BACK_OFF = 20;

      beforeEach(
        () => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }),
      );

      afterEach(() => void jest.useRealTimers());

      const retrying = (options: ResourcePoolOptions = {}): PoolBench => {
        const policy = retry(handleAll, { maxAttempts: 1, backoff: new ConstantBackoff(BACK_OFF) });
        return withPolicy(policy, options, { creating: rejecting });
      };

      const endBackOff = async (): Promise<void> => {
        expect(jest.getTimerCount()).toBe(1);
        jest.advanceTimersByTime(BACK_OFF);
        await settle();
      };

      it('keeps nobody waiting who aborts, nor the pool that closes, and makes nothing afterwards', async () => {
        const bench = retrying();
        const controller = new AbortController();
        const asked = bench.ask({ signal: controller.signal });
        await settle();
        controller.abort();
        await settle();
        expect(asked.error).toMatchObject({ name: 'AcquireAbortedError' });
        expect(await bench.pool.close()).toMatchObject({ clean: true });
        expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0 });
        await endBackOff();
        expect(bench.factory.attempts).toBe(1);
      });

      it('keeps nobody waiting beyond creation.timeout, and makes nothing afterwards', async () => {
        const bench = retrying({ creation: { timeout: 100 } });
        const asked = bench.ask();
        await bench.clock.advance(110);
        expect(asked.error).toMatchObject({
          name: 'ResourceCreationError',
          cause: { name: 'TimeLimitError', message: 'create did not settle within 100 ms' },
        });
        bench.factory.creating = () => undefined;
        await endBackOff();
        expect(bench.factory.attempts).toBe(1);
        expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0, created: 0 });
      });
    });

    it('destroys what comes after the policy has given it up', async () => {
      const gate = new Deferred();
      const policy = wrap(
        retry(handleAll, { maxAttempts: 1, backoff: new ConstantBackoff(1) }),
        timeout(5, TimeoutStrategy.Aggressive),
      );
      const bench = withPolicy(policy);
      bench.factory.creating = (attempt) => (attempt === 1 ? gate.promise : undefined);
      const lease = await bench.pool.acquire();
      expect(bench.factory.contexts[0]?.signal.aborted).toBe(true);
      gate.resolve();
      await settle();
      expect(lease.resource.id).toBe(1);
      expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([2]);
      expect(bench.pool.stats).toMatchObject({ size: 1, created: 2, destroyed: 1 });
    });
  });

  it('takes the place of retry and breaker', async () => {
    const policy: ExecutionPolicy = {
      execute: async (fn) => await fn({ signal: new AbortController().signal }),
    };
    const bench = withPolicy(policy, { max: 1 }, { creating: rejecting });
    const asked = Array.from({ length: 20 }, () => bench.ask());
    await bench.clock.advance(10_000);
    expect(asked.every(({ state }) => state === 'rejected')).toBe(true);
    expect(bench.factory.attempts).toBe(20);
  });

  it('may run the creation several times; what nobody gets is destroyed', async () => {
    const policy: ExecutionPolicy = {
      execute: async (fn) => {
        const context = { signal: new AbortController().signal };
        await fn(context);
        return await fn(context);
      },
    };
    const bench = withPolicy(policy);
    expect((await bench.pool.acquire()).resource.id).toBe(2);
    await settle();
    expect(bench.factory.destroyed.map(({ id }) => id)).toEqual([1]);
    expect(bench.pool.stats).toMatchObject({ size: 1, created: 2, destroyed: 1 });
  });

  it('may bring a resource of its own', async () => {
    const own = new PoolBench().factory.create({
      signal: new AbortController().signal,
      retire: () => undefined,
      key: '',
      secret: undefined,
    });
    const bench = withPolicy({ execute: <R>() => Promise.resolve(own as R) });
    expect((await bench.pool.acquire()).resource).toBe(own);
  });

  it('may throw at once, or call the creation without a context', async () => {
    const failing = withPolicy({
      execute: () => {
        throw refused;
      },
    });
    await expect(failing.pool.acquire()).rejects.toMatchObject({ cause: refused });
    const bare = { execute: async (fn: () => unknown) => await fn() } as ExecutionPolicy;
    await expect(withPolicy(bare).pool.acquire()).resolves.toBeDefined();
  });

  it.each([
    ['with a signal of its own', { signal: new AbortController().signal }],
    ['without one', undefined],
  ])('has the creations that it has begun ended when the time is over, called %s', async (_, context) => {
    let begun: Outcome<unknown> | undefined;
    const policy = {
      execute: (fn: (context?: { signal: AbortSignal }) => Promise<unknown>) => {
        begun = new Outcome(fn(context));
        return never();
      },
    } as ExecutionPolicy;
    const bench = withPolicy(policy, { creation: { timeout: 100 } }, { creating: never });
    const asked = bench.ask();
    await bench.clock.advance(110);
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(bench.factory.contexts[0]?.signal.aborted).toBe(true);
    expect(begun?.state).toBe('rejected');
  });

  it('may end a creation by its own signal', async () => {
    const controller = new AbortController();
    const policy: ExecutionPolicy = { execute: async (fn) => await fn({ signal: controller.signal }) };
    const bench = withPolicy(policy, {}, { creating: never });
    const asked = bench.ask();
    await settle();
    controller.abort(refused);
    await settle();
    expect(asked.error).toMatchObject({ name: 'ResourceCreationError', cause: refused });
    expect(bench.factory.contexts[0]?.signal.aborted).toBe(true);
  });

  it('is told when the pool closes, and ends with it although it hangs', async () => {
    let told: AbortSignal | undefined;
    const bench = withPolicy({
      execute: (_, signal) => {
        told = signal;
        return never();
      },
    });
    const asked = bench.ask();
    const closed = bench.pool.close({ deadline: 0 });
    await bench.clock.advance(1);
    await closed;
    expect(asked.error).toBeInstanceOf(PoolClosedError);
    expect(told?.aborted).toBe(true);
    expect(bench.pool.stats).toMatchObject({ size: 0, creating: 0 });
    expect(bench.clock.running).toBe(0);
  });
});
