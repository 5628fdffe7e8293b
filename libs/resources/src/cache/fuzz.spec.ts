import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { DEFAULT_CACHE_OPTIONS } from './cache-options.js';
import { ResourceCache } from './resource-cache.js';
import { type Thing, Things } from './resources.fixture.js';

const STRANGE_KEYS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'keyv:a',
  'a\u0000b',
  '\ud800',
  '\u202e',
  'x'.repeat(1_000_000),
  'x'.repeat(1_000_000 - 1),
];

const NO_KEYS: unknown[] = [
  undefined,
  null,
  0,
  NaN,
  5n,
  true,
  Symbol('tea'),
  Symbol.iterator,
  runInNewContext('Symbol("of another realm")'),
  runInNewContext('({})'),
  runInNewContext('new String("tea")'),
  Object.create(null),
  ['tea'],
  () => 'tea',
];

/** Uses a key in every way, and tells whether each brought what it should. */
async function useKey(cache: ResourceCache, key: string): Promise<void> {
  await cache.put(key, key, { tags: [key] });
  expect([await cache.get(key), cache.getSync(key), cache.peek(key)]).toEqual([key, key, key]);
  expect(await cache.manager.get(key)).toBe(key);
  expect(cache.invalidateTags([key])).toBe(1);
  expect(await cache.wrap(key, () => 'loaded')).toBe('loaded');
  expect(await cache.delete(key)).toBe(true);
  expect(cache.peek(key)).toBeUndefined();
  const things = new Things();
  const lease = await cache.lease<Thing>(key, things.load, { destroy: things.destroy });
  expect(lease.resource.key).toBe(key);
  await lease.invalidate();
}

describe('keys', () => {
  it.each(STRANGE_KEYS.map((key) => [key.slice(0, 20), key]))('may be %j', async (_, key) => {
    await useKey(new ResourceCache(), key);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('do not get into one another', async () => {
    const cache = new ResourceCache();
    for (const [index, key] of STRANGE_KEYS.entries()) await cache.put(key, index);
    expect(STRANGE_KEYS.map((key) => cache.peek(key))).toEqual(STRANGE_KEYS.map((_, index) => index));
  });

  it('may be any string', async () => {
    const cache = new ResourceCache();
    const property = fc.asyncProperty(fc.string({ unit: 'binary' }), (key) => useKey(cache, key));
    await fc.assert(property, { numRuns: 100 });
  });

  it.each(NO_KEYS.map((key) => [key]))('may be strings only, and not %p', async (key) => {
    const cache = new ResourceCache();
    const uses = [
      () => cache.put(key as never, 1),
      () => cache.wrap(key as never, () => 1),
      () => cache.lease(key as never, () => 1),
      () => cache.delete(key as never),
      () => cache.get(key as never),
    ];
    for (const use of uses) await expect(use()).rejects.toThrow('"key" must be a string; got ');
    expect(() => cache.tryLease(key as never)).toThrow('"key" must be a string; got ');
    for (const look of [() => cache.getSync(key as never), () => cache.peek(key as never)])
      expect(look).toThrow('"key" must be a string; got ');
  });

  it('that are long are not repeated in full by an error', async () => {
    const cache = new ResourceCache();
    const failing = cache.lease('x'.repeat(1_000_000), () => 1, { signal: AbortSignal.abort() });
    const error: unknown = await failing.catch((error: unknown) => error);
    expect((error as Error).message.length).toBeLessThan(300);
  });
});

describe('options', () => {
  it('either work or are refused by name', () => {
    const value = fc.oneof(
      fc.constantFrom(
        undefined,
        null,
        NaN,
        Infinity,
        -Infinity,
        0,
        -1,
        1.5,
        2 ** 53,
        '',
        '1m',
        '-1s',
        'soon',
        1n,
      ),
      fc.constantFrom({}, [], () => 1, Symbol('x'), new Date(), true),
      fc.nat(),
    );
    const names = [...Object.keys(DEFAULT_CACHE_OPTIONS), 'weigh', 'stores', '__proto__', 'size'];
    const group = fc.dictionary(
      fc.constantFrom(
        ...Object.keys(DEFAULT_CACHE_OPTIONS.load),
        ...Object.keys(DEFAULT_CACHE_OPTIONS.lease),
      ),
      value,
    );
    const options = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, group), { maxKeys: 3 });
    let refused = 0;
    const property = fc.property(options, (given) => {
      try {
        const cache = new ResourceCache(given);
        expect(cache.stats.size).toBe(0);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect((error as Error).message).toMatch(/^"cache(\.[\w[\]]+)*" .+\.$/s);
      }
    });
    fc.assert(property, { numRuns: 500 });
    expect(refused).toBeGreaterThan(100);
  });
});
