import { describe, expect, it } from '@jest/globals';
import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { Deferred, never } from '../deferred.fixture.js';
import { PoolClosedError } from '../index.js';
import type { Thing } from '../counting-factory.fixture.js';
import { GenerationBench } from './generation-bench.fixture.js';
import type { ReconfigureOptions } from './reconfigure-options.js';

describe('a change of generations', () => {
  it('lends nothing of the old one from then on, once the canary has proved itself', async () => {
    const proof = new Deferred<boolean>();
    const bench = new GenerationBench({ max: 3 }, {}, { validate: () => proof.promise });
    await bench.inventory(1);
    const change = bench.change();
    await settle();
    const before = await bench.pool.acquire();
    expect(bench.factory.created).toContain(before.resource);
    await before.release();
    proof.resolve(true);
    await settle();
    expect(change.value).toEqual({ outcome: 'applied' });
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, leased: 0, retired: { flushed: 1 } });
    const after = await bench.pool.acquire();
    expect(after.resource).toBe(bench.next.created[0]);
  });

  it('leaves loans of the old one alone, and ends them when they come back', async () => {
    const bench = new GenerationBench({ max: 3 });
    const old = await bench.pool.acquire();
    const change = bench.change();
    await settle();
    expect([change.value?.outcome, old.ended]).toEqual(['applied', false]);
    await old.release();
    expect([bench.factory.alive, bench.next.alive]).toEqual([0, 1]);
  });

  it('serves callers of the old one while its canary is on its way, and never has the place of the canary', async () => {
    const gate = new Deferred();
    const bench = new GenerationBench({ max: 2 }, {}, { creating: () => gate.promise });
    const change = bench.change();
    const asked = [bench.ask(), bench.ask()];
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    expect(bench.pool.stats).toMatchObject({ max: 2, size: 2, creating: 1 });
    gate.resolve();
    await settle();
    expect(change.value?.outcome).toBe('applied');
    expect(asked[1]?.value?.resource).toBe(bench.next.created[0]);
  });

  it.each<[ReconfigureOptions<Thing>, number, number]>([
    [{}, 10, 1],
    [{ overlap: 1 }, 11, 0],
    [{ overlap: 2, canary: { count: 5 } }, 12, 3],
    [{ canary: { count: 5 } }, 10, 5],
  ])('of a full pool with %p takes up to %p places, and %p of the old ones', async (options, most, given) => {
    const bench = new GenerationBench({ max: 10 });
    await bench.inventory(10);
    let peak = 0;
    bench.next.creating = () => {
      peak = Math.max(peak, bench.alive + 1);
    };
    const change = bench.change({ ...options, bake: '1m' });
    await bench.clock.advance(100);
    expect([peak, bench.factory.destroyed.length]).toEqual([most, given]);
    expect(bench.pool.stats.max).toBe(10);
    await bench.clock.advance(61_000);
    expect(change.value?.outcome).toBe('applied');
    expect([bench.factory.alive, bench.next.alive]).toEqual([0, options.canary?.count ?? 1]);
  });

  it('of a full pool on loan takes the first place that comes back', async () => {
    const bench = new GenerationBench({ max: 2 });
    const leases = await bench.borrow(2);
    const change = bench.change();
    const asked = bench.ask();
    await settle();
    expect([change.state, bench.next.attempts]).toEqual(['pending', 0]);
    await leases[1]?.release();
    await settle();
    expect(change.value?.outcome).toBe('applied');
    expect(asked.value?.resource).toBe(bench.next.created[0]);
    expect(leases[0]?.ended).toBe(false);
  });

  it('gives up when no place comes back in time, and takes nothing', async () => {
    const bench = new GenerationBench({ max: 2 });
    const leases = await bench.borrow(2);
    const change = bench.change({ canary: { timeout: '2s' } });
    await bench.clock.advance(2_100);
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'canary.timeout' } });
    for (const lease of leases) await lease.release();
    expect(bench.pool.stats).toMatchObject({ idle: 2, destroyed: 0 });
    expect(bench.clock.holding).toBe(0);
  });

  it('whose canary can\'t be created goes back with what "create" threw, and keeps what there is', async () => {
    const cause = Object.assign(new Error('refused'), { code: '28P01' });
    const bench = new GenerationBench({ max: 3 }, {}, { creating: () => Promise.reject(cause) });
    await bench.inventory(2);
    const change = bench.change({ bake: '1m' });
    await settle();
    expect(change.value).toEqual({ outcome: 'rolledBack', cause });
    expect(bench.pool.stats).toMatchObject({ idle: 2, retired: { flushed: 0 }, failing: undefined });
    const lease = await bench.pool.acquire();
    expect(bench.factory.created).toContain(lease.resource);
  });

  it('ends the trouble of the one before', async () => {
    const bench = new GenerationBench({ max: 3 }, { creating: () => Promise.reject(new Error('28P01')) });
    await expect(bench.pool.acquire()).rejects.toThrow('28P01');
    const events = bench.record();
    const change = bench.change();
    await settle();
    expect(change.value?.outcome).toBe('applied');
    expect(bench.pool.stats.failing).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toContain('creationRecovered');
  });

  it('gives up one place after the other, so that of a full pool the first canary that fails costs one', async () => {
    for (const failing of [1, 3]) {
      const bench = new GenerationBench({ max: 5 });
      const cause = new Error('28P01');
      bench.next.creating = (attempt) => (attempt === failing ? Promise.reject(cause) : undefined);
      await bench.inventory(5);
      bench.factory.creating = () => Promise.reject(cause);
      const change = bench.change({ canary: { count: 5 } });
      await settle();
      expect(change.value).toEqual({ outcome: 'rolledBack', cause });
      expect([bench.factory.alive, bench.next.alive]).toEqual([5 - failing, 0]);
    }
  });

  it('whose canary fails with nothing says so', async () => {
    const bench = new GenerationBench({ max: 3 }, {}, { creating: () => Promise.reject() });
    const change = bench.change();
    await settle();
    expect(change.value).toEqual({ outcome: 'rolledBack', cause: new Error('create threw nothing') });
  });

  it('whose canary does not validate goes back, and destroys it once', async () => {
    for (const [options, set] of [
      [{}, { validate: () => false }],
      [{ canary: { validate: () => Promise.reject(new Error('no table')) } }, {}],
      [{ canary: { validate: () => ({}) as never } }, { validate: () => true }],
    ] as const) {
      const bench = new GenerationBench({ max: 3 }, {}, set);
      await bench.inventory(2);
      const change = bench.change(options);
      await settle();
      expect(change.value?.cause).toBeInstanceOf(GenerationRejectedError);
      expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'canary.validate' } });
      expect([bench.next.alive, bench.next.destroyed.length, bench.factory.alive]).toEqual([0, 1, 2]);
    }
  });

  it('asks "validate" within its time, and not where it is told not to', async () => {
    const bench = new GenerationBench({}, {}, { validate: never });
    const change = bench.change();
    await bench.clock.advance(2_100);
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'canary.validate' } });
    const again = bench.change({ canary: { validate: false } });
    await settle();
    expect(again.value?.outcome).toBe('applied');
  });

  it('with a canary that dies before the others are there goes back', async () => {
    const bench = new GenerationBench({ max: 3 });
    const gate = new Deferred();
    bench.next.creating = (attempt) => (attempt === 2 ? gate.promise : undefined);
    const change = bench.change({ canary: { count: 2 } });
    await settle();
    bench.next.contexts[0]?.retire('gone');
    gate.resolve();
    await settle();
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'canary.validate' } });
    expect(bench.next.alive).toBe(0);
  });

  it('of a paused pool makes its canary, and lends nothing', async () => {
    const bench = new GenerationBench({ max: 2 });
    await bench.inventory(2);
    bench.pool.pause();
    const asked = bench.ask();
    const change = bench.change();
    await settle();
    expect([change.value?.outcome, asked.state]).toEqual(['applied', 'pending']);
    bench.pool.resume();
    await settle();
    expect(asked.value?.resource).toBe(bench.next.created[0]);
  });

  it('of a pool that has nothing yet begins with the canary', async () => {
    const bench = new GenerationBench({ max: 2, idleTimeout: '1m' });
    const change = bench.change();
    await settle();
    expect([change.value?.outcome, bench.factory.attempts, bench.next.alive]).toEqual(['applied', 0, 1]);
    await bench.clock.advance(90_000);
    expect(bench.next.alive).toBe(0); // idle for too long, as any other
  });

  it.each([
    ['applied', undefined],
    ['rolledBack', new Error('down')],
  ])('with creation.policy makes its canary by that, and is %s', async (outcome, cause) => {
    let executed = 0;
    const policy = {
      async execute<R>(fn: (context: { signal: AbortSignal }) => PromiseLike<R> | R): Promise<R> {
        executed++;
        return await fn({ signal: new AbortController().signal });
      },
    };
    const bench = new GenerationBench({ max: 2, creation: { policy } });
    bench.next.creating = () => cause && Promise.reject(cause);
    await bench.inventory(1);
    const change = bench.change();
    await settle();
    expect([change.value?.outcome, change.value?.cause, executed]).toEqual([outcome, cause, 2]);
  });

  it('gives up for its next canary what has become idle while it made the one before', async () => {
    const bench = new GenerationBench({ max: 2 });
    const old = await bench.pool.acquire();
    const gate = new Deferred();
    bench.next.creating = () => gate.promise;
    const change = bench.change({ canary: { count: 2 } });
    await settle();
    await old.release();
    gate.resolve();
    await settle();
    expect(change.value).toEqual({ outcome: 'applied' });
    expect([bench.factory.alive, bench.next.alive]).toEqual([0, 2]);
  });

  it('begins creations anew that the generation before gives up when its signal tells it to', async () => {
    const given: AbortSignal[] = [];
    const bench = new GenerationBench({ max: 1, creation: { timeout: '1h' } });
    const create = bench.factory.create.bind(bench.factory);
    bench.factory.create = (context) => {
      given.push(context.signal);
      bench.factory.creating = () =>
        new Promise((_, reject) =>
          context.signal.addEventListener('abort', () => reject(context.signal.reason)),
        );
      return create(context);
    };
    const asked = bench.ask();
    await settle();
    const change = bench.change({ canary: { count: 0 } });
    await settle();
    expect(change.value).toEqual({ outcome: 'applied' });
    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(asked.value?.resource).toBe(bench.next.created[0]);
    expect(bench.pool.stats).toMatchObject({ size: 1, creating: 0, breaker: 'closed', failing: undefined });
  });

  it('keeps the place of a creation that hears no signal until its time-out', async () => {
    const bench = new GenerationBench({ max: 1, acquireTimeout: '1m' }, { creating: never });
    const asked = bench.ask();
    await settle();
    const change = bench.change({ canary: { count: 0 } });
    await bench.clock.advance(9_999);
    expect([change.value?.outcome, asked.state]).toEqual(['applied', 'pending']);
    await bench.clock.advance(2);
    expect(asked.value?.resource).toBe(bench.next.created[0]);
  });

  it('without a canary switches at once', async () => {
    const bench = new GenerationBench();
    await bench.inventory(1);
    const change = bench.change({ canary: { count: 0 } });
    await settle();
    expect([change.value?.outcome, bench.next.attempts, bench.factory.alive]).toEqual(['applied', 0, 0]);
  });
});

