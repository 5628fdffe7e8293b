import { describe, expect, it } from '@jest/globals';
import { CachedResources } from './cached-resources.js';

describe('validation.keepAlive of a cached resource type', () => {
  const create = (): object => ({});

  it('needs a validate', () => {
    expect(() => new CachedResources('thing', { create }, { validation: { keepAlive: '1m' } })).toThrow(
      '"thing.cache.validation.keepAlive" needs a factory with a "validate" method; add one, or leave the option out.',
    );
  });

  it('may be Infinity without one', () => {
    const cached = new CachedResources('thing', { create }, { validation: { keepAlive: Infinity } });
    expect(cached.stats.size).toBe(0);
  });

  it.each([0, -1, NaN, 'often'])('refuses %p', (keepAlive) => {
    const make = () =>
      new CachedResources('thing', { create, validate: () => true }, { validation: { keepAlive } });
    expect(make).toThrow('thing.cache.validation.keepAlive');
  });
});

describe('validation.isFatal of a cached resource type', () => {
  const create = (): object => ({});
  const make = (validation: object) => () => new CachedResources('thing', { create }, { validation });

  it('must be a function', () => {
    expect(make({ isFatal: true })).toThrow('"thing.cache.validation.isFatal" must be a function');
  });

  it('is named among the options that are known', () => {
    expect(make({ isfatal: () => true })).toThrow(
      '"thing.cache.validation.isfatal" is not an option. Known options: onBorrow, aliveBypass, keepAlive, timeout, isFatal.',
    );
  });
});
