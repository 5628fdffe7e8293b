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
  /** Calls `callback` once, `delay` milliseconds from now. */
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

/** Node fires a timer with a longer delay at once. 24.8 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Node's monotonic clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, Math.min(delay, LONGEST_TIMER)),
  // Only timers made by this clock come back to it.
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  timeOfDay: () => Date.now(),
  // The module's own, which no test's fake timers hold back.
  afterTurn: (callback) => void setImmediate(callback),
};
