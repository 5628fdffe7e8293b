import { setImmediate } from 'node:timers';

/** A running timer of a {@link Clock}. */
export interface ClockTimer {
  /** Keeps the process alive while the timer is running, as a new one does. */
  ref(): void;
  /** Lets the process end although the timer is running. */
  unref(): void;
}

/**
 * Where a pool gets its time from. Injected, so that tests run hours in a moment and every
 * interleaving can be replayed.
 */
export interface Clock {
  /** Milliseconds since some fixed moment, never going backwards. */
  now(): number;
  /** Calls `callback` once, `delay` milliseconds from now, however far that is; never, when it is `Infinity`. */
  setTimeout(callback: () => void, delay: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
  /**
   * Milliseconds since 1970. Optional: with it a pool notices that its machine was suspended although
   * {@link now} did not count that time.
   */
  timeOfDay?(): number;
  /**
   * Calls `callback` once, when the event loop has finished its present turn. Optional: with it a pool reads
   * the time once a turn where that is enough; without it, each time.
   */
  afterTurn?(callback: () => void): void;
}

/** Node fires a timer with a longer delay at once, and warns. 24.8 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for longer than one of Node's timers can: as many of them as it takes, one after the other. */
class LongTimer implements ClockTimer {
  private timer: NodeJS.Timeout;
  private held = true;

  /** @param delay milliseconds, finite */
  constructor(
    private readonly callback: () => void,
    delay: number,
  ) {
    this.timer = this.start(delay);
  }

  ref(): void {
    this.held = true;
    this.timer.ref();
  }

  unref(): void {
    this.held = false;
    this.timer.unref();
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  private start(delay: number): NodeJS.Timeout {
    const timer =
      delay <= LONGEST_TIMER
        ? setTimeout(this.callback, delay)
        : setTimeout(() => (this.timer = this.start(delay - LONGEST_TIMER)), LONGEST_TIMER);
    return this.held ? timer : timer.unref();
  }
}

/** A timer that never fires. It costs nothing, and holds no process. */
const NEVER: ClockTimer = { ref: () => undefined, unref: () => undefined };

/** Node's monotonic clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, delay) {
    if (delay <= LONGEST_TIMER) return setTimeout(callback, delay);
    return delay === Infinity ? NEVER : new LongTimer(callback, delay);
  },
  clearTimeout(timer) {
    if (timer instanceof LongTimer) timer.clear();
    else if (timer !== NEVER) clearTimeout(timer as NodeJS.Timeout); // only timers made by this clock come back to it
  },
  timeOfDay: () => Date.now(),
  // The module's own, which no test's fake timers hold back.
  afterTurn: (callback) => void setImmediate(callback),
};
