import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPool, type Options, type Pool } from 'generic-pool';
import {
  DEFAULT_POOL_OPTIONS,
  InvalidOptionsError,
  PoolExhaustedError,
  ResourceCreationError,
  ResourcePool,
  type ResourcePoolOptions,
} from 'nestjs-resources/pool';
import { Outcome } from '../../../libs/resources/src/pool/deferred.fixture.js';
import { settle } from '../../../libs/resources/src/time/virtual-clock.fixture.js';
import { type Part, Parts } from './parts.fixture.js';
import { TimeForBoth } from './time-for-both.fixture.js';

const make = (options?: Options, parts = new Parts()): Pool<Part> => createPool(parts, options);

const time = new TimeForBoth();
const makeOurs = (options: ResourcePoolOptions = {}, parts = new Parts()): ResourcePool<Part> =>
  new ResourcePool(parts, { clock: time.clock, ...options });

beforeEach(() => time.begin());
afterEach(() => time.end());

/* Each difference to generic-pool that docs/guide/migration.md tells of. */
describe('from generic-pool', () => {
  it('a create that fails is tried a few times with pauses, and then rejects the caller that waits', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    theirs.failing = ours.failing = 1_000;
    expect(await make({}, theirs).acquire()).toEqual({ id: 1 });
    expect(theirs.attempts).toBe(1_001); // in one turn of the event loop, with nothing in between
    let tries = 0;
    const asked = new Outcome(
      makeOurs({}, ours)
        .acquire()
        .finally(() => (tries = ours.attempts)),
    );
    await time.pass(1_000);
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({ cause: new Error('connection refused') });
    expect(tries).toBe(3);
  });

  it('only true of validate keeps a resource', async () => {
    const validate = async (): Promise<boolean> => undefined as unknown as boolean;
    const theirs = createPool(Object.assign(new Parts(), { validate }), { testOnBorrow: true });
    await theirs.release(await theirs.acquire());
    expect(await theirs.acquire()).toEqual({ id: 1 });
    const ours = new ResourcePool(Object.assign(new Parts(), { validate }), {
      validation: { aliveBypass: 0 },
    });
    await (await ours.acquire()).release();
    expect((await ours.acquire()).resource).toEqual({ id: 2 });
  });

  it('bounds that cannot work are refused instead of being corrected', () => {
    expect(make({ max: 0 }).max).toBe(1);
    expect(make({ min: 3, max: 2 }).min).toBe(2);
    expect(() => makeOurs({ max: 0 })).toThrow(InvalidOptionsError);
    expect(() => makeOurs({ min: 3, max: 2 })).toThrow(InvalidOptionsError);
  });

  it('nothing is created before the first caller or warmUp()', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    make({ min: 2, max: 2 }, theirs);
    const pool = makeOurs({ min: 2, max: 2 }, ours);
    await settle();
    expect([theirs.made, ours.made]).toEqual([2, 0]);
    await pool.warmUp();
    expect(ours.made).toBe(2);
  });

  it('the default of max is 10', async () => {
    expect([make().max, makeOurs().stats.max]).toEqual([1, 10]);
  });

  it('a resource is validated before it is lent where the factory can', async () => {
    const asked = { theirs: 0, ours: 0 };
    const validating = (whose: 'theirs' | 'ours') =>
      Object.assign(new Parts(), { validate: async () => ++asked[whose] > 0 });
    const theirs = createPool(validating('theirs'));
    await theirs.release(await theirs.acquire());
    await theirs.acquire();
    const ours = new ResourcePool(validating('ours'), { validation: { aliveBypass: 0 } });
    await (await ours.acquire()).release();
    await ours.acquire();
    expect(asked).toEqual({ theirs: 0, ours: 1 });
  });

  it('a resource that comes back is validated when that is asked for', async () => {
    const asked = { theirs: 0, ours: 0 };
    const validating = (whose: 'theirs' | 'ours') =>
      Object.assign(new Parts(), { validate: async () => ++asked[whose] > 0 });
    const theirs = createPool(validating('theirs'), { testOnReturn: true });
    await theirs.release(await theirs.acquire());
    const ours = new ResourcePool(validating('ours'), { validation: { onReturn: true } });
    await (await ours.acquire()).release();
    expect(asked).toEqual({ theirs: 0, ours: 1 });
  });

  it('a caller waits for 5 s by default, not for ever', async () => {
    const theirs = make();
    await theirs.acquire();
    const late = new Outcome(theirs.acquire());
    await time.pass(3_600_000);
    expect(late.state).toBe('pending');
    const ours = makeOurs({ max: 1 });
    await ours.acquire();
    const asked = new Outcome(ours.acquire());
    await time.pass(5_100);
    expect(asked.error).toMatchObject({ name: 'AcquireTimeoutError' });
    expect(DEFAULT_POOL_OPTIONS.acquireTimeout).toBe('5s');
  });

  it('what is being destroyed holds its place under max', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    theirs.ends = ours.ends = false;
    const pool = make({}, theirs);
    await pool.destroy(await pool.acquire());
    await pool.acquire();
    expect(theirs.alive).toBe(2);
    const own = makeOurs({ max: 1 }, ours);
    void (await own.acquire()).invalidate();
    void own.acquire();
    await settle();
    expect(ours.alive).toBe(1);
  });

  it('the resource that came back last is lent first', async () => {
    const theirs = make({ max: 2 });
    for (const part of [await theirs.acquire(), await theirs.acquire()]) await theirs.release(part);
    expect(await theirs.acquire()).toEqual({ id: 1 });
    const lent = async (options: ResourcePoolOptions): Promise<Part> => {
      const ours = makeOurs(options);
      for (const lease of [await ours.acquire(), await ours.acquire()]) await lease.release();
      return (await ours.acquire()).resource;
    };
    expect(await lent({})).toEqual({ id: 2 });
    expect(await lent({ lending: { order: 'leastRecent' } })).toEqual({ id: 1 });
  });

  it('the highest priority is served first, and not the lowest', async () => {
    const served: string[] = [];
    const theirs = make({ priorityRange: 10 });
    const part = await theirs.acquire();
    for (const priority of [9, 0])
      void theirs.acquire(priority).then(() => served.push(`theirs ${priority}`));
    await theirs.release(part);
    const ours = makeOurs({ max: 1, queue: { order: 'priority' } });
    const lease = await ours.acquire();
    for (const priority of [0, 9])
      void ours.acquire({ priority }).then(() => served.push(`ours ${priority}`));
    await lease.release();
    await settle();
    expect(served).toEqual(['theirs 0', 'ours 9']);
  });

  it('idle resources retire without further options', async () => {
    const theirs = make({ idleTimeoutMillis: 1_000 });
    await theirs.release(await theirs.acquire());
    await time.pass(3_600_000);
    expect(theirs.available).toBe(1);
    const ours = makeOurs({ idleTimeout: '1s' });
    await (await ours.acquire()).release();
    await time.pass(3_000);
    expect(ours.stats).toMatchObject({ idle: 0, retired: { idle: 1 } });
  });

  it('the idle time-out leaves min alone', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    make({ min: 1, idleTimeoutMillis: 1_000, evictionRunIntervalMillis: 500 }, theirs);
    const pool = makeOurs({ min: 1, idleTimeout: '1s' }, ours);
    await pool.warmUp();
    await time.pass(10_000);
    expect(theirs.made).toBeGreaterThan(2);
    expect(ours.made).toBe(1);
  });

  it('a caller gets a lease, and the resource from that', async () => {
    expect(await make().acquire()).toEqual({ id: 1 });
    expect((await makeOurs().acquire()).resource).toEqual({ id: 1 });
  });

  it('work that throws gives the resource back, unless validation.isFatal says that it is broken', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    const fails = async (): Promise<never> => {
      throw new Error('no such row');
    };
    await expect(make({}, theirs).use(fails)).rejects.toThrow('no such row');
    await expect(makeOurs({}, ours).use(fails)).rejects.toThrow('no such row');
    expect([theirs.destroyed, ours.destroyed]).toEqual([1, 0]);
    await expect(makeOurs({ validation: { isFatal: () => true } }, ours).use(fails)).rejects.toThrow();
    expect(ours.destroyed).toBe(1);
  });

  it('a second release takes nothing from the next borrower', async () => {
    const theirs = make();
    const part = await theirs.acquire();
    await theirs.release(part);
    const next = await theirs.acquire();
    await theirs.release(part);
    expect(await theirs.acquire()).toBe(next); // which its borrower still uses
    const ours = makeOurs({ max: 1 });
    const lease = await ours.acquire();
    await lease.release();
    const own = await ours.acquire();
    await lease.release();
    expect(own.ended).toBe(false);
    expect(ours.tryAcquire()).toBeUndefined();
  });

  it('a drain ends at its deadline, and says who still holds what', async () => {
    const theirs = make();
    await theirs.acquire();
    const drained = new Outcome(theirs.drain());
    await time.pass(3_600_000);
    expect(drained.state).toBe('pending');
    const ours = makeOurs();
    await ours.acquire({ owner: 'a report' });
    const report = new Outcome(ours.drain({ deadline: '1s' }));
    await time.pass(1_100);
    expect(report.value).toMatchObject({ clean: false, held: [{ owner: 'a report' }] });
  });

  it('a caller over the limit is told what the pool was doing', async () => {
    const theirs = make({ maxWaitingClients: 0 });
    await theirs.acquire();
    await expect(theirs.acquire()).rejects.toThrow('max waitingClients count exceeded');
    const ours = makeOurs({ max: 1, maxWaiting: 0 });
    await ours.acquire();
    const refused = new Outcome(ours.acquire({ owner: 'a report' }));
    await settle();
    expect(refused.error).toBeInstanceOf(PoolExhaustedError);
    expect(refused.error).toMatchObject({ owner: 'a report', stats: { leased: 1, max: 1 } });
  });

  it('a flush replaces what is on loan, too, when it comes back', async () => {
    const theirs = make();
    const part = await theirs.acquire();
    await theirs.clear();
    await theirs.release(part);
    expect(await theirs.acquire()).toBe(part);
    const ours = makeOurs({ max: 1 });
    const lease = await ours.acquire();
    await ours.flush();
    await lease.release();
    expect((await ours.acquire()).resource).toEqual({ id: 2 });
  });
});
