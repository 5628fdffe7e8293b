import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Clock, systemClock } from './clock.js';
import { clockOn } from './ground-clock.js';
import { NeutralGround } from './neutral-ground.js';
import { VirtualClock } from './virtual-clock.fixture.js';

const request = new AsyncLocalStorage<string>();

describe('a clock on neutral ground', () => {
  afterEach(() => void jest.useRealTimers());

  const see = (clock: Clock): unknown[] => {
    const seen: unknown[] = [];
    clock.setTimeout(() => seen.push(request.getStore()), 1);
    return seen;
  };

  it('calls back there when its timers are started in a request', async () => {
    const clock = clockOn(new NeutralGround(), systemClock);
    const seen = request.run('a request', () => see(clock));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual([undefined]);
  });

  it('calls back there when a request moves an injected clock', async () => {
    const time = new VirtualClock();
    const seen = see(clockOn(new NeutralGround(), time));
    await request.run('a request', () => time.advance(5));
    expect(seen).toEqual([undefined]);
  });

  it('calls back there when timers are faked, also after it was made', () => {
    const clock = clockOn(new NeutralGround(), systemClock);
    jest.useFakeTimers();
    const seen: unknown[] = [];
    clock.setTimeout(() => seen.push(request.getStore()), 1);
    request.run('a request', () => jest.advanceTimersByTime(5));
    expect(seen).toEqual([undefined]);
  });

  it('tells the time as the clock does, and lacks what that lacks', () => {
    const time = new VirtualClock(7);
    const clock = clockOn(new NeutralGround(), time);
    expect([clock.now(), clock.timeOfDay?.(), clock.afterTurn, time.reads]).toEqual([7, 7, undefined, 1]);
    const least: Clock = {
      now: () => 0,
      setTimeout: (callback, delay) => time.setTimeout(callback, delay),
      clearTimeout: () => undefined,
    };
    expect(clockOn(new NeutralGround(), least).timeOfDay).toBeUndefined();
  });

  it('tells the end of a turn as the clock does', () => {
    const time = new VirtualClock(0, { hasTurns: true });
    const clock = clockOn(new NeutralGround(), time);
    let ended = 0;
    clock.afterTurn?.(() => ended++);
    expect(ended).toBe(0);
    time.endTurn();
    expect(ended).toBe(1);
  });

  it('stops its timers, and hands out those of the clock', () => {
    const time = new VirtualClock();
    const clock = clockOn(new NeutralGround(), time);
    const timer = clock.setTimeout(() => undefined, 5);
    timer.unref();
    expect([time.running, time.holding]).toEqual([1, 0]);
    clock.clearTimeout(timer);
    expect(time.running).toBe(0);
  });

  it('is not put on its ground twice', () => {
    const ground = new NeutralGround();
    const clock = clockOn(ground, systemClock);
    expect(clockOn(ground, clock)).toBe(clock);
    expect(clockOn(new NeutralGround(), clock)).not.toBe(clock);
  });
});
