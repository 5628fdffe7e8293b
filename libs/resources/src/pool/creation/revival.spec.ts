import { describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CountingFactory } from '../counting-factory.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import { KeyedResourcePool, ResourceBudget, ResourcePool } from '../index.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

const refused = new Error('connection refused');
const rejecting = (): Promise<never> => Promise.reject(refused);
const hanging = (): Promise<never> => new Promise(() => undefined);

/** A pool that is to be ready, in which each creation is tried once. */
const required = (options: ResourcePoolOptions = {}, set: Partial<CountingFactory> = {}): PoolBench =>
  new PoolBench({ readiness: 'required', random: () => 0.5, ...options }, set);

/** The resources are gone, and the other side with them. */
const goDown = (bench: PoolBench, creating: () => unknown = rejecting): void => {
  bench.factory.creating = creating;
  for (const { retire } of bench.factory.contexts) retire(new Error('terminated'));
};

describe('a pool in which nothing works', () => {
  it('notices by itself that its idle resources have died, and cannot be replaced', async () => {
    const bench = required();
    await bench.inventory(2);
    await bench.clock.advance(5_000);
    expect(bench.pool.lifeless).toBe(false);
    goDown(bench);
    await bench.clock.advance(1_000);
    expect(bench.pool.lifeless).toBe(true);
    expect(bench.pool.stats.failing).toMatchObject({ cause: 'connection refused' });
  });

  it('notices it by keep-alives, where no resource tells of its death', async () => {
    const bench = required({ validation: { keepAlive: '500ms' } }, { validate: () => true });
    await bench.inventory(1);
    await bench.clock.advance(5_000);
    expect(bench.pool.lifeless).toBe(false);
    bench.factory.creating = rejecting;
    bench.factory.validate = () => false;
    await bench.clock.advance(2_000);
    expect(bench.pool.lifeless).toBe(true);
  });

  it('tries to create at least every second, with nobody asking and no minimum, and stops when it has something', async () => {
    const bench = required();
    await bench.inventory(1);
    goDown(bench);
    await bench.clock.advance(1_000);
    for (let second = 0; second < 20; second++) {
      const { attempts } = bench.factory;
      await bench.clock.advance(1_000);
      expect(bench.factory.attempts - attempts).toBeGreaterThanOrEqual(1);
      expect(bench.factory.attempts - attempts).toBeLessThanOrEqual(2);
    }
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.lifeless).toBe(false);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, failing: undefined });
    const { attempts } = bench.factory;
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(attempts);
  });

  it('tries as the probes of its breaker, no less often', async () => {
    const bench = required({ creation: { breaker: { failures: 2 } } }, { creating: rejecting });
    bench.ask();
    await bench.clock.advance(3_000);
    expect(bench.pool.breaker).not.toBe('closed');
    const { attempts } = bench.factory;
    await bench.clock.advance(20_000);
    expect(bench.factory.attempts - attempts).toBeGreaterThanOrEqual(19);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_100);
    expect(bench.pool.breaker).toBe('closed');
    expect(bench.pool.lifeless).toBe(false);
  });

  it('leaves the other side alone for as long as a longer cooldown says', async () => {
    const breaker = { failures: 1, cooldown: '10s', maxCooldown: '10s' } as const;
    const bench = required({ creation: { breaker } }, { creating: rejecting });
    bench.ask();
    await bench.clock.advance(9_000);
    expect(bench.factory.attempts).toBe(1);
    await bench.clock.advance(2_000);
    expect(bench.factory.attempts).toBe(2);
  });

  it('tries with a minimum as often, once the breaker is open', async () => {
    const creation = { breaker: { failures: 1 } };
    const bench = required({ min: 1, creation }, { creating: rejecting });
    await bench.pool.warmUp().catch(() => undefined);
    await bench.clock.advance(5_000);
    const { attempts } = bench.factory;
    await bench.clock.advance(20_000);
    expect(bench.factory.attempts - attempts).toBeGreaterThanOrEqual(18);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_100);
    expect(bench.pool.stats).toMatchObject({ idle: 1 });
  });

  it('is known to be so when what replaces the dead comes to no end', async () => {
    const bench = required({ max: 3 });
    await bench.inventory(1);
    await bench.clock.advance(5_000);
    goDown(bench, hanging);
    await bench.clock.advance(1_000);
    expect(bench.pool.lifeless).toBe(false);
    await bench.clock.advance(1_000);
    expect(bench.pool.lifeless).toBe(true);
    await bench.clock.advance(60_000);
    expect(bench.pool.stats.creating).toBeLessThanOrEqual(3);
  });

  it('is back although a try still hangs', async () => {
    const bench = required({ max: 3, creation: { timeout: '1h' } });
    await bench.inventory(1);
    await bench.clock.advance(5_000);
    goDown(bench, hanging);
    await bench.clock.advance(1_000);
    bench.factory.creating = () => undefined;
    await bench.clock.advance(1_000);
    expect(bench.pool.stats).toMatchObject({ idle: 1, creating: 1 });
    expect(bench.pool.lifeless).toBe(false);
  });

  it('is not said to be so for what is on loan, unless that has died, too', async () => {
    const bench = required();
    const [lease] = await bench.borrow(1);
    bench.factory.creating = rejecting;
    bench.ask();
    await settle();
    expect(bench.pool.lifeless).toBe(false);
    goDown(bench);
    expect(bench.pool.lifeless).toBe(true);
    await lease.release();
    await bench.clock.advance(1_000);
    expect(bench.pool.lifeless).toBe(true);
  });

  it('takes what is on loan for dead while the breaker is open and none of it comes back', async () => {
    const bench = required({ creation: { breaker: { failures: 2 } } });
    const [lease, other] = await bench.borrow(2);
    await bench.clock.advance(10_000);
    bench.factory.creating = rejecting;
    for (let caller = 0; caller < 2; caller++) {
      bench.ask({ timeout: 100 });
      await bench.clock.advance(200);
    }
    expect(bench.pool.breaker).not.toBe('closed');
    expect(bench.pool.lifeless).toBe(true);
    await lease.release();
    expect(bench.pool.lifeless).toBe(false);
    const again = await bench.pool.acquire();
    expect(bench.pool.lifeless).toBe(false);
    for (const one of [again, other]) void one.release();
  });

  it('does not try while another pool has all of their budget', async () => {
    const budget = new ResourceBudget(2);
    const other = new ResourcePool<unknown>({ create: () => ({}) }, { quota: { budget } });
    const bench = required({ quota: { budget } });
    await bench.inventory(1);
    const lease = await other.acquire();
    goDown(bench);
    await settle();
    const another = await other.acquire();
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(1);
    expect(bench.pool.lifeless).toBe(false);
    await another.release();
    await other.flush();
    await bench.clock.advance(1_000);
    expect(bench.factory.attempts).toBeGreaterThan(1);
    await lease.release();
    await other.close();
    await bench.pool.close();
  });

  it('tries no more when it is closed, and leaves no timer', async () => {
    const bench = required({}, { creating: rejecting });
    bench.ask();
    await bench.clock.advance(1_000);
    expect(bench.factory.attempts).toBe(2);
    await bench.pool.close();
    expect(bench.clock.running).toBe(0);
    const { attempts } = bench.factory;
    await bench.clock.advance(60_000);
    expect(bench.factory.attempts).toBe(attempts);
  });

  it('tries at once with a new factory', async () => {
    const bench = required({}, { creating: rejecting });
    bench.ask();
    await settle();
    const next = new CountingFactory();
    bench.pool.reconfigure({}, next);
    await bench.clock.advance(1);
    expect(next.attempts).toBe(1);
    expect(bench.pool.stats).toMatchObject({ idle: 1 });
  });

  it('does not try in a busy loop where resources die as soon as they are there', async () => {
    const bench = required();
    await bench.inventory(1);
    for (let turn = 0; turn < 1_000; turn++) {
      bench.factory.contexts.at(-1)?.retire(new Error('hung up'));
      await bench.clock.advance(10);
    }
    expect(bench.factory.attempts).toBeGreaterThanOrEqual(10);
    expect(bench.factory.attempts).toBeLessThanOrEqual(20);
  });
});

