import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.js';
import { FAKES } from './fake-timers.fixture.js';
import type { FakeTimers } from './sinon-timers.fixture.js';
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

  it('goes with what wraps the functions for good, and whose timers are early by a part of a millisecond', () => {
    const [reading, callbacks] = wrap();
    const begun = systemClock.now();
    for (let passed = 10; passed <= 1_000; passed += 10) {
      systemClock.setTimeout(() => undefined, 10);
      reading.at += 9.4;
      callbacks.pop()?.();
      reading.at += 0.6;
    }
    expect(systemClock.now() - begun).toBeCloseTo(1_000);
  });

  /** Node's functions, as something wraps them that returns timers of its own, in a time of the test's. */
  function wrap(): [reading: { at: number }, callbacks: (() => void)[]] {
    const reading = { at: 5_000 };
    const callbacks: (() => void)[] = [];
    jest.spyOn(performance, 'now').mockImplementation(() => reading.at);
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void) => {
      callbacks.push(callback);
      return {};
    }) as typeof setTimeout);
    return [reading, callbacks];
  }

  it('starts no timer anew where a getter makes another function at each look', () => {
    const begun = jest.fn(setTimeout);
    const original = Object.getOwnPropertyDescriptor(globalThis, 'setTimeout') ?? {};
    const timer = systemClock.setTimeout(() => undefined, 60_000);
    const get = () => (callback: () => void, delay: number) => begun(callback, delay);
    Object.defineProperty(globalThis, 'setTimeout', { configurable: true, get });
    systemClock.now();
    begun.mockClear();
    for (let reading = 0; reading < 100; reading++) systemClock.now();
    Object.defineProperty(globalThis, 'setTimeout', original);
    systemClock.clearTimeout(timer);
    expect(begun).not.toHaveBeenCalled();
  });

  it('waits in real time where a test has everybody called back at once', async () => {
    const called = jest.fn();
    const atOnce = (callback: () => void): number => {
      callback();
      return 0;
    };
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(atOnce as unknown as typeof setTimeout);
    const before = systemClock.now();
    const waited = new Promise<void>((resolve) => {
      systemClock.setTimeout(() => {
        called();
        resolve();
      }, 30);
    });
    const cleared = systemClock.setTimeout(() => called(), 10);
    systemClock.clearTimeout(cleared);
    expect(called).not.toHaveBeenCalled();
    await waited;
    expect(called).toHaveBeenCalledTimes(1);
    expect(systemClock.now() - before).toBeGreaterThan(28);
  });

  it('starts none of those that wait in the context of whoever notices', async () => {
    const requests = new AsyncLocalStorage<string>();
    const contexts = new Set<unknown>();
    const timer = systemClock.setTimeout(() => undefined, 60_000);
    const original = setTimeout;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay: number) => {
      if (delay <= 60_000) contexts.add(requests.getStore());
      return original(callback, delay);
    }) as typeof setTimeout);
    requests.run('a request', () => systemClock.now());
    systemClock.clearTimeout(timer);
    expect([...contexts]).toEqual([undefined]);
  });

  it('goes on where a library has taken "performance" from the globals', () => {
    const original = Object.getOwnPropertyDescriptor(globalThis, 'performance') ?? {};
    const before = systemClock.now();
    Reflect.deleteProperty(globalThis, 'performance');
    const without = systemClock.now();
    Object.defineProperty(globalThis, 'performance', original);
    expect(without).toBeGreaterThanOrEqual(before);
    expect(without).toBeLessThan(before + 60_000);
  });

  it.each<[string, unknown]>([
    ['bound', Number.bind(undefined, 7)],
    ['a proxy', new Proxy(Date.now, { apply: () => 9e12 })],
    ['no function', undefined],
  ])('keeps its time of day while Date.now is %s', (_, made) => {
    const lead = (): number => (systemClock.timeOfDay?.() ?? 0) - systemClock.now();
    const before = lead();
    const { now } = Date;
    Date.now = made as typeof now;
    const meanwhile = lead();
    Date.now = now;
    expect(Math.abs(meanwhile - before)).toBeLessThan(1_000);
    expect(Math.abs(lead() - before)).toBeLessThan(1_000);
  });

  it("calls back at a time that is no whole number of a test's milliseconds, too", async () => {
    const [reading, callbacks] = wrap();
    for (let part = 0; part < 1; part += 0.0007) {
      const called = jest.fn();
      reading.at += part;
      systemClock.setTimeout(called, 1 + part);
      for (let turn = 0; turn < 3; turn++) callbacks.pop()?.();
      expect(called).toHaveBeenCalledTimes(1);
    }
  });
});
