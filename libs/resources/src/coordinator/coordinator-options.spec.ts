import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { systemClock } from '../time/clock.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { readCoordinatorOptions } from './coordinator-options.js';

describe('readCoordinatorOptions', () => {
  it('has a default for every option', () => {
    expect(readCoordinatorOptions({})).toEqual({
      resources: {},
      cache: undefined,
      cachedResources: {},
      drainTimeout: 10_000,
      startTimeout: 60_000,
      announceFor: 0,
      deadlockTimeout: 1_000,
      history: 20,
      clock: systemClock,
    });
  });

  it('reads what is given', () => {
    const options = {
      resources: { a: { create: () => 1 } },
      cache: { max: 5 },
      cachedResources: {},
      history: 3,
      clock: new VirtualClock(),
    };
    const times = { drainTimeout: '1m', startTimeout: '2s', announceFor: '5s', deadlockTimeout: Infinity };
    expect(readCoordinatorOptions({ ...options, ...times })).toEqual({
      ...options,
      drainTimeout: 60_000,
      startTimeout: 2_000,
      announceFor: 5_000,
      deadlockTimeout: Infinity,
    });
  });

  it.each([
    [
      'an option that does not exist',
      { drainTimout: 1 },
      '"drainTimout" is not an option. Known options: resources,',
    ],
    ['a time that is none', { drainTimeout: 'soon' }, '"drainTimeout" must be milliseconds'],
    ['an announcement that is no time', { announceFor: -1 }, '"announceFor" must be milliseconds'],
    ['an announcement without end', { announceFor: Infinity }, '"announceFor" must be finite'],
    ['no time before a deadlock', { deadlockTimeout: 0 }, '"deadlockTimeout" must be more than 0'],
    ['a history of nothing', { history: 0 }, '"history" must be a whole number of at least 1; got 0'],
    ['null in place of options', null, '"options" must be an object; got null'],
  ])('refuses %s', (_what, options, problem) => {
    expect(() => readCoordinatorOptions(options as never)).toThrow(InvalidOptionsError);
    expect(() => readCoordinatorOptions(options as never)).toThrow(problem);
  });
});
