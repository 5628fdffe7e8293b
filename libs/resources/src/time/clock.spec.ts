import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.js';

const DAY = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('never goes backwards', () => {
    const before = systemClock.now();
    jest.setSystemTime(0);
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('calls once after the delay, and not at all once cleared', () => {
    const called = jest.fn();
    const cleared = jest.fn();
    systemClock.setTimeout(called, 100);
    systemClock.clearTimeout(systemClock.setTimeout(cleared, 100));
    jest.advanceTimersByTime(99);
    expect(called).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1_000);
    expect(called).toHaveBeenCalledTimes(1);
    expect(cleared).not.toHaveBeenCalled();
  });

  it('calls after a delay of months when it is over, and not before', () => {
    const callback = jest.fn();
    systemClock.setTimeout(callback, 60 * DAY);
    jest.advanceTimersByTime(60 * DAY - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be told in every part of a long delay not to call, nor to hold the process', () => {
    for (const passed of [0, 30 * DAY, 59 * DAY]) {
      const callback = jest.fn();
      const timer = systemClock.setTimeout(callback, 60 * DAY);
      timer.unref();
      jest.advanceTimersByTime(passed);
      timer.ref();
      systemClock.clearTimeout(timer);
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(60 * DAY);
      expect(callback).not.toHaveBeenCalled();
    }
  });

  it('never calls after an infinite delay, and starts no timer for it', () => {
    const callback = jest.fn();
    const timer = systemClock.setTimeout(callback, Infinity);
    timer.ref();
    timer.unref();
    expect(jest.getTimerCount()).toBe(0);
    systemClock.clearTimeout(timer);
    jest.advanceTimersByTime(100 * DAY);
    expect(callback).not.toHaveBeenCalled();
  });

  it('tells the end of a turn', async () => {
    jest.useRealTimers();
    const order: string[] = [];
    const over = new Promise<void>((resolve) => {
      systemClock.afterTurn?.(() => {
        order.push('turn over');
        resolve();
      });
    });
    await Promise.resolve();
    order.push('same turn');
    await over;
    expect(order).toEqual(['same turn', 'turn over']);
  });
});
