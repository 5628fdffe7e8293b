import { describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { type CacheOptions, readCacheOptions } from './cache-options.js';

const weigh = (): number => 1;
const store = new Keyv();

describe('readCacheOptions', () => {
  it('has a default for every option', () => {
    expect(readCacheOptions({}, 'cache')).toEqual({
      max: 1_000,
      maxWeight: Infinity,
      weigh: undefined,
      eviction: 'adaptive',
      ttl: Infinity,
      idleTtl: Infinity,
      jitter: 0,
      stores: [],
      load: {
        timeout: 10_000,
        staleWhileRevalidate: 0,
        staleIfError: 0,
        refreshAhead: 0,
        negativeTtl: 0,
        errorTtl: 0,
      },
      lease: {
        timeout: 5_000,
        maxWaiting: Infinity,
        destroyTimeout: 5_000,
      },
      validation: { onBorrow: true, aliveBypass: 500, keepAlive: Infinity, timeout: 2_000 },
      abandonment: { wait: 1_000, share: 0.2 },
      origins: expect.objectContaining({ traces: false }),
    });
  });

  it('reads what is given', () => {
    const options: CacheOptions = {
      max: Infinity,
      maxWeight: 5,
      weigh,
      eviction: 'sieve',
      ttl: '1m',
      idleTtl: 30,
      jitter: 0.1,
      stores: [store],
      load: {
        timeout: 1,
        staleWhileRevalidate: '2ms',
        staleIfError: 3,
        refreshAhead: 4,
        negativeTtl: 5,
        errorTtl: 6,
      },
      lease: { timeout: '1s', maxWaiting: 0, destroyTimeout: '2s' },
      validation: { onBorrow: false, aliveBypass: 0, keepAlive: '1m', timeout: '3s' },
      abandonment: { wait: '4s', max: 0.5 },
      leaks: { stack: 'always' },
    };
    expect(readCacheOptions(options, 'cache')).toEqual({
      ...options,
      ttl: 60_000,
      load: { ...options.load, staleWhileRevalidate: 2 },
      lease: {
        timeout: 1_000,
        maxWaiting: 0,
        destroyTimeout: 2_000,
      },
      validation: { onBorrow: false, aliveBypass: 0, keepAlive: 60_000, timeout: 3_000 },
      abandonment: { wait: 4_000, share: 0.5 },
      leaks: undefined,
      origins: expect.objectContaining({ traces: true }),
    });
  });

  it('takes undefined for not given', () => {
    const names = [
      'max',
      'maxWeight',
      'weigh',
      'eviction',
      'ttl',
      'idleTtl',
      'jitter',
      'stores',
      'load',
      'lease',
      'validation',
    ];
    const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(readCacheOptions(nothing, 'cache')).toEqual(readCacheOptions({}, 'cache'));
  });

  it.each([
    [{ max: 0 }, '"cache.max" must be a whole number of at least 1, or Infinity; got 0'],
    [{ max: 1.5 }, '"cache.max" must be a whole number of at least 1, or Infinity; got 1.5'],
    [{ max: '10' }, '"cache.max" must be a whole number of at least 1, or Infinity; got "10"'],
    [{ max: Infinity }, '"cache.max" must be finite when "maxWeight" is not'],
    [{ maxWeight: -1 }, '"cache.maxWeight" must be a whole number'],
    [{ weigh: 5 }, '"cache.weigh" must be a function; got 5'],
    [{ eviction: 'random' }, '"cache.eviction" must be one of'],
    [{ ttl: 0 }, '"cache.ttl" must be more than 0; use Infinity'],
    [{ ttl: -1 }, '"cache.ttl" must be milliseconds or a string'],
    [{ ttl: 'a while' }, '"cache.ttl" must be milliseconds or a string'],
    [{ idleTtl: 0 }, '"cache.idleTtl" must be more than 0'],
    [{ jitter: 2 }, '"cache.jitter" must be a number from 0 to 1; got 2'],
    [{ jitter: NaN }, '"cache.jitter" must be a number from 0 to 1; got NaN'],
    [{ stores: store }, '"cache.stores" must be an array of Keyv instances'],
    [{ stores: [5] }, '"cache.stores[0]" must be a Keyv instance; got 5'],
    [{ stores: [store, new Map()] }, undefined],
    [{ stores: [store, {}] }, '"cache.stores[1]" must be a Keyv instance; it has no get()'],
    [{ load: 5 }, '"cache.load" must be an object; got 5'],
    [{ load: { timeout: 0 } }, '"cache.load.timeout" must be more than 0'],
    [{ load: { errorTtl: 'x' } }, '"cache.load.errorTtl" must be milliseconds'],
    [{ load: { retries: 1 } }, '"cache.load.retries" is not an option. Known options: timeout,'],
    [{ lease: [] }, '"cache.lease" must be an object; got an array'],
    [{ lease: { maxWaiting: -1 } }, '"cache.lease.maxWaiting" must be a whole number of at least 0'],
    [{ lease: { destroyTimeout: 0 } }, '"cache.lease.destroyTimeout" must be more than 0'],
    [{ abandonment: { max: 2 } }, '"cache.abandonment.max" must be a number from 0 to 1; got 2'],
    [{ abandonment: { wait: -1 } }, '"cache.abandonment.wait" must be milliseconds'],
    [
      { leaks: { stack: true as never } },
      '"cache.leaks.stack" must be one of "off", "sampled", "always"; got true',
    ],
    [{ validation: 5 }, '"cache.validation" must be an object; got 5'],
    [{ validation: { onBorrow: 1 } }, '"cache.validation.onBorrow" must be true or false; got 1'],
    [{ validation: { aliveBypass: -1 } }, '"cache.validation.aliveBypass" must be milliseconds'],
    [{ validation: { timeout: 0 } }, '"cache.validation.timeout" must be more than 0'],
    [
      { validation: { onReturn: true } },
      '"cache.validation.onReturn" is not an option. Known options: onBorrow,',
    ],
    [{ maxSize: 10 }, '"cache.maxSize" is not an option. Known options: max,'],
    [{ toString: 10 }, '"cache.toString" is not an option'],
    [null, '"cache" must be an object; got null'],
    [100, '"cache" must be an object; got 100'],
    [[], '"cache" must be an object; got an array'],
  ])('refuses %j, unless it can work', (options, problem) => {
    const read = (): unknown => readCacheOptions(options as never, 'cache');
    if (problem === undefined) {
      expect(read).not.toThrow();
      return;
    }
    expect(read).toThrow(InvalidOptionsError);
    expect(read).toThrow(problem);
  });
});
