import type { Clock } from '../time/clock.js';
import type { DeadlineWheel } from '../time/deadline-wheel.js';

/** A pool's clock and its one timer for all deadlines. */
export interface PoolTime {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
}
