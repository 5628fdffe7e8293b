import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Pool, type PoolConfiguration } from 'lightning-pool';
import {
  InvalidOptionsError,
  PoolClosedError,
  ResourceCreationError,
  ResourcePool,
  type ResourcePoolOptions,
} from 'nestjs-resources/pool';
import { Outcome } from '../../../libs/resources/src/pool/deferred.fixture.js';
import { settle } from '../../../libs/resources/src/time/virtual-clock.fixture.js';
import { type Part, Parts } from './parts.fixture.js';
import { TimeForBoth } from './time-for-both.fixture.js';

const make = (options: PoolConfiguration = {}, parts: object = new Parts()): Pool<Part> =>
  new Pool(parts as Parts, options);

const time = new TimeForBoth();
const makeOurs = (options: ResourcePoolOptions = {}, parts: object = new Parts()): ResourcePool<Part> =>
  new ResourcePool(parts as Parts, { clock: time.clock, ...options });

beforeEach(() => time.begin());
afterEach(() => time.end());

/* Each difference to lightning-pool that docs/guide/migration.md tells of. */
describe('from lightning-pool', () => {
  it('a caller gets a lease, and the resource from that', async () => {
    expect(await make().acquire()).toEqual({ id: 1 });
    expect((await makeOurs().acquire()).resource).toEqual({ id: 1 });
  });

  it('a create that fails is tried three times with growing pauses', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    theirs.failing = ours.failing = 1_000;
    const pool = make({}, theirs);
    pool.on('error', () => undefined);
    let tries = 0;
    const lease = makeOurs({}, ours).acquire();
    const asked = [new Outcome(pool.acquire()), new Outcome(lease.finally(() => (tries = ours.attempts)))];
    await time.pass(2_000);
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
    expect(asked[1].error).toBeInstanceOf(ResourceCreationError);
    expect([theirs.attempts, tries]).toEqual([1, 3]);
  });

  it('a caller waits for 5 s by default, not for ever', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    await theirs.acquire();
    await ours.acquire();
    const asked = [new Outcome(theirs.acquire()), new Outcome(ours.acquire())];
    await time.pass(60_000);
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'rejected']);
  });

  it('the resource that came back last is lent first', async () => {
    const [theirs, ours] = [make({ max: 2 }), makeOurs({ max: 2 })];
    for (const part of [await theirs.acquire(), await theirs.acquire()]) await theirs.releaseAsync(part);
    for (const lease of [await ours.acquire(), await ours.acquire()]) await lease.release();
    expect(await theirs.acquire()).toEqual({ id: 1 });
    expect((await ours.acquire()).resource).toEqual({ id: 2 });
  });

  it('a min above max is refused, and raises nothing', () => {
    expect(make({ max: 2, min: 3 }).options.max).not.toBe(2);
    expect(() => makeOurs({ max: 2, min: 3 })).toThrow(InvalidOptionsError);
  });

  it('a value that cannot work is refused, and not replaced by the default', () => {
    expect(make({ max: -1 }).options.max).toBe(10);
    expect(() => makeOurs({ max: -1 })).toThrow(InvalidOptionsError);
  });

  it('minIdle stays within max', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    const options = { max: 2, minIdle: 2 };
    const [pool, own] = [make(options, theirs), makeOurs(options, ours)];
    for (let loan = 0; loan < 2; loan++) await Promise.all([pool.acquire(), own.acquire()]);
    await time.pass(1_000);
    expect(theirs.alive).toBe(4);
    expect(ours.alive).toBe(2);
  });

  it('as many callers may wait as come, unless maxWaiting says otherwise', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    await theirs.acquire();
    await ours.acquire();
    const waiting = Array.from({ length: 1_001 }, () => [
      new Outcome<unknown>(theirs.acquire()),
      new Outcome<unknown>(ours.acquire()),
    ]);
    await settle();
    expect(waiting.at(-1)?.map(({ state }) => state)).toEqual(['rejected', 'pending']);
  });

  it('only true of validate keeps a resource', async () => {
    const parts = (): object => Object.assign(new Parts(), { validate: async () => undefined });
    const [theirs, ours] = [make({}, parts()), makeOurs({ validation: { aliveBypass: 0 } }, parts())];
    await theirs.releaseAsync(await theirs.acquire());
    await (await ours.acquire()).release();
    expect(await theirs.acquire()).toEqual({ id: 1 });
    expect((await ours.acquire()).resource).toEqual({ id: 2 });
  });

  it('a resource that was alive a moment ago is lent without a check', async () => {
    const asked = { theirs: 0, ours: 0 };
    const parts = (whose: 'theirs' | 'ours'): object =>
      Object.assign(new Parts(), { validate: async () => ++asked[whose] > 0 });
    const [theirs, ours] = [make({}, parts('theirs')), makeOurs({}, parts('ours'))];
    await theirs.releaseAsync(await theirs.acquire());
    await theirs.acquire();
    await (await ours.acquire()).release();
    await ours.acquire();
    expect(asked).toEqual({ theirs: 1, ours: 0 });
  });

  it('options change by reconfigure(), all of them or none', () => {
    const theirs = make({ max: 5 });
    Object.assign(theirs.options, { max: 8, maxQueue: -1 });
    expect(theirs.options).toMatchObject({ max: 8, maxQueue: 1_000 });
    const ours = makeOurs({ max: 5 });
    expect(() => ours.reconfigure({ max: 8, maxWaiting: -1 })).toThrow(InvalidOptionsError);
    expect(ours.stats.max).toBe(5);
  });

  it('a second release takes nothing from the next borrower', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    const part = await theirs.acquire();
    await theirs.releaseAsync(part);
    const next = await theirs.acquire();
    await theirs.releaseAsync(part);
    expect(await theirs.acquire()).toBe(next); // which its borrower still uses
    const lease = await ours.acquire();
    await lease.release();
    const own = await ours.acquire();
    await lease.release();
    expect(own.ended).toBe(false);
    expect(ours.tryAcquire()).toBeUndefined();
  });

  it('a drain lets those who wait already be served', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    const part = await theirs.acquire();
    const lease = await ours.acquire();
    const asked = [new Outcome(theirs.acquire()), new Outcome(ours.acquire())];
    void theirs.closeAsync(1_000);
    void ours.close({ deadline: '1s' });
    theirs.release(part);
    await lease.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['rejected', 'fulfilled']);
    await time.pass(10_000);
  });

  it('the end says who still held what, and destroys that', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    const [pool, own] = [make({}, theirs), makeOurs({}, ours)];
    await pool.acquire();
    await own.acquire({ owner: 'a report' });
    const ended = [new Outcome(pool.closeAsync(1_000)), new Outcome(own.close({ deadline: '1s' }))];
    await time.pass(10_000);
    expect(ended.map(({ value }) => value)).toMatchObject([undefined, { held: [{ owner: 'a report' }] }]);
    expect([theirs.destroyed, ours.destroyed]).toEqual([0, 1]);
  });

  it('a closed pool stays closed', async () => {
    const [theirs, ours] = [make(), makeOurs()];
    await theirs.acquire().then((part) => theirs.releaseAsync(part));
    const ended = [new Outcome(theirs.closeAsync(true)), new Outcome(ours.close())];
    await time.pass(1_000);
    expect(ended.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(await theirs.acquire()).toEqual({ id: 2 });
    await expect(ours.acquire()).rejects.toThrow(PoolClosedError);
  });

  it('an event names the resource by its number, and has nothing that could be misused', async () => {
    const heard: unknown[] = [];
    const [theirs, ours] = [make(), makeOurs()];
    theirs.on('acquire', (part) => heard.push(part));
    ours.observe((event) => event.kind === 'acquired' && heard.push(event.resourceId));
    await theirs.acquire();
    await ours.acquire();
    expect(heard).toEqual([{ id: 1 }, 1]);
  });
});
