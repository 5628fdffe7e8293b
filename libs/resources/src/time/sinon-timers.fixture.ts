import { createRequire } from 'node:module';

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

/** @param toFake names of the functions to replace. Default: all */
export function sinons(toFake?: string[]): FakeTimers {
  let clock: SinonClock | undefined;
  return {
    install: () => (clock = sinon.withGlobal(globalThis).install({ toFake })),
    advance: async (ms) => void (await clock?.tickAsync(ms)),
    uninstall: () => clock?.uninstall(),
  };
}
