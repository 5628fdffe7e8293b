import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidOptionsError,
  PoolClosedError,
  type PoolEvent,
  ResourceCreationError,
  ResourcePool,
  type ResourcePoolOptions,
} from 'nestjs-resources/pool';
import { Pool } from 'tarn';
import { Outcome } from '../../../libs/resources/src/pool/deferred.fixture.js';
import { settle } from '../../../libs/resources/src/time/virtual-clock.fixture.js';
import { type Part, Parts } from './parts.fixture.js';
import { TimeForBoth } from './time-for-both.fixture.js';

type Options = Partial<ConstructorParameters<typeof Pool<Part>>[0]>;

const make = (options: Options = {}, parts = new Parts()): Pool<Part> =>
  new Pool({ create: parts.create, destroy: parts.destroy, min: 0, max: 1, ...options });

const time = new TimeForBoth();
const makeOurs = (options: ResourcePoolOptions = {}, parts = new Parts()): ResourcePool<Part> =>
  new ResourcePool(parts, { clock: time.clock, max: 1, ...options });

beforeEach(() => time.begin());
afterEach(() => time.end());

/* Each difference to tarn that docs/guide/migration.md tells of. */
describe('from tarn', () => {
  it('a caller gets a promise of a lease, and the resource from that', async () => {
    expect(await make().acquire().promise).toEqual({ id: 1 });
    expect((await makeOurs().acquire()).resource).toEqual({ id: 1 });
  });

  it('a caller gives up by its signal', async () => {
    const theirs = make();
    await theirs.acquire().promise;
    const pending = theirs.acquire();
    pending.abort();
    await expect(pending.promise).rejects.toThrow('aborted');
    const ours = makeOurs();
    await ours.acquire();
    const controller = new AbortController();
    const asked = new Outcome(ours.acquire({ signal: controller.signal }));
    controller.abort(new Error('the client hung up'));
    await settle();
    expect(asked.error).toMatchObject({
      name: 'AcquireAbortedError',
      cause: new Error('the client hung up'),
    });
  });

  it('min and max have defaults', () => {
    expect(() => make({ min: undefined })).toThrow('opt.min');
    expect(new ResourcePool(new Parts()).stats).toMatchObject({ min: 0, max: 10 });
    expect(() => makeOurs({ min: 2, max: 1 })).toThrow(InvalidOptionsError);
  });

  it('a caller waits for 5 s by default, not for 30', async () => {
    const [theirs, ours] = [make(), makeOurs()];
    await theirs.acquire().promise;
    await ours.acquire();
    const [late, early] = [new Outcome(theirs.acquire().promise), new Outcome(ours.acquire())];
    await time.pass(6_000);
    expect([late.state, early.state]).toEqual(['pending', 'rejected']);
    await time.pass(25_000);
    expect(late.state).toBe('rejected');
  });

  it('a create that fails is tried three times with growing pauses, and then rejects one caller', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    theirs.failing = ours.failing = 1_000;
    const late = new Outcome(make({}, theirs).acquire().promise);
    let tries = 0;
    const early = new Outcome(
      makeOurs({}, ours)
        .acquire()
        .finally(() => (tries = ours.attempts)),
    );
    await time.pass(2_000);
    expect([late.state, early.state]).toEqual(['pending', 'rejected']);
    expect(early.error).toBeInstanceOf(ResourceCreationError);
    expect(theirs.attempts).toBeGreaterThan(8);
    expect(tries).toBe(3);
    await time.pass(30_000);
    expect(late.state).toBe('rejected');
  });

  it('what is being destroyed holds its place under max', async () => {
    const [theirs, ours] = [new Parts(), new Parts()];
    theirs.ends = ours.ends = false;
    const pool = make({ validate: () => false }, theirs);
    const asked = new Outcome(pool.acquire().promise);
    await time.pass(10);
    expect(asked.state).toBe('pending');
    expect(theirs.alive).toBeGreaterThan(1);
    const own = makeOurs({}, ours);
    void (await own.acquire()).invalidate();
    void own.acquire();
    await settle();
    expect(ours.alive).toBe(1);
  });

  it('only true of validate keeps a resource', async () => {
    const validate = (): boolean => 1 as unknown as boolean;
    const theirs = make({ validate });
    theirs.release(await theirs.acquire().promise);
    expect(await theirs.acquire().promise).toEqual({ id: 1 });
    const ours = new ResourcePool(Object.assign(new Parts(), { validate }), {
      clock: time.clock,
      validation: { aliveBypass: 0 },
    });
    await (await ours.acquire()).release();
    expect((await ours.acquire()).resource).toEqual({ id: 2 });
  });

  it('a resource that was alive a moment ago is lent without a check', async () => {
    const asked = { theirs: 0, ours: 0 };
    const theirs = make({ validate: () => ++asked.theirs > 0 });
    theirs.release(await theirs.acquire().promise);
    await theirs.acquire().promise;
    const validate = (): boolean => ++asked.ours > 0;
    const ours = new ResourcePool(Object.assign(new Parts(), { validate }), { clock: time.clock });
    await (await ours.acquire()).release();
    await ours.acquire();
    expect(asked).toEqual({ theirs: 2, ours: 0 });
  });

  it('a second release takes nothing from the next borrower', async () => {
    const theirs = make();
    const part = await theirs.acquire().promise;
    theirs.release(part);
    const next = await theirs.acquire().promise;
    theirs.release(part);
    expect(await theirs.acquire().promise).toBe(next); // which its borrower still uses
    const ours = makeOurs();
    const lease = await ours.acquire();
    await lease.release();
    const own = await ours.acquire();
    await lease.release();
    expect(own.ended).toBe(false);
    expect(ours.tryAcquire()).toBeUndefined();
  });

  it('the end comes at its deadline, and says who still held what', async () => {
    const [theirs, ours] = [make(), makeOurs()];
    await theirs.acquire().promise;
    const lease = await ours.acquire({ owner: 'a report' });
    const ended = [new Outcome(theirs.destroy()), new Outcome(ours.close({ deadline: '1s' }))];
    await time.pass(3_600_000);
    expect(ended.map(({ state }) => state)).toEqual(['pending', 'fulfilled']);
    expect(ended[1].value).toMatchObject({ clean: false, held: [{ owner: 'a report' }] });
    expect(lease.ended).toBe(true);
  });

  it('a caller that comes after the end is told so at once', async () => {
    const [theirs, ours] = [make(), makeOurs()];
    await Promise.all([theirs.destroy(), ours.close()]);
    const [late, early] = [new Outcome(theirs.acquire().promise), new Outcome(ours.acquire())];
    await time.pass(1_000);
    expect([late.state, early.state]).toEqual(['pending', 'rejected']);
    expect(early.error).toBeInstanceOf(PoolClosedError);
    await time.pass(30_000);
    expect(late.state).toBe('rejected');
  });

  it('an event names the resource by its number, and has nothing that could be misused', async () => {
    const heard: unknown[] = [];
    const theirs = make();
    theirs.on('acquireSuccess', (_, part) => heard.push(part));
    const part = await theirs.acquire().promise;
    expect(heard).toEqual([part]);
    const events: PoolEvent[] = [];
    const ours = makeOurs();
    ours.observe((event) => events.push(event));
    await ours.acquire();
    expect(events).toContainEqual({
      kind: 'acquired',
      type: 'resource',
      resourceId: 1,
      owner: 'anonymous',
    });
  });

  it('all events have one listener, which is taken off by what observe returned', async () => {
    const heard: string[] = [];
    const listener = (): number => heard.push('theirs');
    const theirs = make();
    theirs.on('release', listener);
    theirs.removeListener('release', listener);
    theirs.release(await theirs.acquire().promise);
    const ours = makeOurs();
    const stop = ours.observe(({ kind }) => heard.push(kind));
    stop();
    await (await ours.acquire()).release();
    expect(heard).toEqual([]);
  });
});
