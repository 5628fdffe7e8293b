import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { DEFAULT_CACHE_OPTIONS, readCacheOptions, readTtl } from './cache-options.js';

describe('readCacheOptions', () => {
  it('has a default for every option', () => {
    expect(readCacheOptions({}, 'cache')).toEqual({ max: 1_000, ttl: Infinity });
    expect(DEFAULT_CACHE_OPTIONS).toEqual({ max: 1_000, ttl: Infinity });
  });

  it('reads what is given, and takes undefined for not given', () => {
    expect(readCacheOptions({ max: 5, ttl: '1m' }, 'cache')).toEqual({ max: 5, ttl: 60_000 });
    expect(readCacheOptions({ max: undefined, ttl: undefined }, 'cache')).toEqual(DEFAULT_CACHE_OPTIONS);
  });

  it.each([
    [{ max: 0 }, '"cache.max" must be a whole number of at least 1; got 0'],
    [{ max: 1.5 }, '"cache.max" must be a whole number of at least 1; got 1.5'],
    [{ max: '10' }, '"cache.max" must be a whole number of at least 1; got "10"'],
    [{ max: Infinity }, '"cache.max" must be a whole number'],
    [{ ttl: 0 }, '"cache.ttl" must be more than 0; use Infinity'],
    [{ ttl: -1 }, '"cache.ttl" must be milliseconds or a string'],
    [{ ttl: 'a while' }, '"cache.ttl" must be milliseconds or a string'],
    [{ maxSize: 10 }, '"cache.maxSize" is no option. Known here: max, ttl.'],
    [{ toString: 10 }, '"cache.toString" is no option'],
    [null, '"cache" must be an object; got null'],
    [100, '"cache" must be an object; got 100'],
  ])('refuses %j', (options, problem) => {
    expect(() => readCacheOptions(options as never, 'cache')).toThrow(InvalidOptionsError);
    expect(() => readCacheOptions(options as never, 'cache')).toThrow(problem);
  });
});

describe('readTtl', () => {
  it('reads a time', () => {
    expect(readTtl('2s', 'ttl')).toBe(2_000);
    expect(readTtl(Infinity, 'ttl')).toBe(Infinity);
  });

  it('refuses none', () => {
    expect(() => readTtl(0, 'ttl')).toThrow('"ttl" must be more than 0');
  });
});
