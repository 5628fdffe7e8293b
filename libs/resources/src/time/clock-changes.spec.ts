import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.js';
import { FAKES, type FakeTimers } from './fake-timers.fixture.js';
import { realTime } from './real-time.js';

describe('the clock of the system, while sources of time come and go', () => {
  let installed: FakeTimers | undefined;

  afterEach(() => {
    installed?.uninstall();
    installed = undefined;
    jest.restoreAllMocks();
  });

  function install(fakes: FakeTimers | undefined): void {
    installed?.uninstall();
    fakes?.install();
    installed = fakes;
  }

  it('never goes back, and never leaps', async () => {
    const kinds = [...FAKES.map(([, fakes]) => fakes), undefined];
    for (let step = 0; step < 60; step++) {
      const begun = process.hrtime.bigint(); // before it is asked: what passes in between counts for both
      const before = systemClock.now();
      install(kinds[(step * 7) % kinds.length]);
      if (step % 3 === 0) await installed?.advance(250);
      const passed = systemClock.now() - before;
      install(undefined);
      const real = Number(process.hrtime.bigint() - begun) / 1e6;
      expect(passed).toBeGreaterThanOrEqual(0);
      expect(passed).toBeLessThan(250 + real + 1);
    }
  });

  it('calls back once, whatever took over meanwhile', async () => {
    const called = jest.fn();
    systemClock.setTimeout(called, 30);
    for (const [, fakes] of FAKES) {
      install(fakes);
      systemClock.now();
    }
    install(undefined);
    systemClock.now();
    await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 40));
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('never calls back what was cleared, whatever took over meanwhile', async () => {
    const called = jest.fn();
    const timer = systemClock.setTimeout(called, 5);
    for (const [, fakes] of FAKES) {
      install(fakes);
      systemClock.now();
    }
    systemClock.clearTimeout(timer);
    await installed?.advance(100);
    install(undefined);
    await realTime(20);
    expect(called).not.toHaveBeenCalled();
  });

  it.each([NaN, -1_000, 5, undefined, 1e15])('goes on after a reading that a test made up: %p', (made) => {
    const before = systemClock.now();
    const spied = jest.spyOn(performance, 'now').mockReturnValue(made as number);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    spied.mockRestore();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemClock.now()).toBeLessThan(before + 60_000);
  });
});