describe('during its bake, a generation', () => {
  it('is lent first, and the one before where there is no other', async () => {
    const bench = new GenerationBench({ max: 3 });
    await bench.inventory(3);
    void bench.change({ bake: '1m' });
    await bench.clock.advance(10);
    const leases = await bench.borrow(3);
    expect(leases[0]?.resource).toBe(bench.next.created[0]);
    expect(leases.slice(1).every(({ resource }) => bench.factory.created.includes(resource))).toBe(true);
    for (const lease of leases) await lease.release();
    expect((await bench.pool.acquire()).resource).toBe(bench.next.created[0]);
  });

  it('is lent first where the least recent goes first, too', async () => {
    const bench = new GenerationBench({ max: 4, lending: { order: 'leastRecent' } });
    await bench.inventory(3);
    void bench.change({ bake: '1m' });
    await bench.clock.advance(10);
    for (let turn = 0; turn < 3; turn++) {
      const lease = await bench.pool.acquire();
      expect(lease.resource).toBe(bench.next.created[0]);
      await lease.release();
    }
  });

  it('grows where there are places, while the one before is on loan for want of others', async () => {
    const bench = new GenerationBench({ max: 3 });
    await bench.inventory(3);
    void bench.change({ bake: '1m', overlap: 3 });
    await bench.clock.advance(10);
    const leases = await bench.borrow(3);
    await bench.clock.advance(1_100);
    expect([bench.next.alive, bench.factory.alive]).toEqual([3, 3]);
    for (const lease of leases) await lease.release();
    const again = await bench.borrow(3);
    expect(again.every(({ resource }) => bench.next.created.includes(resource))).toBe(true);
  });

  it('leaves the one before as it is: neither idle nor old nor used up nor unwanted', async () => {
    const bench = new GenerationBench({
      max: 5,
      idleTimeout: '1s',
      maxLifetime: '5s',
      maxUses: 3,
      retirement: { predicate: (_, { age }) => age > 5_000, prune: { interval: '1s', samples: 1 } },
    });
    await bench.inventory(4);
    void bench.change({ bake: '1m' }, { idleTimeout: '1h', maxLifetime: '1h' });
    await bench.clock.advance(10);
    for (let turn = 0; turn < 5; turn++) {
      for (const lease of await bench.borrow(5)) await lease.release();
      await bench.clock.advance(10_000);
    }
    expect(bench.factory.alive).toBe(4);
    await bench.clock.advance(30_000);
    expect(bench.factory.alive).toBe(0);
  });

  it('that can create nothing goes back, and no caller hears of it', async () => {
    const bench = new GenerationBench({ max: 4 });
    await bench.inventory(1);
    const change = bench.change({ bake: '1m' });
    await bench.clock.advance(10);
    const cause = new Error('too many connections');
    bench.next.creating = () => Promise.reject(cause);
    const asked = [bench.ask(), bench.ask(), bench.ask(), bench.ask()];
    await settle();
    expect(change.value).toEqual({ outcome: 'rolledBack', cause });
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(asked[3]?.value && bench.factory.created.includes(asked[3].value.resource)).toBe(true);
    for (const { value } of asked) await value?.release();
    expect([bench.next.alive, bench.factory.alive]).toEqual([0, 3]);
  });

  it('that went back fails nobody by what it had begun, however late that fails, and is no trouble any more', async () => {
    const bench = new GenerationBench({ max: 4, creation: { retry: { attempts: 1 } } });
    await bench.inventory(1);
    const change = bench.change({ bake: '1m' });
    await bench.clock.advance(10);
    const cause = new Error('too many connections');
    const late = new Deferred<never>();
    bench.next.creating = (attempt) => (attempt === 2 ? Promise.reject(cause) : late.promise);
    const asked = await bench.borrow(2).then(() => [bench.ask(), bench.ask()]);
    await settle();
    expect(change.value).toEqual({ outcome: 'rolledBack', cause });
    expect(bench.pool.stats).toMatchObject({ creating: 1, failing: undefined });
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    late.reject(cause);
    await settle();
    expect(asked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(bench.pool.stats.failing).toBeUndefined();
  });

  it('takes its failures with it when it goes back: nothing of what is in force has failed', async () => {
    const bench = new GenerationBench({ max: 4 });
    const events = bench.record();
    await bench.inventory(4);
    const change = bench.change({ bake: '1m', overlap: 2 });
    await bench.clock.advance(10);
    bench.next.creating = () => Promise.reject(new Error('too many connections'));
    const leases = await bench.borrow(5);
    bench.ask();
    await settle();
    expect(change.value?.outcome).toBe('rolledBack');
    for (const lease of leases) await lease.release();
    await settle();
    expect(bench.pool.stats.failing).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toContain('creationRecovered');
  });

  it('goes back although the one before can create nothing any more: what is open serves all', async () => {
    const down = (): Promise<never> => Promise.reject(new Error('28P01'));
    const bench = new GenerationBench({ max: 4 });
    await bench.inventory(4);
    bench.factory.creating = down;
    bench.next.creating = down;
    const change = bench.change();
    const leases = await bench.borrow(3);
    const asked = Array.from({ length: 20 }, () => bench.ask({ timeout: '1m' }));
    await bench.clock.advance(3_000);
    expect(change.value?.outcome).toBe('rolledBack');
    for (let turn = 0; turn < 20; turn++) {
      for (const lease of leases.splice(0)) await lease.release();
      await settle();
      for (const { value } of asked) if (value?.ended === false) await value.release();
      await bench.clock.advance(300);
    }
    expect(asked.filter(({ state }) => state === 'fulfilled')).toHaveLength(20);
    expect(bench.factory.attempts).toBeLessThan(20); // no busy loop
  });

  describe('that stops working after the switch, is taken back although nothing of it would be created', () => {
    const cause = new Error('53300');
    const faults: [string, (bench: GenerationBench) => void][] = [
      ['create', ({ next }) => void (next.creating = () => Promise.reject(cause))],
      ['validate', ({ next }) => void (next.validate = () => false)],
    ];

    it.each(faults)('by %s, under load in a full pool', async (_, fail) => {
      const bench = new GenerationBench({ max: 3, acquireTimeout: Infinity }, {}, { validate: () => true });
      await bench.inventory(3);
      const change = bench.change({ bake: '10s' });
      await bench.clock.advance(10);
      fail(bench);
      const asked = Array.from({ length: 400 }, () => bench.ask());
      for (let turn = 0; turn < 400; turn++) {
        const served = asked.find(({ value }) => value?.ended === false);
        await served?.value?.release();
        await bench.clock.advance(30);
      }
      expect(change.value?.outcome).toBe('rolledBack');
      expect(new Set(asked.map(({ state }) => state))).toEqual(new Set(['fulfilled']));
      expect(bench.alive).toBeLessThanOrEqual(3);
      expect(bench.next.alive).toBe(0);
    });

    it.each(faults)('by %s, where nobody asks', async (_, fail) => {
      const bench = new GenerationBench({ max: 3 }, {}, { validate: () => true });
      await bench.inventory(3);
      const change = bench.change({ bake: '10s', overlap: 1 });
      await bench.clock.advance(10);
      fail(bench);
      await bench.clock.advance(3_000);
      expect(change.value?.outcome).toBe('rolledBack');
      expect([bench.factory.alive, bench.next.alive]).toEqual([3, 0]);
    });

    it('without a canary, too', async () => {
      const bench = new GenerationBench({ max: 3 }, {}, { creating: () => Promise.reject(cause) });
      const leases = await bench.borrow(3);
      const change = bench.change({ canary: { count: 0 }, bake: '10s' });
      await bench.clock.advance(3_000);
      for (const lease of leases) await lease.release();
      await bench.clock.advance(3_000);
      expect(change.value).toEqual({ outcome: 'rolledBack', cause });
      expect(bench.factory.alive).toBe(2);
    });

    it('however long the creation that shows it takes', async () => {
      const bench = new GenerationBench({ max: 3, creation: { timeout: '1m' } });
      await bench.inventory(3);
      const change = bench.change({ bake: '10s' });
      await bench.clock.advance(7_000);
      const late = new Deferred<never>();
      bench.next.creating = () => late.promise;
      await bench.clock.advance(30_000);
      expect([change.state, bench.factory.alive]).toEqual(['pending', 2]);
      late.reject(cause);
      await settle();
      expect(change.value).toEqual({ outcome: 'rolledBack', cause });
    });
  });

  it('that works is made anew four times, never above max, and has as many as before', async () => {
    const bench = new GenerationBench({ max: 3 });
    await bench.inventory(3);
    const change = bench.change({ bake: '10s' });
    await bench.clock.advance(9_900);
    expect([bench.next.attempts, bench.next.alive, bench.factory.alive]).toEqual([5, 1, 2]);
    await bench.clock.advance(200);
    expect([change.value?.outcome, bench.next.attempts, bench.next.alive]).toEqual(['applied', 5, 1]);
  });

  it('is not made anew where nothing of the one before is left to go back to', async () => {
    const bench = new GenerationBench({ max: 1 });
    await bench.inventory(1);
    const change = bench.change({ bake: '10s' });
    await bench.clock.advance(11_000);
    expect([change.value?.outcome, bench.next.attempts]).toEqual(['applied', 1]);
  });

  it('with a resource that does not validate any more goes back', async () => {
    const bench = new GenerationBench({ max: 3, validation: { aliveBypass: 0 } }, { validate: () => true });
    await bench.inventory(1);
    bench.next.validate = () => true;
    const change = bench.change({ bake: '1m' });
    await bench.clock.advance(100);
    bench.next.validate = () => false;
    const asked = bench.ask();
    await bench.clock.advance(100);
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'validate' } });
    expect(asked.state).toBe('fulfilled');
  });

  it('is judged by its stats, and goes back', async () => {
    const bench = new GenerationBench({ max: 3 });
    await bench.inventory(2);
    const seen: unknown[] = [];
    const change = bench.change({
      bake: '1m',
      abortIf: (stats) => {
        seen.push(stats);
        return stats.acquired >= 4 && stats.errorRate > 0.4;
      },
    });
    await bench.clock.advance(10);
    for (const fails of [false, true, false, true]) {
      const work = bench.pool.use(() => (fails ? Promise.reject(new Error('42501')) : 1));
      await work.catch(() => undefined);
    }
    await bench.clock.advance(1_100);
    expect(seen[0]).toEqual({
      age: 1_000,
      size: 1,
      acquired: 4,
      failures: 2,
      errorRate: 0.5,
      pending: 0,
      waiting: 0,
      timeouts: 0,
    });
    expect(change.value).toMatchObject({
      outcome: 'rolledBack',
      cause: { check: 'abortIf', generation: seen[0] },
    });
    expect([bench.next.alive, bench.factory.alive]).toEqual([0, 2]);
  });

  it('is judged by how long callers wait, and who gave up', async () => {
    const bench = new GenerationBench({ max: 1, acquireTimeout: '3s' });
    const change = bench.change({
      bake: '1m',
      abortIf: ({ waiting, timeouts }) => timeouts > 0 && waiting > 500,
    });
    await bench.clock.advance(10);
    await bench.pool.acquire();
    bench.ask();
    await bench.clock.advance(1_500);
    bench.ask();
    await bench.clock.advance(2_600);
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'abortIf' } });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('judge');
      },
    ],
    ['returns what is as good as true', () => 1 as never],
    ['returns a promise', () => Promise.resolve(false) as never],
    ['returns a promise that rejects', () => Promise.reject(new Error('judge')) as never],
    ['returns a promise that never settles', () => never() as never],
  ])('whose abortIf %s goes back', async (_, abortIf: () => never) => {
    const bench = new GenerationBench();
    await bench.inventory(1);
    const change = bench.change({ bake: '10s', abortIf });
    await bench.clock.advance(1_000);
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'abortIf' } });
  });

  it('is taken back by a signal, and not afterwards', async () => {
    for (const early of [true, false]) {
      const bench = new GenerationBench();
      await bench.inventory(1);
      const controller = new AbortController();
      const change = bench.change({ bake: '10s', signal: controller.signal });
      await bench.clock.advance(early ? 5_000 : 11_000);
      controller.abort('by hand');
      await settle();
      expect(change.value?.outcome).toBe(early ? 'rolledBack' : 'applied');
      expect([bench.factory.alive, bench.next.alive]).toEqual(early ? [1, 0] : [0, 1]);
    }
  });

  it('is not begun with a signal that is aborted already', async () => {
    const bench = new GenerationBench();
    const change = bench.change({ signal: AbortSignal.abort() });
    await settle();
    expect(change.value).toMatchObject({ outcome: 'rolledBack', cause: { check: 'signal' } });
    expect(bench.next.attempts).toBe(0);
  });

  it('is given no time while the pool is paused', async () => {
    const bench = new GenerationBench();
    await bench.inventory(1);
    const change = bench.change({ bake: '10s' });
    await bench.clock.advance(5_100);
    bench.pool.pause();
    await bench.clock.advance(60_000);
    expect([change.state, bench.factory.alive]).toEqual(['pending', 1]);
    bench.pool.resume();
    await bench.clock.advance(6_000);
    expect(change.value?.outcome).toBe('applied');
  });

  it('may have its data changed, and going back keeps that', async () => {
    const bench = new GenerationBench({ max: 3 });
    await bench.inventory(1);
    const controller = new AbortController();
    void bench.change({ bake: '10s', signal: controller.signal }, { max: 5 });
    await settle();
    bench.pool.reconfigure({ acquireTimeout: '9s' });
    expect(bench.pool.options).toMatchObject({ max: 5, acquireTimeout: '9s' });
    controller.abort();
    await settle();
    expect(bench.pool.options).toMatchObject({ max: 3, acquireTimeout: '9s' });
  });

  it('is not followed by the next one before it is over', async () => {
    const bench = new GenerationBench();
    const change = bench.change({ bake: '10s' });
    await settle();
    expect(() => bench.change()).toThrow('is being reconfigured already');
    expect(() => bench.pool.reconfigure({}, bench.factory)).toThrow('is being reconfigured already');
    await bench.clock.advance(11_000);
    expect(change.value?.outcome).toBe('applied');
    const back = bench.change({}, {}, bench.factory);
    await settle();
    expect(back.value?.outcome).toBe('applied');
  });
});

