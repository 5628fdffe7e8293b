import { describe, expect, it } from '@jest/globals';
import { FREEZE, FreezeWatch } from './freeze-watch.js';
import { VirtualClock } from './virtual-clock.fixture.js';

function watched(): { clock: VirtualClock; watch: FreezeWatch } {
  const clock = new VirtualClock();
  const watch = new FreezeWatch(clock);
  watch.expect(clock.now() + 500);
  return { clock, watch };
}

describe('FreezeWatch', () => {
  it('is content when it is asked in time, or a little late', () => {
    const { clock, watch } = watched();
    expect(watch.look(clock.now())).toBeUndefined();
    clock.stall(500 + FREEZE);
    expect(watch.look(clock.now())).toBeUndefined();
  });

  it('says how long the process was frozen when it is asked too late', () => {
    const { clock, watch } = watched();
    clock.stall(60_500);
    expect(watch.look(clock.now())).toBe(60_000);
  });

  it('tells of a freeze once, whoever asks', () => {
    const { clock, watch } = watched();
    clock.stall(60_500);
    watch.look(clock.now());
    clock.stall(100);
    expect(watch.look(clock.now())).toBeUndefined();
  });

  it('notices by the time of day that the clock stood still with the machine', () => {
    const { clock, watch } = watched();
    clock.suspend(3_600_000);
    expect(watch.look(clock.now())).toBe(0);
    expect(watch.look(clock.now())).toBeUndefined();
  });

  it('minds neither a small correction of the time of day nor one backwards', () => {
    const { clock, watch } = watched();
    clock.suspend(FREEZE);
    expect(watch.look(clock.now())).toBeUndefined();
    clock.suspend(-86_400_000);
    expect(watch.look(clock.now())).toBeUndefined();
  });

  it('does without a time of day', () => {
    const { now, setTimeout, clearTimeout } = new VirtualClock();
    let time = 0;
    const watch = new FreezeWatch({ now, setTimeout, clearTimeout });
    watch.expect(100);
    expect(watch.look((time += 100))).toBeUndefined();
    watch.expect(200);
    expect(watch.look((time += 5_000))).toBe(4_900);
  });

  it('has nothing to say while it is told of no next time', () => {
    const { clock, watch } = watched();
    watch.expect(Infinity);
    clock.stall(60_000);
    expect(clock.now() > watch.alarm).toBe(false);
    expect(watch.look(clock.now())).toBeUndefined();
  });
});
