import { describe, expect, it, jest } from '@jest/globals';
import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheClosedError } from '../../errors/cache/cache-closed-error.js';
import { CacheTimeoutError } from '../../errors/cache/cache-timeout-error.js';
import { Deferred, never, Outcome } from '../../pool/deferred.fixture.js';
import { DEFAULT_VALIDATION_OPTIONS } from '../../pool/upkeep/validation-options.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { type CacheOptions, DEFAULT_CACHE_OPTIONS } from '../cache-options.js';
import type { LeaseOptions } from '../entry-options.js';
import { ResourceCache } from '../resource-cache.js';
import { type Thing, Things } from '../resources.fixture.js';
import type { CacheLease } from './cache-lease.js';

const BYPASS = 500;
const yes = (): boolean => true;
const broken = new Error('broken');

type Validate = NonNullable<LeaseOptions<Thing>['validate']>;

/** A cache of things on a clock of its own, all of which are validated alike. */
function start(validate: Validate, options: CacheOptions = {}) {
  const clock = new VirtualClock();
  const cache = new ResourceCache(options, { type: 'things', clock });
  const things = new Things();
  const asked = jest.fn(validate);
  const lease = (key: string, more: LeaseOptions<Thing> = {}): Promise<CacheLease<Thing>> =>
    cache.lease(key, things.load, { destroy: things.destroy, validate: asked, ...more });
  /** Makes a thing that nobody uses, and whose last sign of life is too long ago. */
  const doubtful = async (key: string): Promise<Thing> => {
    const made = await lease(key);
    const { resource } = made;
    await made.release();
    await clock.advance(BYPASS);
    return resource;
  };
  return { clock, cache, things, asked, lease, doubtful };
}

type Started = ReturnType<typeof start>;