describe('an old generation', () => {
  it('goes spread over a time, and is lent until its turn has come', async () => {
    const bench = new GenerationBench({ max: 4 });
    await bench.inventory(4);
    const change = bench.change({ drain: { spread: '6s' } });
    await bench.clock.advance(10);
    const gone: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      gone.push(bench.factory.destroyed.length);
      await bench.clock.advance(1_600);
    }
    expect(gone).toEqual([1, 1, 2, 3]);
    await bench.clock.advance(1_000);
    expect([change.value?.outcome, bench.factory.alive]).toEqual(['applied', 0]);
  });

  it('loses its leases at the deadline, and not before', async () => {
    const bench = new GenerationBench({ max: 4 });
    const held = await bench.borrow(2);
    void bench.change({ drain: { deadline: '5s' } });
    await bench.clock.advance(4_900);
    await held[0]?.release();
    expect(held[1]?.ended).toBe(false);
    await bench.clock.advance(200);
    expect(held[1]?.ended).toBe(true);
    expect(bench.pool.stats.retired).toMatchObject({ flushed: 1, leaked: 1 });
    expect(bench.factory.alive).toBe(0);
    expect(bench.clock.holding).toBe(0);
  });
});

describe('a pool that closes', () => {
  it.each([
    ['while its canary is created', { creating: never }, {}],
    ['while its canary is validated', { validate: never }, {}],
    ['during the bake', {}, { bake: '1h' }],
  ])('%s ends the change, and leaves nothing', async (_, next, options) => {
    const bench = new GenerationBench({ max: 4 }, {}, next);
    await bench.inventory(2);
    const change = bench.change(options);
    await bench.clock.advance(10);
    const closed = bench.pool.close({ deadline: 0 });
    await bench.clock.advance(6_000);
    expect(await closed).toMatchObject({ clean: true });
    expect(change.value?.outcome).toBe('failed');
    expect(change.value?.cause).toBeInstanceOf(PoolClosedError);
    expect([bench.alive, bench.pool.stats.size]).toEqual([0, 0]);
    expect(bench.clock.running).toBe(0);
  });
});
