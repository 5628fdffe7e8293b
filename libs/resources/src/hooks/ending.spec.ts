import { beforeEach, describe, expect, it } from '@jest/globals';
import { Outcome } from '../pool/deferred.fixture.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { Ending } from './ending.js';

describe('an ending', () => {
  let clock: VirtualClock;
  let destroying: number;
  let ending: Ending;

  beforeEach(() => {
    clock = new VirtualClock();
    destroying = 0;
    ending = new Ending(clock, () => destroying === 0);
  });

  it.each([0, 100, Infinity])('has begun when it was begun, with %p milliseconds', (limit) => {
    expect(ending.begun).toBe(false);
    ending.begin(limit);
    expect(ending.begun).toBe(true);
  });

  it('gives a destruction what is left of its time, and before and after it, the usual', () => {
    expect(ending.timeFor(100)).toBe(100);
    ending.begin(100);
    clock.stall(60);
    expect([ending.timeFor(100), ending.timeFor(30)]).toEqual([40, 30]);
    clock.stall(40);
    expect(ending.timeFor(100)).toBe(100);
  });

  it('gives a destruction all of its time where it has no limit', () => {
    ending.begin(Infinity);
    expect([ending.timeFor(100), ending.timeFor(Infinity)]).toEqual([100, Infinity]);
  });

  it('is over when nothing is being made or destroyed', async () => {
    ending.makingBegan();
    destroying = 1;
    ending.begin(100);
    const over = new Outcome(ending.over());
    ending.makingSettled();
    await clock.advance(1);
    expect(over.state).toBe('pending');
    destroying = 0;
    ending.check();
    await clock.advance(0);
    expect(over.state).toBe('fulfilled');
  });

  it('is over when its time is up', async () => {
    ending.makingBegan();
    ending.begin(100);
    const over = new Outcome(ending.over());
    await clock.advance(99);
    expect(over.state).toBe('pending');
    await clock.advance(1);
    expect(over.state).toBe('fulfilled');
  });

  it('is over at once when there is nothing', async () => {
    ending.begin(Infinity);
    await ending.over();
    expect(clock.running).toBe(0);
  });
});