describe('a cached resource that nobody uses', () => {
  it('is lent without a validation within the bypass after it was made or given back', async () => {
    const { clock, cache, asked, lease } = start(yes);
    await (await lease('a')).release();
    for (let loan = 0; loan < 3; loan++) {
      await clock.advance(BYPASS - 1);
      await (await lease('a')).release();
    }
    await clock.advance(BYPASS - 1);
    expect(cache.tryLease('a')).toBeDefined();
    expect(asked).not.toHaveBeenCalled();
  });

  it('must prove itself before it is lent once the bypass is over', async () => {
    const { cache, asked, lease, doubtful } = start(yes);
    const thing = await doubtful('a');
    const again = await lease('a');
    expect(again.resource).toBe(thing);
    expect(asked.mock.calls).toEqual([[thing]]);
    expect(cache.stats).toMatchObject({ hits: 1, misses: 1, loads: 1, inUse: 1 });
  });

  it('is not lent by tryLease meanwhile, nor until somebody has asked for it', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, asked, lease, doubtful } = start(() => verdict.promise);
    await doubtful('a');
    expect(cache.tryLease('a')).toBeUndefined();
    expect(asked).not.toHaveBeenCalled();
    const waiting = lease('a');
    await settle();
    expect(cache.tryLease('a')).toBeUndefined();
    verdict.resolve(true);
    await (await waiting).release();
    expect(cache.tryLease('a')).toBeDefined();
  });

  it('is validated once for all who ask, of whom nobody gets it before', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, asked, lease, doubtful } = start(() => verdict.promise);
    const thing = await doubtful('a');
    const waiting = [1, 2, 3].map(() => new Outcome(lease('a')));
    await settle();
    expect(waiting.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    verdict.resolve(true);
    await settle();
    expect(waiting.map(({ value }) => value?.resource)).toEqual([thing, thing, thing]);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(cache.stats).toMatchObject({ hits: 3, misses: 1, inUse: 1 });
  });

  it('is not validated while somebody uses it', async () => {
    const { clock, asked, lease } = start(() => false);
    const a = await lease('a');
    await clock.advance(60_000);
    const b = await lease('a');
    expect(b.resource).toBe(a.resource);
    await a.release();
    await clock.advance(60_000);
    expect((await lease('a')).resource).toBe(b.resource);
    expect(asked).not.toHaveBeenCalled();
  });

  it('is not called within the call that asks for it', async () => {
    const { asked, lease, doubtful } = start(yes);
    await doubtful('a');
    const again = lease('a');
    expect(asked).not.toHaveBeenCalled();
    await again;
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('has to prove itself before each loan with a bypass of 0, and then is lent', async () => {
    const { asked, lease } = start(yes, { validation: { aliveBypass: 0 } });
    for (let loan = 0; loan < 4; loan++) await (await lease('a')).release();
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('does not prove itself by an end of work that was given up', async () => {
    const { clock, asked, lease } = start(yes);
    const a = await lease('a');
    await clock.advance(BYPASS);
    await (a as CacheLease<Thing> & { abandon(): Promise<void> }).abandon();
    expect(a.ended).toBe(true);
    await lease('a');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('is never validated when that is switched off, or when it has no validate', async () => {
    const { asked, lease, doubtful, clock } = start(() => false, { validation: { onBorrow: false } });
    const thing = await doubtful('a');
    await clock.advance(60_000);
    expect((await lease('a')).resource).toBe(thing);
    expect(asked).not.toHaveBeenCalled();

    const other = start(yes);
    await (await other.lease('a', { validate: undefined })).release();
    await other.clock.advance(60_000);
    await other.lease('a'); // how it is validated, only who made it knows
    expect(other.asked).not.toHaveBeenCalled();
  });

  it('is validated by the defaults of a pool', () => {
    const { aliveBypass, keepAlive, timeout } = DEFAULT_VALIDATION_OPTIONS;
    expect(DEFAULT_CACHE_OPTIONS.validation).toEqual({ onBorrow: true, aliveBypass, keepAlive, timeout });
  });
});

describe('a cached resource that fails its validation', () => {
  // What users return and throw may be anything.
  const answers: [string, Validate, unknown][] = [
    ['answers false', () => false, { message: 'validate did not return true' }],
    ['answers nothing', () => undefined as never, { message: 'validate did not return true' }],
    ['answers 1', () => Promise.resolve(1 as never), { message: 'validate did not return true' }],
    [
      'throws',
      () => {
        throw broken;
      },
      broken,
    ],
    ['rejects', () => Promise.reject(broken), broken],
    // oxlint-disable-next-line prefer-promise-reject-errors
    ['rejects with nothing', () => Promise.reject(undefined), { message: 'validate threw nothing' }],
    [
      'throws no error',
      () => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw 'no';
      },
      'no',
    ],
  ];

  it.each(answers)(
    'because it %s leaves the cache, and all who asked get another',
    async (_, validate, cause) => {
      const { cache, things, asked, lease, doubtful } = start(validate);
      const heard = jest.fn();
      cache.observe(heard);
      const dead = await doubtful('a');
      const [one, other] = await Promise.all([lease('a'), lease('a')]);
      await settle();
      expect([dead.destroyed, one.resource.id, other.resource]).toEqual([1, 2, one.resource]);
      expect(asked).toHaveBeenCalledTimes(1);
      expect(cache.stats).toMatchObject({
        hits: 1,
        misses: 2,
        loads: 2,
        failures: 0,
        size: 1,
        inUse: 1,
        destroyed: 1,
        evictions: { invalid: 1, deleted: 0 },
      });
      const reported =
        cause instanceof Error || typeof cause !== 'object' ? cause : expect.objectContaining(cause ?? {});
      expect(heard.mock.calls).toEqual([
        [{ kind: 'validationFailed', type: 'things', key: 'a', cause: reported }],
      ]);
      expect(things.made.length).toBe(2);
    },
  );

  it.each<[string, Validate]>([
    ['never settles', never],
    // oxlint-disable-next-line unicorn/no-thenable
    ['returns a thenable that never settles', () => ({ then: () => undefined }) as never],
  ])('because it %s leaves the cache after validation.timeout', async (_, validate) => {
    const { clock, cache, lease, doubtful } = start(validate, { validation: { timeout: '1s' } });
    const heard = jest.fn();
    cache.observe(heard);
    const dead = await doubtful('a');
    const asked = new Outcome(lease('a'));
    await clock.advance(990);
    expect(asked.state).toBe('pending');
    await clock.advance(20);
    expect([asked.value?.resource.id, dead.destroyed]).toEqual([2, 1]);
    const cause = expect.objectContaining({ message: 'validate did not settle within 1000 ms' }) as unknown;
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ cause }));
  });

  it('because it returns a thenable that resolves to itself leaves the cache at once', async () => {
    const { lease, doubtful } = start(() => {
      const endless = {
        // oxlint-disable-next-line unicorn/no-thenable
        then: (resolved: (value: unknown) => void) => resolved(endless),
      };
      return endless as never;
    });
    const dead = await doubtful('a');
    expect((await lease('a')).resource.id).toBe(2);
    await settle();
    expect(dead.destroyed).toBe(1);
  });

  it('gives its place to another only when it was destroyed', async () => {
    const { things, lease, doubtful } = start(() => false, { max: 1 });
    await doubtful('a');
    const cleared = new Deferred();
    things.cleared = cleared.promise;
    const next = new Outcome(lease('a'));
    await settle();
    expect([next.state, things.alive, things.made.length]).toEqual(['pending', 1, 1]);
    cleared.resolve();
    await settle();
    expect([next.value?.resource.id, things.alive]).toEqual([2, 1]);
  });

  it('does not delay the caller by its destruction where there is room', async () => {
    const { things, lease, doubtful } = start(() => false, { max: 2 });
    await doubtful('a');
    things.cleared = never();
    const next = new Outcome(lease('a'));
    await settle();
    expect(next.value?.resource.id).toBe(2);
  });

  it('lets callers wait for its place although maxWaiting allows no queue', async () => {
    const { lease, doubtful } = start(() => false, { max: 1, lease: { maxWaiting: 0 } });
    await doubtful('a');
    expect((await lease('a')).resource.id).toBe(2);
  });

  it('fails those who asked with what the load for another throws', async () => {
    const { cache, lease, doubtful } = start(() => false);
    await doubtful('a');
    await expect(cache.lease('a', () => Promise.reject(broken))).rejects.toBe(broken);
    expect(cache.stats).toMatchObject({ failures: 1, size: 0 });
    expect((await lease('a')).resource.id).toBe(2);
  });

  it('counts as invalid when a borrower gives it back broken, too', async () => {
    const { cache, lease } = start(yes);
    await (await lease('a')).invalidate();
    expect(cache.stats.evictions).toMatchObject({ invalid: 1, deleted: 0 });
  });
});

