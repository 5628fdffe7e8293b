import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { CreateContext } from '../../pool/factory/resource-factory.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import { type Session, Sessions } from '../sessions.fixture.js';

const DOWN = new Error('nothing listens there');

/** A type whose present factory has taken over from a former one. Time stands still: whatever waits for it never ends. */
async function changed(pool: PoolOptions = { max: 2 }) {
  const clock = new VirtualClock();
  const [former, present] = [new Sessions(), new Sessions()];
  const resources = { session: former.definition(pool) };
  const coordinator = new ResourceCoordinator({ clock, resources });
  const canary = { count: 0 };
  await coordinator.reconfigure('session', { factory: present.definition() }, { canary });
  return { clock, coordinator, former };
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('a rollback out of trouble', () => {
  it('does not wait until what is stuck gives up a place', async () => {
    const { coordinator, former } = await changed();
    const held = [await coordinator.acquire('session'), await coordinator.acquire('session')];
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied', version: 3 });
    await held[0].release();
    await coordinator.use('session', () => undefined);
    expect(former.created).toBe(1);
  });

  it('serves those who wait for a factory that gives up only when its signal tells it to', async () => {
    const { coordinator, former } = await changed({ max: 1 });
    const create = ({ signal }: CreateContext): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await coordinator.reconfigure('session', { factory: { create } }, { canary: { count: 0 } });
    const waiting = coordinator.use<Session, number>('session', ({ id }) => id);
    expect(await coordinator.rollback('session', 1)).toMatchObject({ outcome: 'applied' });
    expect(await waiting).toBe(1);
    expect(former.created).toBe(1);
  });

  it.each<[string, (former: Sessions) => unknown]>([
    ['can make nothing now', (former) => (former.failure = DOWN)],
    ['does not answer now', (former) => (former.ready = never())],
  ])('is not refused because the former factory %s', async (_, hurt) => {
    const { coordinator, former } = await changed();
    hurt(former);
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied' });
    expect(coordinator.drift()).toEqual({});
    former.failure = undefined;
    former.ready = undefined;
    await coordinator.use('session', () => undefined);
    expect(former.created).toBe(1);
  });

  it('of all keys is as quick', async () => {
    const { coordinator } = await changed({ max: 1, keyed: {} });
    for (const key of ['a', 'b']) await coordinator.acquire('session', { key });
    expect(await coordinator.rollback('session')).toMatchObject({ outcome: 'applied' });
  });

  it('does not wait until the generation before is gone, which goes on going', async () => {
    const { clock, coordinator, former } = await changed({ min: 2, max: 4 });
    await coordinator.warmUp();
    const next = new Sessions();
    const change = coordinator.reconfigure(
      'session',
      { factory: next.definition() },
      { canary: { count: 0 }, drain: { spread: '1h' } },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(coordinator.history('session').at(-1)).toMatchObject({ version: 3, outcome: 'pending' });
    expect(await coordinator.rollback('session', 1)).toMatchObject({ outcome: 'applied', version: 4 });
    expect(await change).toMatchObject({ outcome: 'applied', version: 3 });
    expect(await coordinator.use<Session, number>('session', ({ id }) => id)).toBe(former.created);
    await clock.advance(3_600_000);
    expect([next.alive, former.alive]).toEqual([0, 2]);
    expect(coordinator.history('session').map(({ outcome }) => outcome)).toEqual(Array(4).fill('applied'));
  });

  it('tries the former factory first where it is asked to', async () => {
    const { coordinator, former } = await changed();
    former.failure = DOWN;
    const report = await coordinator.rollback('session', 1, { canary: {}, by: 'ann' });
    expect(report).toMatchObject({ outcome: 'rolledBack', cause: DOWN });
    expect(coordinator.history('session').at(-1)).toMatchObject({ kind: 'rollback', outcome: 'rolledBack' });
    expect(await coordinator.use<Session, number>('session', ({ id }) => id)).toBe(1);
    expect(former.created).toBe(0);
    former.failure = undefined;
    expect(await coordinator.rollback('session', 1, { canary: { count: 2 } })).toMatchObject({
      outcome: 'applied',
    });
    expect(former.created).toBe(2);
  });

  it('of data alone takes a canary that it has no use for', async () => {
    const { coordinator } = await changed();
    await coordinator.reconfigure('session', { max: 9 });
    expect(await coordinator.rollback('session', 2, { canary: { count: 1 } })).toMatchObject({
      outcome: 'applied',
    });
    expect(coordinator.policies.get('session')).toMatchObject({ max: 2 });
  });

  it.each([
    [{ canary: null }, '"canary"'],
    [{ canary: { count: -1 } }, '"canary.count" must be a whole number of at least 0'],
    [{ canary: { number: 1 } }, '"canary.number" is not an option'],
    [{ bake: '1m' }, '"bake" is not an option. Known options: by, canary'],
  ])('refuses the options %j', async (options, problem) => {
    const { coordinator } = await changed();
    const error = await failureOf(coordinator.rollback('session', 1, options as never));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(problem);
    expect(coordinator.history('session')).toHaveLength(2);
  });

  it('takes the type from whoever begins another change of it meanwhile', async () => {
    const { coordinator } = await changed();
    const going = coordinator.rollback('session');
    const changes = Array.from({ length: 3 }, async () => {
      await Promise.resolve();
      return await coordinator
        .reconfigure('session', { factory: new Sessions().definition() })
        .catch((error: unknown) => error);
    });
    expect(await going).toMatchObject({ outcome: 'applied' });
    await Promise.all(changes);
    expect(coordinator.drift()).toEqual({});
  });
});

describe('a restore out of trouble', () => {
  /** Two types with other factories than in the document. */
  async function moved() {
    const former = [new Sessions(), new Sessions()];
    const present = [new Sessions(), new Sessions()];
    const coordinator = new ResourceCoordinator();
    const types = ['a', 'b'];
    for (const [index, type] of types.entries())
      coordinator.register(type, former[index].definition(), {
        max: 2,
        creation: { retry: { attempts: 1 } },
      });
    const document = await coordinator.backup();
    for (const [index, type] of types.entries())
      await coordinator.reconfigure(type, { factory: present[index].definition() });
    return { coordinator, document, former, present };
  }

  it('tries each former factory, and brings all types back to what they were if one can make nothing', async () => {
    const { coordinator, document, former, present } = await moved();
    former[1].failure = DOWN;
    const report = await coordinator.restore(document);
    expect(report).toMatchObject({
      outcome: 'rolledBack',
      types: [{ outcome: 'rolledBack' }, { outcome: 'rolledBack' }],
      cause: DOWN,
    });
    for (const type of ['a', 'b']) await coordinator.use(type, () => undefined);
    expect(former.map(({ alive }) => alive)).toEqual([0, 0]);
    expect(present.map(({ alive }) => alive)).toEqual([1, 1]);
  });

  it('is undone though what was in force can make nothing now', async () => {
    const { coordinator, document, former, present } = await moved();
    former[1].failure = DOWN;
    present[0].failure = DOWN;
    expect(await coordinator.restore(document)).toMatchObject({
      outcome: 'rolledBack',
      types: [{ outcome: 'rolledBack' }, { outcome: 'rolledBack' }],
    });
    expect(coordinator.drift()).toMatchObject({ a: [{ option: 'factory' }], b: [{ option: 'factory' }] });
  });

  it('tries nothing where it is asked not to', async () => {
    const { coordinator, document, former } = await moved();
    former[1].failure = DOWN;
    expect(await coordinator.restore(document, { canary: { count: 0 } })).toMatchObject({
      outcome: 'applied',
    });
    expect(coordinator.drift()).toEqual({});
  });

  it('that is refused gives up nothing that is being changed', async () => {
    const { coordinator, document } = await moved();
    const change = coordinator.reconfigure('a', { factory: new Sessions().definition() }, { bake: 50 });
    await coordinator.unregister('b');
    expect(await failureOf(coordinator.restore(document))).toBeInstanceOf(InvalidBackupError);
    expect(await change).toMatchObject({ outcome: 'applied' });
  });

  it('leaves alone what was registered anew before it is to be undone', async () => {
    const { coordinator, document, former } = await moved();
    former[1].failure = DOWN;
    let fail: () => void = () => undefined;
    former[1].ready = new Promise((resolve) => (fail = resolve));
    const restoring = coordinator.restore(document);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(coordinator.history('a').at(-1)).toMatchObject({ version: 3, outcome: 'applied' });
    await coordinator.unregister('a');
    coordinator.register('a', new Sessions().definition(), { max: 7 });
    await coordinator.reconfigure('a', { max: 8 });
    await coordinator.reconfigure('a', { max: 9 });
    fail();
    expect(await restoring).toMatchObject({
      outcome: 'failed',
      types: [{ outcome: 'superseded' }, { outcome: 'rolledBack' }],
    });
    expect(coordinator.policies.get('a')).toMatchObject({ max: 9 });
  });
});