describe('readiness: ignored', () => {
  it('lets a pool try nothing by itself, neither after a death nor after a failure', async () => {
    const bench = required({ readiness: 'ignored' });
    await bench.inventory(1);
    goDown(bench);
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(1);
    expect(bench.pool.lifeless).toBe(false);
    bench.ask();
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(2);
    expect(bench.pool.lifeless).toBe(true);
  });

  it('takes effect at run time, and back', async () => {
    const bench = required({}, { creating: rejecting });
    bench.ask();
    await settle();
    bench.pool.reconfigure({ readiness: 'ignored' });
    await bench.clock.advance(10_000);
    expect(bench.factory.attempts).toBe(1);
    bench.pool.reconfigure({ readiness: 'required' });
    await bench.clock.advance(1_000);
    expect(bench.factory.attempts).toBe(2);
  });
});

describe('a pool for one key of many', () => {
  it('tries nothing by itself: there may be a thousand of them', async () => {
    const clock = new VirtualClock();
    const factory = new CountingFactory();
    const pool = new KeyedResourcePool(factory, { clock, creation: { retry: { attempts: 1 } } });
    factory.creating = rejecting;
    await pool.acquire({ key: 'acme' }).catch(() => undefined);
    await clock.advance(10_000);
    expect(factory.attempts).toBe(1);
    await pool.close();
  });
});
