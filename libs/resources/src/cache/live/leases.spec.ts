import { describe, expect, it, jest } from '@jest/globals';
import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheClosedError } from '../../errors/cache/cache-closed-error.js';
import { CacheFullError } from '../../errors/cache/cache-full-error.js';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import { Deferred, never, Outcome } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheLease } from './cache-lease.js';
import type { CacheOptions } from '../cache-options.js';
import type { LeaseOptions } from '../entry-options.js';
import { ResourceCache } from '../resource-cache.js';
import { type Thing, Things } from '../resources.fixture.js';

/** A cache of things on a clock of its own. */
function start(options: CacheOptions = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { type: 'things', clock });
  const things = new Things();
  const lease = (key: string, more: LeaseOptions<Thing> = {}): Promise<CacheLease<Thing>> =>
    cache.lease(key, things.load, { destroy: things.destroy, ...more });
  return { clock, cache, things, lease };
}

type Started = ReturnType<typeof start>;

describe('a lease on a cached resource', () => {
  it('shares one resource among all who ask for the key', async () => {
    const { cache, things, lease } = start();
    const [a, b] = await Promise.all([lease('a'), lease('a')]);
    const c = await lease('a', { owner: 'third' });
    expect(new Set([a.resource, b.resource, c.resource]).size).toBe(1);
    expect(things.made.length).toBe(1);
    expect(cache.stats).toMatchObject({ hits: 2, misses: 1, loads: 1, inUse: 1, draining: 0, size: 1 });
    expect(cache.leases()).toMatchObject([
      { id: 'things#1', type: 'things', key: 'a', owner: 'anonymous' },
      { id: 'things#2' },
      { id: 'things#3', owner: 'third' },
    ]);
  });

  it('ends once, and then gives the resource no more', async () => {
    const { clock, cache, lease } = start();
    const a = await lease('a', { owner: 'Ada' });
    const b = await lease('a');
    await clock.advance(5);
    expect([a.age, a.key, a.owner, a.ended]).toEqual([5, 'a', 'Ada', false]);
    await a.release();
    await a.release();
    expect(a.ended).toBe(true);
    expect(() => a.resource).toThrow(LeaseReleasedError);
    expect(b.resource.key).toBe('a');
    expect(cache.stats.inUse).toBe(1);
    await b[Symbol.asyncDispose]();
    expect(cache.stats).toMatchObject({ inUse: 0, size: 1 });
  });

  it('keeps a resource that nobody uses for the next', async () => {
    const { things, lease } = start();
    await (await lease('a')).release();
    await (await lease('a')).release();
    await settle();
    expect(things.made).toMatchObject([{ destroyed: 0 }]);
  });

  it('keeps a resource without destroy, and forgets it as any other', async () => {
    const { cache, things } = start();
    await (await cache.lease('a', things.load)).release();
    await cache.delete('a');
    await settle();
    expect(cache.stats).toMatchObject({ destroyed: 1, size: 0 });
  });

  describe.each([
    ['deleted', ({ cache }: Started): Promise<unknown> => cache.delete('a')],
    ['cleared', ({ cache }: Started): Promise<unknown> => cache.clear()],
    ['replaced', ({ cache }: Started): Promise<unknown> => cache.put('a', 'a value')],
    ['expired', ({ clock }: Started): Promise<unknown> => clock.advance(60_000)],
    ['evicted', async ({ lease }: Started): Promise<unknown> => void (await lease('b')).release()],
  ] as const)('that is %s', (cause, remove) => {
    it('is destroyed once when nobody uses it', async () => {
      const started = start({ max: 1, ttl: '1m' });
      await (await started.lease('a')).release();
      await remove(started);
      await settle();
      expect(started.things.made[0].destroyed).toBe(1);
      expect(started.cache.stats.evictions[cause]).toBe(1);
      expect(started.cache.stats).toMatchObject({ destroyed: 1, destroyFailures: 0 });
    });
  });

  it.each(['deleted', 'cleared', 'replaced', 'expired'] as const)(
    'that is %s in use is destroyed after its last lease, and the next gets another',
    async (cause) => {
      const { clock, cache, things, lease } = start({ ttl: '1m' });
      const [a, b] = [await lease('a'), await lease('a')];
      if (cause === 'deleted') expect(await cache.delete('a')).toBe(true);
      if (cause === 'cleared') await cache.clear();
      if (cause === 'replaced') await cache.put('a', 5);
      if (cause === 'expired') await clock.advance(61_000);
      expect(cache.stats).toMatchObject({ inUse: 1, draining: 1 });
      const next = await lease('a');
      await a.release();
      await settle();
      expect([b.resource.id, b.resource.destroyed, next.resource.id]).toEqual([1, 0, 2]);
      await b.release();
      await settle();
      expect(things.destroyed).toEqual([1]);
      expect(cache.stats).toMatchObject({ inUse: 1, draining: 0, destroyed: 1 });
    },
  );

  it('is not destroyed within the call that ends it', async () => {
    const { cache, things, lease } = start();
    const a = await lease('a');
    await cache.delete('a');
    void a.release();
    expect(things.made[0].destroyed).toBe(0);
    await settle();
    expect(things.made[0].destroyed).toBe(1);
  });

  it('that is given back broken is destroyed after its last lease, and lent no more', async () => {
    const { things, lease } = start();
    const [a, b] = [await lease('a'), await lease('a')];
    await a.invalidate();
    await a.invalidate();
    const next = await lease('a');
    expect([b.resource.id, next.resource.id]).toEqual([1, 2]);
    await b.release();
    await settle();
    expect(things.destroyed).toEqual([1]);
    await next.invalidate();
    await settle();
    expect(things.destroyed).toEqual([1, 2]);
  });

  it('is forgotten by its tags', async () => {
    const { cache, things, lease } = start();
    await (await lease('a', { tags: ['tenants'] })).release();
    await (await lease('b', { tags: ['others'] })).release();
    expect(cache.invalidateTags(['tenants', 'nobody has it'])).toBe(1);
    await settle();
    expect(things.destroyed).toEqual([1]);
  });

  it('that is changed while it is loaded goes to those who wait, and is not kept', async () => {
    for (const change of ['delete', 'put', 'clear', 'tag'] as const) {
      const { cache, things, lease } = start();
      const ready = new Deferred();
      things.ready = ready.promise;
      const waiting = [lease('a', { tags: ['t'] }), lease('a')];
      await settle();
      if (change === 'delete') expect(await cache.delete('a')).toBe(false);
      if (change === 'put') await cache.put('a', 'newer');
      if (change === 'clear') await cache.clear();
      if (change === 'tag') cache.invalidateTags(['t']);
      const fresh = lease('a');
      ready.resolve();
      const [first, second] = await Promise.all(waiting);
      expect(first.resource).toBe(second.resource);
      expect((await fresh).resource).not.toBe(first.resource);
      await first.release();
      await settle();
      expect(first.ended && second.resource.destroyed).toBe(0);
      await second.release();
      await settle();
      expect(things.destroyed.length).toBe(1);
    }
  });

  it('that waits for room leaves alone what is put under its key meanwhile', async () => {
    const { cache, things, lease } = start({ max: 2 });
    const b = await lease('b');
    const c = await lease('c');
    const waiting = new Outcome(lease('a'));
    await settle();
    void c.invalidate();
    void cache.put('a', 'newer');
    await settle();
    expect([waiting.value?.resource.key, await cache.get('a')]).toEqual(['a', 'newer']);
    await waiting.value?.release();
    await b.release();
    await settle();
    expect(things.destroyed).toEqual([2, 3]);
  });

  it('is neither a value nor found as one', async () => {
    const { cache, lease } = start();
    const a = await lease('a');
    expect([await cache.get('a'), cache.getSync('a'), cache.peek('a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await cache.wrap('a', () => 'a value')).toBe('a value');
    expect(a.resource.destroyed).toBe(0);
    expect((await lease('a')).resource.id).toBe(2);
  });

  it('fails for all who wait, whatever the reason is, and is loaded anew for the next', async () => {
    for (const reason of [new Error('no answer'), undefined, null, 0]) {
      const { cache, things } = start();
      // The reason may be anything.
      // oxlint-disable-next-line prefer-promise-reject-errors
      const failing = () => Promise.reject(reason);
      const asked = await Promise.allSettled([cache.lease('a', failing), cache.lease('a', failing)]);
      expect(asked).toEqual([
        { status: 'rejected', reason },
        { status: 'rejected', reason },
      ]);
      expect(cache.stats).toMatchObject({ failures: 1, hits: 0, misses: 2, size: 0, inUse: 0 });
      expect((await cache.lease('a', things.load)).resource.id).toBe(1);
    }
  });

  it('fails when it cannot be weighed, and is destroyed', async () => {
    const { cache, things, lease } = start({ weigh: () => 0.5 });
    await expect(lease('a')).rejects.toThrow('"weight" must be a whole number');
    await settle();
    expect(things.destroyed).toEqual([1]);
    expect(cache.stats).toMatchObject({ failures: 1, size: 0 });
  });

  it('that is too heavy for the cache is lent, and destroyed after its last lease', async () => {
    const { cache, things, lease } = start({ maxWeight: 10, weigh: () => 11 });
    const a = await lease('a');
    expect(cache.stats).toMatchObject({ size: 0, inUse: 1, draining: 1 });
    await a.release();
    await settle();
    expect(things.destroyed).toEqual([1]);
  });
});

describe('a caller that waits for a load', () => {
  it('may leave by its signal, and the others go on', async () => {
    const { things, lease } = start();
    const ready = new Deferred();
    things.ready = ready.promise;
    const leaving = new AbortController();
    const left = new Outcome(lease('a', { signal: leaving.signal, owner: 'Ada' }));
    const stayed = lease('a');
    await settle();
    leaving.abort('changed my mind');
    await settle();
    expect(left.error).toBeInstanceOf(CacheAbortedError);
    expect(left.error).toMatchObject({ cause: 'changed my mind', owner: 'Ada', key: 'a', type: 'things' });
    ready.resolve();
    expect((await stayed).resource.id).toBe(1);
  });

  it('is refused at once when its signal is aborted already', async () => {
    const { cache, lease } = start();
    await expect(lease('a', { signal: AbortSignal.abort() })).rejects.toThrow(CacheAbortedError);
    expect(cache.stats.loads).toBe(0);
  });

  it('leaves at its deadline', async () => {
    const { clock, things, lease } = start();
    things.ready = never();
    const left = new Outcome(lease('a', { timeout: '1s' }));
    await clock.advance(1_010);
    expect(left.error).toBeInstanceOf(CacheTimeoutError);
    expect(left.error).toMatchObject({ waitedFor: 'load', timeout: 1_000 });
  });

  it('aborts the load when it was the last, and what comes all the same is destroyed', async () => {
    const { cache, things } = start({ max: 1 });
    const ready = new Deferred();
    things.ready = ready.promise;
    let signal: AbortSignal | undefined;
    const leaving = new AbortController();
    const left = new Outcome(
      cache.lease(
        'a',
        (context) => {
          ({ signal } = context);
          return things.load(context);
        },
        { destroy: things.destroy, signal: leaving.signal },
      ),
    );
    await settle();
    expect(signal?.aborted).toBe(false);
    leaving.abort();
    await settle();
    expect([left.state, signal?.aborted, cache.stats.size]).toEqual(['rejected', true, 0]);
    // It may still come, so it keeps its place.
    const next = new Outcome(cache.lease('b', things.load));
    await settle();
    expect(next.state).toBe('pending');
    ready.resolve();
    await settle();
    expect([things.destroyed, next.value?.resource.id]).toEqual([[1], 2]);
  });

  it('blocks nobody with a load that never settles, and what comes too late is destroyed', async () => {
    const { clock, cache, things, lease } = start({ max: 1, load: { timeout: '1s' } });
    const ready = new Deferred();
    things.ready = ready.promise;
    const [first, second] = [new Outcome(lease('a')), new Outcome(lease('a'))];
    await clock.advance(1_010);
    for (const { error } of [first, second]) {
      expect(error).toBeInstanceOf(CacheTimeoutError);
      expect(error).toMatchObject({ key: 'a', timeout: 1_000, waitedFor: 'load' });
    }
    things.ready = undefined;
    expect((await lease('a')).resource.id).toBe(1);
    ready.resolve();
    await settle();
    expect(things.destroyed).toEqual([2]);
    expect(cache.stats).toMatchObject({ failures: 1, loads: 2, inUse: 1 });
  });
});

describe('a cache whose resources are all in use', () => {
  it('lets callers wait, first come first served', async () => {
    const { cache, things, lease } = start({ max: 2 });
    const [a, b] = [await lease('a'), await lease('b')];
    const order: string[] = [];
    const waiting = ['c', 'd'].map(async (key) => {
      const got = await lease(key);
      order.push(got.key);
      return got;
    });
    await settle();
    expect(cache.stats).toMatchObject({ pending: 2, inUse: 2, size: 2 });
    await b.release();
    await settle();
    expect([order, things.destroyed]).toEqual([['c'], [2]]);
    await a.release();
    await Promise.all(waiting);
    expect([order, things.destroyed, things.alive]).toEqual([['c', 'd'], [1, 2], 2]);
  });

  it('still lends what it has', async () => {
    const { lease } = start({ max: 1 });
    const [a, again] = [await lease('a'), await lease('a')];
    expect(again.resource).toBe(a.resource);
  });

  it('evicts the resource that nobody uses only when it was destroyed completely', async () => {
    const { things, lease } = start({ max: 1 });
    await (await lease('a')).release();
    const cleared = new Deferred();
    things.cleared = cleared.promise;
    const next = new Outcome(lease('b'));
    await settle();
    expect([next.state, things.alive, things.made.length]).toEqual(['pending', 1, 1]);
    cleared.resolve();
    await settle();
    expect([next.state, things.alive, things.made.length]).toEqual(['fulfilled', 1, 2]);
  });

  it('counts what has left the cache and is still in use', async () => {
    const { cache, things, lease } = start({ max: 2 });
    const a = await lease('a');
    await (await lease('b')).release();
    await cache.delete('a');
    await lease('c'); // in the place of b
    const next = new Outcome(lease('d'));
    await settle();
    expect([next.state, things.destroyed, things.alive]).toEqual(['pending', [2], 2]);
    await a.release();
    await settle();
    expect([next.state, things.destroyed, things.alive]).toEqual(['fulfilled', [1, 2], 2]);
  });

  it('lets nobody wait beyond the deadline', async () => {
    const { clock, cache, lease } = start({ max: 1, lease: { timeout: '2s' } });
    await lease('a');
    const waiting = new Outcome(lease('b', { owner: 'Ada' }));
    await clock.advance(1_990);
    expect(waiting.state).toBe('pending');
    await clock.advance(20);
    expect(waiting.error).toBeInstanceOf(CacheTimeoutError);
    expect(waiting.error).toMatchObject({ waitedFor: 'room', timeout: 2_000, owner: 'Ada', type: 'things' });
    expect((waiting.error as Error).message).toContain('raise "max"');
    expect(cache.stats.pending).toBe(0);
  });

  it('lets a caller that waits leave by its signal', async () => {
    const { cache, things, lease } = start({ max: 1 });
    const a = await lease('a');
    const leaving = new AbortController();
    const waiting = new Outcome(lease('b', { signal: leaving.signal }));
    await settle();
    leaving.abort();
    await settle();
    expect(waiting.error).toBeInstanceOf(CacheAbortedError);
    await a.release();
    await settle();
    expect([cache.stats.pending, things.made.length]).toEqual([0, 1]);
  });

  it('refuses those who are too many to wait', async () => {
    const { lease } = start({ max: 1, lease: { maxWaiting: 1 } });
    const a = await lease('a');
    const waiting = new Outcome(lease('b'));
    for (const key of ['b', 'c']) {
      const refused = lease(key, { owner: 'Ada' });
      await expect(refused).rejects.toThrow(CacheFullError);
      await expect(refused).rejects.toMatchObject({ key, maxWaiting: 1, owner: 'Ada', type: 'things' });
    }
    await a.release();
    await settle();
    expect(waiting.state).toBe('fulfilled');
    await waiting.value?.release();
    expect((await lease('c')).resource.key).toBe('c');
  });

  it('may have no queue at all', async () => {
    const { lease } = start({ max: 1, lease: { maxWaiting: 0 } });
    const a = await lease('a');
    await expect(lease('b')).rejects.toThrow(CacheFullError);
    await a.release();
    await (await lease('a')).release();
    // Room has to be made, so that even this caller would have to wait.
    await expect(lease('b')).rejects.toThrow(CacheFullError);
  });
});

describe('a destruction', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('stuck'))],
    [
      'throws at once',
      (): never => {
        throw new Error('stuck');
      },
    ],
    ['never settles', never],
  ])('that %s is reported, and its place is free', async (_, destroy) => {
    const { clock, cache, lease } = start({ max: 1, lease: { destroyTimeout: '1s' } });
    const heard = jest.fn();
    const stop = cache.observe(heard);
    await (await lease('a', { destroy })).release();
    const next = lease('b');
    await clock.advance(1_010);
    expect((await next).resource.id).toBe(2);
    expect(heard.mock.calls).toEqual([
      [{ kind: 'destroyFailed', type: 'things', key: 'a', cause: expect.any(Error) }],
    ]);
    expect(cache.stats).toMatchObject({ destroyed: 1, destroyFailures: 1 });
    stop();
  });

  it('is not disturbed by a listener that throws', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { cache, lease } = start();
    cache.observe(() => {
      throw new Error('no listener');
    });
    await (await lease('a', { destroy: () => Promise.reject(new Error('stuck')) })).release();
    await cache.clear();
    await settle();
    expect(cache.stats.destroyed).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

describe('a cache that is closed', () => {
  it('destroys everything', async () => {
    const { cache, things, lease } = start();
    for (const key of ['a', 'b']) await (await lease(key)).release();
    const report = await cache.close();
    expect(report).toEqual({ clean: true, held: [], duration: 0 });
    expect([things.destroyed, things.alive]).toEqual([[1, 2], 0]);
    expect(await cache.close()).toBe(report);
  });

  it('lets leases end by themselves until the deadline', async () => {
    const { clock, cache, things, lease } = start();
    const a = await lease('a');
    const closing = new Outcome(cache.close({ deadline: 1_000 }));
    await clock.advance(400);
    expect([closing.state, a.resource.destroyed]).toEqual(['pending', 0]);
    await a.release();
    await settle();
    expect(closing.value).toMatchObject({ clean: true, duration: 400 });
    expect([things.alive, clock.running]).toEqual([0, 0]);
  });

  it('ends those that have not, and says who held what', async () => {
    const { clock, cache, things, lease } = start();
    const a = await lease('a', { owner: 'Ada' });
    await cache.delete('a');
    const b = await lease('b', { owner: 'Bob' });
    const closing = new Outcome(cache.close({ deadline: 1_000 }));
    await clock.advance(1_000);
    expect(closing.value).toMatchObject({
      clean: false,
      held: [
        { id: 'things#1', type: 'things', key: 'a', owner: 'Ada', age: 1_000 },
        { id: 'things#2', type: 'things', key: 'b', owner: 'Bob', age: 1_000 },
      ],
    });
    expect(() => a.resource).toThrow(LeaseReleasedError);
    await b.release();
    expect(things.made.map(({ destroyed }) => destroyed)).toEqual([1, 1]);
  });

  it('fails those who wait, and destroys what they waited for', async () => {
    const { cache, things, lease } = start({ max: 1 });
    const ready = new Deferred();
    things.ready = ready.promise;
    const loading = new Outcome(lease('a', { owner: 'Ada' }));
    const queued = new Outcome(lease('b'));
    await settle();
    const closing = cache.close({ deadline: 1_000 });
    await settle();
    for (const { error } of [loading, queued]) expect(error).toBeInstanceOf(CacheClosedError);
    ready.resolve();
    await closing;
    expect(things.made).toMatchObject([{ key: 'a', destroyed: 1 }]);
    await expect(lease('c')).rejects.toThrow('Cache "things" is shut down');
  });

  it('keeps nothing more', async () => {
    const { cache } = start();
    await cache.put('a', 1);
    await cache.close();
    await cache.put('b', 2);
    expect(await cache.wrap('c', () => 3)).toBe(3);
    expect([await cache.get('a'), await cache.get('b'), cache.stats.size]).toEqual([undefined, undefined, 0]);
  });
});
