import type { Clock } from '../time/clock.js';
import type { DeadlineWheel } from '../time/deadline-wheel.js';

/** A cache's clock and its one timer for all deadlines. */
export interface CacheTime {
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
}
