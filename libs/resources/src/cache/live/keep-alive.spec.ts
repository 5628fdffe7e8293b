import { describe, expect, it, jest } from '@jest/globals';
import { Deferred } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheOptions } from '../cache-options.js';
import type { CacheEvent } from '../../reports/cache-event.js';
import { ResourceCache } from '../resource-cache.js';
import { type Thing, Things } from '../resources.fixture.js';

const KEEP_ALIVE = 60_000;

/** A cache of things on a clock of its own, which are validated while nobody uses them. */
function start(validate: (thing: Thing) => boolean | Promise<boolean> = () => true, more: CacheOptions = {}) {
  const clock = new VirtualClock();
  const validation = { aliveBypass: 0, keepAlive: KEEP_ALIVE };
  const cache = new ResourceCache({ validation, ...more }, { type: 'things', clock });
  const things = new Things();
  const asked = jest.fn(validate);
  const events: CacheEvent[] = [];
  cache.observe((event) => events.push(event));
  const lease = (key: string) => cache.lease(key, things.load, { destroy: things.destroy, validate: asked });
  const rest = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await (await lease(key)).release();
    asked.mockClear();
  };
  const validated = (): string[] => asked.mock.calls.map(([{ key }]) => key);
  return { clock, cache, things, events, lease, rest, validated };
}

describe('a cached resource that nobody has used for a while', () => {
  it('is validated each time that the while is over, and stays', async () => {
    const { clock, things, rest, validated } = start();
    await rest('a');
    await clock.advance(KEEP_ALIVE - 1);
    expect(validated()).toEqual([]);
    await clock.advance(1);
    expect(validated()).toEqual(['a']);
    await clock.advance(3 * KEEP_ALIVE);
    expect(validated()).toEqual(['a', 'a', 'a', 'a']);
    expect(things.destroyed).toEqual([]);
  });

  it.each([
    ['says no', () => false],
    ['throws', () => Promise.reject(new Error('gone'))],
    ['does not answer in time', () => new Promise<never>(() => undefined)],
  ])(
    'leaves the cache and is destroyed when it %s, and the next caller gets another',
    async (_, validate) => {
      const { clock, things, events, lease, rest } = start(validate);
      await rest('a');
      await clock.advance(KEEP_ALIVE + 2_000);
      await settle();
      expect(things.destroyed).toEqual([1]);
      expect(events).toMatchObject([{ kind: 'validationFailed', type: 'things', key: 'a' }]);
      expect((await lease('a')).resource.id).toBe(2);
    },
  );

  it('is not validated while it is on loan, and again a while after', async () => {
    const { clock, lease, rest, validated } = start();
    await rest('a');
    await clock.advance(KEEP_ALIVE / 2);
    const loan = await lease('a');
    expect(validated()).toEqual(['a']); // before the loan
    await clock.advance(5 * KEEP_ALIVE);
    expect(validated()).toEqual(['a']);
    await loan.release();
    await clock.advance(KEEP_ALIVE - 1);
    expect(validated()).toEqual(['a']);
    await clock.advance(1);
    expect(validated()).toEqual(['a', 'a']);
  });

  it('is one of three at most that are validated at the same time, the longest unused first', async () => {
    const answers = new Map<string, Deferred<boolean>>();
    const answer = ({ key }: Thing): Promise<boolean> => {
      const deferred = new Deferred<boolean>();
      answers.set(key, deferred);
      return deferred.promise;
    };
    const { clock, rest, validated } = start(answer);
    await rest('a', 'b', 'c', 'd', 'e');
    await clock.advance(KEEP_ALIVE);
    expect(validated()).toEqual(['a', 'b', 'c']);
    answers.get('b')?.resolve(true);
    await settle();
    expect(validated()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is not kept by that for longer than its idleTtl', async () => {
    const { clock, things, rest } = start(undefined, {
      idleTtl: 2.5 * KEEP_ALIVE,
      validation: { keepAlive: KEEP_ALIVE },
    });
    await rest('a');
    await clock.advance(2.5 * KEEP_ALIVE + 1_000);
    await settle();
    expect(things.destroyed).toEqual([1]);
  });

  it('is forgotten when it leaves the cache', async () => {
    const { clock, cache, rest, validated } = start();
    await rest('a', 'b');
    await cache.delete('a');
    await clock.advance(KEEP_ALIVE);
    expect(validated()).toEqual(['b']);
    await cache.clear();
    await clock.advance(5 * KEEP_ALIVE);
    expect(validated()).toEqual(['b']);
    expect(clock.running).toBe(0);
  });

  it('holds no process, and no timer after the end', async () => {
    const { clock, cache, rest } = start();
    await rest('a');
    expect(clock.holding).toBe(0);
    await cache.close();
    expect(clock.running).toBe(0);
  });

  it('costs no timer by default, nor without a validate', async () => {
    const { clock, cache, things } = start(undefined, { validation: {} });
    await (await cache.lease('a', things.load, { validate: () => true })).release();
    await (await cache.lease('b', things.load)).release();
    await clock.advance(KEEP_ALIVE);
    expect(clock.running).toBe(0);
  });
});
