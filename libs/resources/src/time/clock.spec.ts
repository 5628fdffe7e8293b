import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from './clock.js';

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

  it('does not call at once what is further away than Node can wait', () => {
    const callback = jest.fn();
    systemClock.setTimeout(callback, 60 * 86_400_000);
    jest.advanceTimersByTime(86_400_000);
    expect(callback).not.toHaveBeenCalled();
  });

  it('tells the end of a turn, which fake timers do not hold back', async () => {
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