describe('a caller that waits for a validation', () => {
  it('leaves at once by its signal, and the validation counts for the next', async () => {
    const verdict = new Deferred<boolean>();
    const { clock, asked, lease, doubtful } = start(() => verdict.promise);
    const thing = await doubtful('a');
    const leaving = new AbortController();
    const left = new Outcome(lease('a', { signal: leaving.signal, owner: 'Ada' }));
    await settle();
    leaving.abort('changed my mind');
    await settle();
    expect(left.error).toBeInstanceOf(CacheAbortedError);
    expect(left.error).toMatchObject({ cause: 'changed my mind', owner: 'Ada', key: 'a', type: 'things' });
    const next = new Outcome(lease('a'));
    await settle();
    verdict.resolve(true);
    await settle();
    expect(next.value?.resource).toBe(thing);
    await next.value?.release();
    await clock.advance(BYPASS - 1);
    expect((await lease('a')).resource).toBe(thing);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('leaves at its deadline, and is told what it waited for', async () => {
    const { clock, lease, doubtful } = start(never);
    await doubtful('a');
    const left = new Outcome(lease('a', { timeout: '1s', owner: 'Ada' }));
    await clock.advance(1_010);
    expect(left.error).toBeInstanceOf(CacheTimeoutError);
    expect(left.error).toMatchObject({ waitedFor: 'validation', timeout: 1_000, owner: 'Ada' });
  });

  it('has one deadline over the validation and the load of another', async () => {
    const { clock, things, lease, doubtful } = start(never);
    await doubtful('a');
    things.ready = never();
    const asked = new Outcome(lease('a', { timeout: '3s' }));
    await clock.advance(2_990);
    expect(asked.state).toBe('pending');
    await clock.advance(20);
    expect(asked.error).toMatchObject({ name: 'CacheTimeoutError', waitedFor: 'load', timeout: 3_000 });
  });

  it('that was the last leaves the resource proved for who comes then', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, lease, doubtful } = start(() => verdict.promise);
    const thing = await doubtful('a');
    const leaving = new AbortController();
    void new Outcome(lease('a', { signal: leaving.signal }));
    await settle();
    leaving.abort();
    verdict.resolve(true);
    await settle();
    expect(cache.tryLease('a')?.resource).toBe(thing);
  });

  it('that was the last leaves nothing to be loaded when the validation fails', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, lease, doubtful } = start(() => verdict.promise);
    const dead = await doubtful('a');
    const leaving = new AbortController();
    const left = new Outcome(lease('a', { signal: leaving.signal }));
    await settle();
    leaving.abort();
    verdict.resolve(false);
    await settle();
    expect([left.state, dead.destroyed]).toEqual(['rejected', 1]);
    expect(cache.stats).toMatchObject({ loads: 1, size: 0, evictions: { invalid: 1 } });
  });
});

