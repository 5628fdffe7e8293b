import type { Timekeeping } from '../time/timekeeping.js';

/** What a pool does not decide by itself: time and chance. */
export interface PoolTime extends Timekeeping {
  /** A number from 0 to below 1. */
  readonly random: () => number;
}
