import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CacheEngine } from './cache-engine.js';
import type { RemovalCause } from '../../reports/cache-stats.js';
import type { CacheEngineSettings } from './cache-engine-settings.js';
import type { CacheEntry } from './cache-entry.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { EVICTION_NAMES } from '../../policies/eviction/create-eviction.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';

const SETTINGS: CacheEngineSettings = { max: 3, maxWeight: Infinity, eviction: 'lru', idleTtl: Infinity };

function open(settings: Partial<CacheEngineSettings> = {}) {
  const clock = new VirtualClock();
  const removals: [key: string, value: unknown, cause: RemovalCause][] = [];
  const engine = new CacheEngine<unknown>({ ...SETTINGS, ...settings }, clock, ({ key, value }, cause) =>
    removals.push([key, value, cause]),
  );
  return { clock, engine, removals };
}

const held = (entry: CacheEntry<unknown> | undefined): CacheEntry<unknown> => {
  if (entry === undefined) throw new Error('nothing is held');
  return entry;
};

describe('CacheEngine', () => {
  it.each([null, 0, false, '', NaN, undefined])('keeps %p, which is a value', (value) => {
    const { engine } = open();
    engine.set('key', value);
    expect(engine.get('key')).toMatchObject({ key: 'key', value, weight: 1, expiresAt: Infinity });
  });

  it.each([
    ['an empty one', ''],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['one of a megabyte', 'x'.repeat(2 ** 20)],
  ])('takes any key: %s', (_name, key) => {
    const { engine } = open();
    expect(engine.get(key)).toBeUndefined();
    engine.set(key, 1);
    expect(engine.peek(key)?.value).toBe(1);
    expect(engine.delete(key)).toBe(true);
    expect(engine.delete(key)).toBe(false);
  });

  it('lets an entry expire at its moment, and reports it when it notices', () => {
    const { engine, clock, removals } = open();
    engine.set('a', 1, { expiresAt: clock.now() + 10 });
    clock.stall(9);
    expect(engine.get('a')?.value).toBe(1);
    clock.stall(1);
    expect(removals).toEqual([]);
    expect(engine.get('a')).toBeUndefined();
    expect(removals).toEqual([['a', 1, 'expired']]);
    expect(engine.size).toBe(0);
  });

  it('goes by a moment that was changed later', () => {
    const { engine, clock } = open();
    const entry = held(engine.set('a', 1));
    entry.expiresAt = clock.now() + 5;
    clock.stall(5);
    expect(engine.peek('a')).toBeUndefined();
  });

  it('lets an entry expire that nobody used for a while; looking does not count', () => {
    const { engine, clock, removals } = open({ idleTtl: 10 });
    engine.set('used', 1);
    engine.set('seen', 2);
    clock.stall(9);
    engine.get('used');
    engine.peek('seen');
    clock.stall(1);
    expect([engine.peek('used')?.value, engine.peek('seen')]).toEqual([1, undefined]);
    expect(removals).toEqual([['seen', 2, 'expired']]);
  });

  it('does not list what has expired', () => {
    const { engine, clock } = open();
    engine.set('a', 1, { expiresAt: clock.now() + 1 });
    engine.set('b', 2);
    clock.stall(1);
    expect([...engine.keys()]).toEqual(['b']);
  });

  it('sweeps in bounded steps, each going on where the last one ended', () => {
    const { engine, clock, removals } = open({ max: 10 });
    for (let i = 0; i < 10; i++) engine.set(`${i}`, i, { expiresAt: clock.now() + (i % 2 === 0 ? 1 : 100) });
    clock.stall(1);
    expect(engine.sweep(4)).toBe(2);
    expect(removals.map(([key]) => key)).toEqual(['0', '2']);
    expect([engine.sweep(4), engine.sweep(4), engine.sweep(100)]).toEqual([2, 1, 0]);
    expect(engine.size).toBe(5);
    clock.stall(100);
    expect(engine.sweep(100)).toBe(5);
  });

  it('lets as many leave as a heavy entry needs, and tells when it is in', () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const engine = new CacheEngine<number>(
      { ...SETTINGS, max: Infinity, maxWeight: 10 },
      clock,
      ({ key }, cause) => {
        seen.push([key, cause, engine.weight, engine.peek('heavy')?.value]);
      },
    );
    for (const key of ['a', 'b', 'c']) engine.set(key, 1, { weight: 3 });
    engine.set('heavy', 2, { weight: 6 });
    expect(seen).toEqual([
      ['a', 'evicted', 9, 2],
      ['b', 'evicted', 9, 2],
    ]);
  });

  it('does not hold what is heavier than all that may be, nor what it would have replaced', () => {
    const { engine, removals } = open({ maxWeight: 10 });
    engine.set('a', 1, { weight: 10 });
    expect(engine.set('a', 2, { weight: 11 })).toBeUndefined();
    expect(removals).toEqual([['a', 1, 'replaced']]);
    expect([engine.size, engine.weight]).toEqual([0, 0]);
  });

  it('replaces an entry by a heavier one at the cost of others', () => {
    const { engine, removals } = open({ maxWeight: 10 });
    engine.set('a', 1, { weight: 5 });
    engine.set('b', 1, { weight: 5 });
    engine.set('a', 2, { weight: 6 });
    expect(removals).toEqual([
      ['a', 1, 'replaced'],
      ['b', 1, 'evicted'],
    ]);
    expect(engine.weight).toBe(6);
  });

  it('never evicts what is pinned, however often', () => {
    const { engine, removals } = open();
    const pinned = held(engine.set('a', 1));
    engine.pin(pinned);
    engine.pin(pinned);
    for (const key of ['b', 'c', 'd', 'e']) engine.set(key, 1);
    expect(engine.peek('a')).toBe(pinned);
    engine.unpin(pinned);
    for (const key of ['f', 'g', 'h']) engine.set(key, 1);
    expect([engine.pinned, engine.peek('a')]).toEqual([1, pinned]);
    engine.unpin(pinned);
    engine.unpin(pinned);
    for (const key of ['i', 'j', 'k']) engine.set(key, 1);
    expect([engine.pinned, pinned.pins, engine.peek('a')]).toEqual([0, 0, undefined]);
    expect(removals.filter(([key]) => key === 'a')).toEqual([['a', 1, 'evicted']]);
  });

  it('holds nothing new when all is pinned', () => {
    const { engine, removals } = open({ max: 1 });
    const entry = held(engine.set('a', 1));
    engine.pin(entry);
    expect(engine.set('b', 2)).toBeUndefined();
    expect(engine.evict()).toBe(false);
    expect(removals).toEqual([]);
    expect(engine.set('a', 3)?.value).toBe(3);
    expect([engine.pinned, entry.held, entry.pins]).toEqual([0, false, 1]);
    engine.unpin(entry);
    expect(engine.evict()).toBe(true);
  });

  it('removes what is pinned when it is deleted, expires or is cleared', () => {
    const { engine, clock, removals } = open();
    for (const key of ['a', 'b', 'c']) engine.pin(held(engine.set(key, 1, { expiresAt: clock.now() + 10 })));
    engine.delete('a');
    clock.stall(10);
    engine.peek('b');
    engine.clear();
    expect(removals.map(([key, , cause]) => [key, cause])).toEqual([
      ['a', 'deleted'],
      ['b', 'expired'],
      ['c', 'cleared'],
    ]);
    expect([engine.size, engine.weight, engine.pinned]).toEqual([0, 0, 0]);
  });

  it('may be used by whoever is told of a removal', () => {
    const clock = new VirtualClock();
    const engine = new CacheEngine<number>({ ...SETTINGS, max: 2 }, clock, ({ key, value }, cause) => {
      if (cause === 'evicted' && value < 3) engine.set(key, value + 1);
    });
    for (const key of ['a', 'b', 'c']) engine.set(key, 1);
    expect(engine.size).toBe(2);
  });

  it.each(EVICTION_NAMES)('with %s, evicts on request until nothing is left', (eviction) => {
    const { engine } = open({ eviction, max: 20 });
    for (let i = 0; i < 20; i++) engine.set(`${i}`, i);
    for (let i = 0; i < 10; i++) engine.get(`${i}`);
    for (let i = 20; i > 0; i--) expect([engine.evict(), engine.size]).toEqual([true, i - 1]);
    expect(engine.evict()).toBe(false);
  });

  it.each(EVICTION_NAMES)('with %s, finds what was just set, in caches of any size', (eviction) => {
    for (const max of [1, 2, 3, 5, 50]) {
      const { engine } = open({ eviction, max });
      for (let i = 0; i < 300; i++) {
        engine.set(`${i % 70}`, i);
        expect(engine.get(`${i % 70}`)?.value).toBe(i);
        engine.get(`${i % 3}`);
      }
    }
  });

  it.each(EVICTION_NAMES)('with %s, estimates the hit rate at other sizes', (eviction) => {
    const { engine } = open({ eviction, max: 100 });
    expect(engine.estimate(2)).toBeUndefined();
    let state = 1;
    for (let i = 0; i < 20_000; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const key = `${(state >>> 8) % 190}`; // all of them equally popular
      if (engine.get(key) === undefined) engine.set(key, i);
    }
    const [half, twice] = [engine.estimate(0.5) ?? NaN, engine.estimate(2) ?? NaN];
    expect(half).toBeGreaterThan(0.1);
    expect(half).toBeLessThan(0.4);
    expect(twice).toBeGreaterThan(0.9);
    expect(twice).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ max: 0 }, '"max" must be a whole number of at least 1, or Infinity; got 0'],
    [{ max: 1.5 }, '"max" must be a whole number'],
    [{ max: '3' }, '"max" must be a whole number of at least 1, or Infinity; got "3"'],
    [{ maxWeight: -1 }, '"maxWeight" must be a whole number'],
    [{ max: Infinity }, '"max" must be finite when "maxWeight" is not'],
    [{ eviction: 'random' }, '"eviction" must be one of adaptive, w-tinylfu, s3-fifo, sieve, lru, fifo'],
    [{ eviction: 'toString' }, '"eviction" must be one of'],
    [{ idleTtl: 0 }, '"idleTtl" must be more than 0 milliseconds; got 0'],
    [{ idleTtl: NaN }, '"idleTtl" must be more than 0'],
  ])('refuses %j', (settings, problem) => {
    expect(() => open(settings as never)).toThrow(problem);
  });

  it('refuses a weight or a moment that is none, and keeps what was there', () => {
    const { engine } = open();
    engine.set('a', 1);
    for (const weight of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => engine.set('a', 2, { weight })).toThrow(InvalidOptionsError);
    }
    expect(() => engine.set('a', 2, { expiresAt: NaN })).toThrow('"expiresAt"');
    expect(engine.get('a')?.value).toBe(1);
  });

  it('works with any settings, or says which of them cannot work', () => {
    const anything = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constantFrom(null, undefined, Infinity, 5),
    );
    const settings = fc.record({ max: anything, maxWeight: anything, eviction: anything, idleTtl: anything });
    fc.assert(
      fc.property(settings, (some) => {
        try {
          open(some as never).engine.set('a', 1);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionsError);
        }
      }),
    );
  });
});
