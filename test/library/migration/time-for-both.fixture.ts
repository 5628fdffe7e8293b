import { jest } from '@jest/globals';
import { VirtualClock } from '../../../libs/resources/src/time/virtual-clock.fixture.js';

/** The time of a peer's pool, whose timers are faked, and that of ours, which has a clock of its own. */
export class TimeForBoth {
  clock = new VirtualClock();

  /** Before each test. */
  begin(): void {
    this.clock = new VirtualClock();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  }

  /** @param ms milliseconds */
  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
    await this.clock.advance(ms);
  }

  /** After each test. */
  end(): void {
    jest.useRealTimers();
  }
}
