import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidOptionsError,
  type PoolEvent,
  ResourceCreationError,
  ResourcePool,
  type ResourcePoolOptions,
} from 'nestjs-resources/pool';
import { Pool, type PoolConfig } from 'pg';
import { Outcome } from '../../../libs/resources/src/pool/deferred.fixture.js';
import { settle } from '../../../libs/resources/src/time/virtual-clock.fixture.js';
import { Client, FakeClient, sessions } from './fake-client.fixture.js';
import { TimeForBoth } from './time-for-both.fixture.js';

const make = (options: PoolConfig = {}): Pool => new Pool({ Client, ...options });

const time = new TimeForBoth();
const makeOurs = (options: ResourcePoolOptions = {}): ResourcePool<FakeClient> =>
  new ResourcePool(sessions, { clock: time.clock, ...options });

beforeEach(() => {
  FakeClient.forget();
  time.begin();
});
afterEach(() => time.end());

/* Each difference to pg-pool that docs/guide/migration.md tells of. */
describe('from pg-pool', () => {
  it('a caller gets a lease, and the client from that', async () => {
    expect(await make().connect()).toBeInstanceOf(FakeClient);
    expect((await makeOurs().acquire()).resource).toBeInstanceOf(FakeClient);
  });

  it('a value that cannot work is refused, and not replaced by the default', () => {
    expect(make({ max: 0 }).options.max).toBe(10);
    expect(() => makeOurs({ max: 0 })).toThrow(InvalidOptionsError);
  });

  it('min is filled by warmUp() or the first caller, and stays filled', async () => {
    const theirs = make({ min: 2 });
    (await theirs.connect()).release();
    expect(theirs.totalCount).toBe(1);
    const ours = makeOurs({ min: 2 });
    await ours.warmUp();
    expect(ours.stats.size).toBe(2);
    await (await ours.acquire()).invalidate();
    await settle();
    expect(ours.stats.size).toBe(2);
  });

  it('a caller waits for 5 s by default, not for ever', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    await theirs.connect();
    await ours.acquire();
    const asked = [new Outcome(theirs.connect()), new Outcome(ours.acquire())];
    await time.pass(60_000);
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'rejected']);
  });

  it('a caller gives up by its signal, and leaves the queue', async () => {
    const ours = makeOurs({ max: 1 });
    await ours.acquire();
    const controller = new AbortController();
    const asked = new Outcome(ours.acquire({ signal: controller.signal }));
    controller.abort(new Error('the client hung up'));
    await settle();
    expect(asked.error).toMatchObject({ name: 'AcquireAbortedError' });
    expect(ours.stats.pending).toBe(0);
  });

  it('a connect that fails is tried three times before its caller hears of it', async () => {
    FakeClient.refusal = new Error('the database system is starting up');
    const theirs = new Outcome(make().connect());
    await settle();
    await settle();
    expect([theirs.state, FakeClient.connected]).toEqual(['rejected', 1]);
    let tries = 0;
    const asked = makeOurs().acquire();
    const ours = new Outcome(asked.finally(() => (tries = FakeClient.connected - 1)));
    for (let turn = 0; turn < 50 && ours.state === 'pending'; turn++) await time.pass(50);
    expect(ours.error).toBeInstanceOf(ResourceCreationError);
    expect(ours.error).toMatchObject({ cause: FakeClient.refusal });
    expect(tries).toBe(3);
  });

  it('a resource lives for half an hour by default, and not for ever', async () => {
    const [theirs, ours] = [make({ min: 1 }), makeOurs({ min: 1, idleTimeout: Infinity })];
    const first = await theirs.connect();
    first.release();
    await (await ours.acquire()).release();
    await time.pass(3_600_000);
    expect(await theirs.connect()).toBe(first);
    expect(ours.stats.retired.lifetime).toBeGreaterThan(0);
  });

  it('what a borrower left in the session is undone before it is lent again', async () => {
    const theirs = make({ max: 1 });
    const client = await theirs.connect();
    await client.query('SET search_path = a');
    client.release();
    expect(await theirs.connect()).toMatchObject({ setting: 'SET search_path = a' });
    const ours = makeOurs({ max: 1 });
    await ours.use((session) => session.query('SET search_path = a'));
    expect((await ours.acquire()).resource.setting).toBe('default');
  });

  it('a second release does nothing, and takes nothing from the next borrower', async () => {
    const theirs = make({ max: 1 });
    const client = await theirs.connect();
    client.release();
    const next = await theirs.connect();
    client.release();
    expect(await theirs.connect()).toBe(next); // which its borrower still uses
    expect(() => {
      client.release();
      client.release();
    }).toThrow('already been released');
    const ours = makeOurs({ max: 1 });
    const lease = await ours.acquire();
    await lease.release();
    await settle();
    const own = await ours.acquire();
    await lease.release();
    expect(own.ended).toBe(false);
    expect(ours.tryAcquire()).toBeUndefined();
  });

  it('an idle session that dies retires, and needs no listener that keeps the process alive', async () => {
    const theirs = make();
    const client = await theirs.connect();
    client.release();
    expect(() => client.emit('error', new Error('terminated'))).toThrow('terminated');
    const ours = makeOurs();
    const lease = await ours.acquire();
    const { resource } = lease;
    await lease.release();
    await settle();
    resource.emit('error', new Error('terminated'));
    expect(ours.stats).toMatchObject({ size: 0, retired: { invalid: 1 } });
  });

  it('a session whose work threw goes back, unless validation.isFatal says that it is broken', async () => {
    const theirs = make();
    const client = await theirs.connect();
    client.release(new Error('no such table'));
    await settle();
    expect(theirs.totalCount).toBe(0);
    const ours = makeOurs();
    const fails = async (): Promise<never> => {
      throw new Error('no such table');
    };
    await expect(ours.use(fails)).rejects.toThrow('no such table');
    expect(ours.stats.size).toBe(1);
    ours.reconfigure({ validation: { isFatal: () => true } });
    await settle();
    await expect(ours.use(fails)).rejects.toThrow('no such table');
    expect(ours.stats.size).toBe(0);
  });

  it('the end comes at its deadline, and says who still held what', async () => {
    const [theirs, ours] = [make(), makeOurs()];
    await theirs.connect();
    await ours.acquire({ owner: 'a report' });
    const ended = [new Outcome(theirs.end()), new Outcome(ours.close({ deadline: '1s' }))];
    await time.pass(3_600_000);
    expect(ended.map(({ state }) => state)).toEqual(['pending', 'fulfilled']);
    expect(ended[1].value).toMatchObject({ clean: false, held: [{ owner: 'a report' }] });
  });

  it('the end serves those who wait already', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1 })];
    const client = await theirs.connect();
    const lease = await ours.acquire();
    const asked = [new Outcome(theirs.connect()), new Outcome(ours.acquire())];
    void theirs.end();
    void ours.close({ deadline: '1s' });
    client.release();
    await lease.release();
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'fulfilled']);
    await time.pass(2_000);
  });

  it('an event names the resource by its number, and has nothing that could be misused', async () => {
    const heard: unknown[] = [];
    const [theirs, ours] = [make(), makeOurs()];
    theirs.on('acquire', (client) => heard.push(client));
    const events: PoolEvent[] = [];
    ours.observe((event) => events.push(event));
    await theirs.connect();
    await ours.acquire();
    expect(heard).toEqual([expect.any(FakeClient)]);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'acquired', resourceId: 1 }));
  });

  it('what a borrower holds for too long can be taken back', async () => {
    const [theirs, ours] = [make({ max: 1 }), makeOurs({ max: 1, maxLeaseTime: '1s' })];
    await theirs.connect();
    await ours.acquire();
    await time.pass(10_000);
    expect([theirs.idleCount, ours.stats.leased]).toEqual([0, 0]);
    expect(ours.stats.retired.leaked).toBe(1);
  });
});
