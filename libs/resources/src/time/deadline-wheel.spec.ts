import { beforeEach, describe, expect, it } from '@jest/globals';
import { Deadline, DeadlineWheel, WHEEL_RESOLUTION } from './deadline-wheel.js';
import { VirtualClock } from './virtual-clock.fixture.js';

class Alarm extends Deadline {
  expiredAt: number | undefined;

  constructor(
    private readonly clock: VirtualClock,
    private readonly also: () => void = () => {},
  ) {
    super();
  }

  override expire(): void {
    this.expiredAt = this.clock.now();
    this.also();
  }
}

describe('DeadlineWheel', () => {
  let clock: VirtualClock;
  let wheel: DeadlineWheel;

  beforeEach(() => {
    clock = new VirtualClock(12_345.678);
    wheel = new DeadlineWheel(clock);
  });

  function alarmIn(delay: number, also?: () => void): Alarm {
    const alarm = new Alarm(clock, also);
    wheel.add(alarm, clock.now() + delay);
    return alarm;
  }

  it.each([0, 0.2, 1, 7, 8, 9, 100, 2_039, 2_047, 2_048, 2_049, 5_000, 61_234])(
    'expires a deadline in %d ms never early and at most one resolution late',
    async (delay) => {
      const alarm = alarmIn(delay);
      await clock.advance(delay + WHEEL_RESOLUTION + 1);
      const late = (alarm.expiredAt ?? Infinity) - alarm.deadline;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(WHEEL_RESOLUTION);
      expect(wheel.size).toBe(0);
    },
  );

  it.each([1, 13, 500, 2_041.5, 61_234])('expires a deadline in %d ms on time', async (delay) => {
    for (const earlier of [0.1, 0.4, 0.5, 1]) wheel.cancel(alarmIn(delay * earlier));
    const alarm = alarmIn(delay);
    await clock.advance(delay);
    expect(alarm.expiredAt).toBe(alarm.deadline);
  });

  it('does not expire before the deadline even when its timer fires early', async () => {
    const early = new (class extends VirtualClock {
      override setTimeout(callback: () => void, delay: number) {
        return super.setTimeout(callback, delay - 0.9);
      }
    })(1_000);
    wheel = new DeadlineWheel(early);
    const alarm = new Alarm(early);
    wheel.add(alarm, 1_096);
    await early.advance(95.5);
    expect(alarm.expiredAt).toBeUndefined();
    await early.advance(2);
    expect(alarm.expiredAt).toBeGreaterThanOrEqual(1_096);
  });

  it('expires a deadline that has passed already at the next tick', async () => {
    const alarm = alarmIn(-500);
    expect(alarm.expiredAt).toBeUndefined();
    await clock.advance(WHEEL_RESOLUTION);
    expect(alarm.expiredAt).toBeDefined();
  });

  it('keeps deadlines of hours across many rounds, in order', async () => {
    const hours = [3, 1, 2].map((n) => alarmIn(n * 3_600_000));
    await clock.advance(3_600_000 - 1);
    expect(wheel.size).toBe(3);
    await clock.advance(2 * 3_600_000 + WHEEL_RESOLUTION + 1);
    const late = hours.map((alarm) => (alarm.expiredAt ?? Infinity) - alarm.deadline);
    for (const ms of late) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(WHEEL_RESOLUTION);
    }
  });

  it('expires all that fell due while the process was frozen for longer than a round', async () => {
    const alarms = [10, 1_000, 2_100, 9_999].map((delay) => alarmIn(delay));
    clock.stall(60_000);
    await clock.advance(0);
    expect(alarms.every(({ expiredAt }) => expiredAt !== undefined)).toBe(true);
    expect(wheel.size).toBe(0);
  });

  it('never expires what was cancelled, and forgets it at once', async () => {
    const alarms = Array.from({ length: 1_000 }, (_, i) => alarmIn(50 + (i % 3)));
    for (const alarm of alarms) wheel.cancel(alarm);
    expect(wheel.size).toBe(0);
    await clock.advance(1_000);
    expect(alarms.some(({ expiredAt }) => expiredAt !== undefined)).toBe(false);
  });

  it('ignores a second cancel and the cancel of an expired or unknown entry', async () => {
    const alarm = alarmIn(10);
    const other = alarmIn(10);
    wheel.cancel(alarm);
    wheel.cancel(alarm);
    wheel.cancel(new Alarm(clock));
    expect(wheel.size).toBe(1);
    await clock.advance(20);
    wheel.cancel(other);
    expect(wheel.size).toBe(0);
  });

  it('does not expire an entry that an earlier expiry has cancelled', async () => {
    const victim = new Alarm(clock);
    alarmIn(100, () => wheel.cancel(victim));
    wheel.add(victim, clock.now() + 100);
    await clock.advance(200);
    expect(victim.expiredAt).toBeUndefined();
    expect(wheel.size).toBe(0);
  });

  it('expires in time what remains when an expiry adds a later deadline', async () => {
    const remaining = new Alarm(clock);
    alarmIn(100, () => alarmIn(1_500));
    wheel.add(remaining, clock.now() + 300);
    await clock.advance(300 + WHEEL_RESOLUTION + 1);
    expect(remaining.expiredAt).toBeDefined();
  });

  it('expires in time an earlier deadline that an expiry adds', async () => {
    let added: Alarm | undefined;
    alarmIn(100, () => (added = alarmIn(16)));
    alarmIn(5_000);
    await clock.advance(100 + 16 + 2 * WHEEL_RESOLUTION);
    expect(added?.expiredAt).toBeDefined();
  });

  it('costs nothing for a deadline of Infinity', async () => {
    const alarm = alarmIn(Infinity);
    expect(wheel.size).toBe(0);
    expect(clock.running).toBe(0);
    wheel.cancel(alarm);
    await clock.advance(10_000);
    expect(alarm.expiredAt).toBeUndefined();
  });

  it('runs one timer for any number of deadlines, and none when none is left', async () => {
    for (let i = 1; i <= 500; i++) alarmIn((i * 37) % 4_000);
    expect(clock.running).toBe(1);
    await clock.advance(2_000);
    expect(clock.running).toBe(1);
    await clock.advance(2_100);
    expect(clock.running).toBe(0);
  });

  it('holds the process only while something waits', () => {
    const first = alarmIn(60_000);
    expect(clock.holding).toBe(1);
    wheel.cancel(first);
    expect(clock.holding).toBe(0);
    const second = alarmIn(90_000);
    expect(clock.running).toBe(1);
    expect(clock.holding).toBe(1);
    wheel.cancel(second);
    expect(clock.holding).toBe(0);
  });

  it('expires everything at once when it is closed, and can be used again', async () => {
    const alarms = [10, 10_000].map((delay) => alarmIn(delay));
    wheel.close();
    expect(alarms.map(({ expiredAt }) => expiredAt)).toEqual([clock.now(), clock.now()]);
    expect(wheel.size).toBe(0);
    expect(clock.running).toBe(0);
    const late = alarmIn(10);
    await clock.advance(20);
    expect(late.expiredAt).toBeDefined();
  });

  it('closes without a timer', () => {
    wheel.close();
    expect(clock.running).toBe(0);
  });

  describe('over a clock with turns', () => {
    beforeEach(() => {
      clock = new VirtualClock(12_345.678, { hasTurns: true });
      wheel = new DeadlineWheel(clock);
    });

    function begin(span: number): Alarm {
      const alarm = new Alarm(clock);
      wheel.begin(alarm, span);
      return alarm;
    }

    it('counts the time of an entry from the end of the turn in which it began, never early', async () => {
      const began = clock.now();
      const alarm = begin(100);
      clock.stall(60);
      clock.endTurn();
      await clock.advance(99);
      expect(alarm.expiredAt).toBeUndefined();
      await clock.advance(WHEEL_RESOLUTION + 2);
      expect(alarm.expiredAt).toBeGreaterThanOrEqual(began + 160);
    });

    it('reads the time once for all that began in a turn', () => {
      clock.reads = 0;
      for (let i = 0; i < 10; i++) begin(Infinity);
      for (let i = 0; i < 10; i++) begin(1_000);
      expect([clock.reads, wheel.size]).toEqual([0, 10]);
      clock.endTurn();
      expect(clock.reads).toBeLessThanOrEqual(2); // one for them, one to set the timer
      expect(wheel.size).toBe(10);
    });

    it('forgets an entry that is cancelled within its turn', async () => {
      clock.reads = 0;
      const alarm = begin(100);
      wheel.cancel(alarm);
      clock.endTurn();
      expect([clock.reads, clock.running, wheel.size]).toEqual([0, 0, 0]);
      await clock.advance(1_000);
      expect(alarm.expiredAt).toBeUndefined();
    });

    it('expires what began in the turn in which it is closed', () => {
      const alarm = begin(100);
      wheel.close();
      expect(alarm.expiredAt).toBe(clock.now());
      clock.endTurn();
      expect(clock.running).toBe(0);
    });
  });
});