describe('a cached resource that is being validated', () => {
  it('is not evicted, and lets others wait for room', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, things, lease, doubtful } = start(() => verdict.promise, { max: 1 });
    const thing = await doubtful('a');
    const a = new Outcome(lease('a'));
    const b = new Outcome(lease('b'));
    await settle();
    expect([a.state, b.state, thing.destroyed, cache.stats.pending]).toEqual(['pending', 'pending', 0, 1]);
    verdict.resolve(true);
    await settle();
    expect([a.value?.resource, b.state]).toEqual([thing, 'pending']);
    await a.value?.release();
    await settle();
    expect([b.value?.resource.key, things.alive]).toEqual(['b', 1]);
  });

  it('makes room for who waits when nobody wants it any more', async () => {
    const verdict = new Deferred<boolean>();
    const { lease, doubtful } = start(() => verdict.promise, { max: 1 });
    await doubtful('a');
    const leaving = new AbortController();
    const a = new Outcome(lease('a', { signal: leaving.signal }));
    const b = new Outcome(lease('b'));
    await settle();
    leaving.abort();
    verdict.resolve(true);
    await settle();
    expect([a.state, b.value?.resource.key]).toEqual(['rejected', 'b']);
  });

  describe.each([
    ['deleted', ({ cache }: Started): Promise<unknown> => cache.delete('a')],
    ['cleared', ({ cache }: Started): Promise<unknown> => cache.clear()],
    ['expired', ({ clock }: Started): Promise<unknown> => clock.advance(1_000)],
  ] as const)('and is %s meanwhile', (cause, remove) => {
    it.each([true, false])(
      'gives its callers another at once, and is destroyed once when it has answered %s',
      async (answer) => {
        const verdict = new Deferred<boolean>();
        const started = start(() => verdict.promise, { ttl: '1s' });
        const { cache, asked, lease, doubtful } = started;
        const heard = jest.fn();
        cache.observe(heard);
        const thing = await doubtful('a');
        const waiting = [new Outcome(lease('a')), new Outcome(lease('a'))];
        await settle();
        await remove(started);
        await settle();
        expect(waiting.map(({ value }) => value?.resource.id)).toEqual([2, 2]);
        expect((await lease('a')).resource.id).toBe(2);
        expect(thing.destroyed).toBe(0); // its validate may be working with it
        verdict.resolve(answer);
        await settle();
        expect(thing.destroyed).toBe(1);
        expect(cache.stats.evictions).toMatchObject({ [cause]: 1, invalid: 0 });
        expect(asked).toHaveBeenCalledTimes(1);
        expect(heard).not.toHaveBeenCalled();
      },
    );
  });

  it.each([true, false])('and is replaced by a value leaves the value where it is (%s)', async (answer) => {
    const verdict = new Deferred<boolean>();
    const { cache, lease, doubtful } = start(() => verdict.promise);
    const thing = await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await settle();
    await cache.put('a', 'a value');
    await settle();
    expect([waiting.value?.resource.id, thing.destroyed]).toEqual([2, 0]);
    verdict.resolve(answer);
    await settle();
    expect([await cache.get('a'), thing.destroyed]).toEqual(['a value', 1]);
    await waiting.value?.release();
    await settle();
    expect(cache.stats).toMatchObject({ destroyed: 2, evictions: { replaced: 1 } });
  });

  it('and expires unnoticed meanwhile is not lent', async () => {
    const verdict = new Deferred<boolean>();
    const { clock, cache, lease, doubtful } = start(() => verdict.promise, { ttl: '1s' });
    const thing = await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await settle();
    clock.stall(600);
    verdict.resolve(true);
    await settle();
    expect([waiting.value?.resource.id, thing.destroyed]).toEqual([2, 1]);
    expect(cache.stats.evictions).toMatchObject({ expired: 1, invalid: 0 });
  });

  it('and is deleted before it is asked is not asked', async () => {
    const { cache, asked, lease, doubtful } = start(yes);
    const thing = await doubtful('a');
    const waiting = lease('a');
    await cache.delete('a');
    expect((await waiting).resource.id).toBe(2);
    expect([asked.mock.calls, thing.destroyed]).toEqual([[], 1]);
  });

  it('keeps its place until it is destroyed, so that there are never more than max', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, things, lease, doubtful } = start(() => verdict.promise, { max: 1 });
    await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await settle();
    await cache.delete('a');
    await settle();
    expect([waiting.state, things.alive]).toEqual(['pending', 1]);
    verdict.resolve(true);
    await settle();
    expect([waiting.value?.resource.id, things.alive]).toEqual([2, 1]);
    await waiting.value?.release();
    expect((await lease('a')).resource.id).toBe(2); // it is kept
  });

  it('is lent to who asks by other tags, when theirs are invalidated', async () => {
    const verdict = new Deferred<boolean>();
    const { cache, asked, lease, doubtful } = start(() => verdict.promise);
    const thing = await doubtful('a');
    const waiting = [new Outcome(lease('a', { tags: ['t'] }))];
    await settle();
    expect(cache.invalidateTags(['t'])).toBe(0);
    waiting.push(new Outcome(lease('a')));
    verdict.resolve(true);
    await settle();
    expect(waiting.map(({ value }) => value?.resource)).toEqual([thing, thing]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('is lent when a value that was to replace it could not be weighed', async () => {
    const verdict = new Deferred<boolean>();
    const weigh = (value: unknown): number => (typeof value === 'string' ? 0 : 1);
    const { cache, lease, doubtful } = start(() => verdict.promise, { weigh });
    const thing = await doubtful('a');
    const waiting = lease('a');
    await settle();
    await expect(cache.put('a', 'a value')).rejects.toThrow('"weight" must be a whole number');
    verdict.resolve(true);
    expect((await waiting).resource).toBe(thing);
  });
});

describe('a cache that is closed during a validation', () => {
  it('fails those who wait, and destroys the resource at once', async () => {
    const { clock, cache, lease, doubtful } = start(never);
    const thing = await doubtful('a');
    const waiting = new Outcome(lease('a', { owner: 'Ada' }));
    await settle();
    const closing = new Outcome(cache.close({ deadline: '1m' }));
    await settle();
    expect(waiting.error).toBeInstanceOf(CacheClosedError);
    expect(closing.value).toEqual({ clean: true, held: [], duration: 0 });
    expect([thing.destroyed, clock.running]).toEqual([1, 0]);
  });

  it('destroys the resource at once that has left it meanwhile', async () => {
    const { clock, cache, lease, doubtful } = start(never);
    const thing = await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await settle();
    await cache.delete('a');
    await cache.close();
    expect([waiting.state, thing.destroyed, clock.running]).toEqual(['rejected', 1, 0]);
  });

  it('does not mind the verdict that comes then', async () => {
    for (const answer of [true, false]) {
      const verdict = new Deferred<boolean>();
      const { cache, lease, doubtful } = start(() => verdict.promise);
      const heard = jest.fn();
      const thing = await doubtful('a');
      void new Outcome(lease('a'));
      await settle();
      await cache.close();
      cache.observe(heard);
      verdict.resolve(answer);
      await settle();
      expect([thing.destroyed, heard.mock.calls]).toEqual([1, []]);
      expect(cache.stats.evictions).toMatchObject({ cleared: 1, invalid: 0 });
    }
  });

  it('validates nothing any more', async () => {
    const { cache, asked, lease, doubtful } = start(yes);
    await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await cache.close();
    expect([waiting.state, asked.mock.calls]).toEqual(['rejected', []]);
  });
});

describe('a validate that uses the cache itself', () => {
  it('gets another resource when it has deleted its own, as do those who wait', async () => {
    const inner: CacheLease<Thing>[] = [];
    const started = start(async ({ key }) => {
      await started.cache.delete(key);
      inner.push(await started.lease(key));
      return true;
    });
    const thing = await started.doubtful('a');
    const outer = await started.lease('a');
    await settle();
    expect([inner[0]?.resource, outer.resource.id, thing.destroyed]).toEqual([outer.resource, 2, 1]);
  });

  it('and waits for its own resource waits no longer than validation.timeout', async () => {
    const inner: CacheLease<Thing>[] = [];
    const started = start(async ({ key }) => {
      inner.push(await started.lease(key));
      return true;
    });
    const thing = await started.doubtful('a');
    const outer = new Outcome(started.lease('a'));
    await started.clock.advance(2_010);
    expect([outer.value?.resource.id, inner[0]?.resource.id, thing.destroyed]).toEqual([2, 2, 1]);
  });

  it('may close it', async () => {
    const started = start(async () => (await started.cache.close()).clean);
    const thing = await started.doubtful('a');
    const waiting = new Outcome(started.lease('a'));
    await settle();
    expect(waiting.error).toBeInstanceOf(CacheClosedError);
    expect([thing.destroyed, started.clock.running]).toEqual([1, 0]);
  });

  it('may be heard of by a listener that changes the cache', async () => {
    const { cache, lease, doubtful } = start(() => false);
    const closed: Promise<unknown>[] = [];
    cache.observe(({ kind }) => void (kind === 'validationFailed' && closed.push(cache.close())));
    const dead = await doubtful('a');
    const waiting = new Outcome(lease('a'));
    await settle();
    expect([waiting.state, closed.length, dead.destroyed]).toEqual(['rejected', 1, 1]);
    await closed[0];
  });
});
