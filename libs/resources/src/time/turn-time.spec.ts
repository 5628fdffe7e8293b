import { describe, expect, it } from '@jest/globals';
import { TurnTime } from './turn-time.js';
import { VirtualClock } from './virtual-clock.fixture.js';

describe('TurnTime', () => {
  it('reads each time when the clock knows no turns', () => {
    const clock = new VirtualClock(1_000);
    const turn = new TurnTime(clock);
    expect([turn.now(), turn.now(), turn.now()]).toEqual([1_000, 1_000, 1_000]);
    expect(clock.reads).toBe(3);
  });

  it('lets readings that follow each other closely share one until the turn is over', () => {
    const clock = new VirtualClock(1_000, { hasTurns: true });
    const turn = new TurnTime(clock);
    turn.now();
    turn.now();
    clock.reads = 0;
    clock.stall(50);
    expect([turn.now(), turn.now()]).toEqual([1_000, 1_000]);
    expect(clock.reads).toBe(0);
    clock.endTurn();
    expect(turn.now()).toBe(1_050);
  });

  it('reads each time when readings are rare', () => {
    const clock = new VirtualClock(1_000, { hasTurns: true });
    const turn = new TurnTime(clock);
    turn.now();
    clock.stall(1);
    expect(turn.now()).toBe(1_001);
    clock.stall(1);
    expect(turn.now()).toBe(1_002);
  });
});
