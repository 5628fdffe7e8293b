import type { Clock } from '../time/clock.js';
import type { DeadlineWheel } from '../time/deadline-wheel.js';

/** What a pool does not decide by itself: its clock, its one timer for all deadlines, and chance. */
export interface PoolTime {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}
