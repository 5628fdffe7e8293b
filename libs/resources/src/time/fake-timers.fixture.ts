import { jest } from '@jest/globals';
import { type FakeTimers, sinons } from './sinon-timers.fixture.js';

type JestOptions = Parameters<typeof jest.useFakeTimers>[0];

function jests(options?: JestOptions): FakeTimers {
  return {
    install: () => void jest.useFakeTimers(options),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    uninstall: () => void jest.useRealTimers(),
  };
}

/** Those of jest before version 27, which have no asynchronous moves, and fake no clock. */
const LEGACY: FakeTimers = {
  ...jests({ legacyFakeTimers: true }),
  advance: async (ms) => {
    jest.advanceTimersByTime(ms);
    await Promise.resolve();
  },
};

const TIMERS = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
];

/** Every kind that is promised, by name. Of vitest's, the functions that it replaces by default. */
export const FAKES: [name: string, fakes: FakeTimers][] = [
  ["jest's", jests()],
  ["jest's without performance", jests({ doNotFake: ['performance'] })],
  ["jest's of old", LEGACY],
  ["sinon's", sinons()],
  ["vitest's since version 3", sinons([...TIMERS, 'Date', 'performance'])],
  ["vitest's before version 3", sinons([...TIMERS, 'Date'])],
  ['setTimeout alone', sinons(['setTimeout', 'clearTimeout'])],
];
