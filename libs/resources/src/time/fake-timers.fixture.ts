import { createRequire } from 'node:module';
import { jest } from '@jest/globals';

/** What a test replaces the functions of time with. */
export interface FakeTimers {
  install(): void;
  /** Moves the time, and lets run what that causes. @param ms milliseconds */
  advance(ms: number): Promise<void>;
  uninstall(): void;
}

interface SinonClock {
  tickAsync(ms: number): Promise<number>;
  uninstall(): void;
}

/** It comes with jest; sinon and vitest are built on it, too. */
const sinon = createRequire(import.meta.url)('@sinonjs/fake-timers') as {
  withGlobal(global: object): { install(options?: { toFake?: string[] }): SinonClock };
};

type JestOptions = Parameters<typeof jest.useFakeTimers>[0];

function jests(options?: JestOptions): FakeTimers {
  return {
    install: () => void jest.useFakeTimers(options),
    advance: (ms) => jest.advanceTimersByTimeAsync(ms),
    uninstall: () => void jest.useRealTimers(),
  };
}

function sinons(toFake?: string[]): FakeTimers {
  let clock: SinonClock | undefined;
  return {
    install: () => (clock = sinon.withGlobal(globalThis).install({ toFake })),
    advance: async (ms) => void (await clock?.tickAsync(ms)),
    uninstall: () => clock?.uninstall(),
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
