import type { Clock } from './clock.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { clockOn } from './ground-clock.js';
import type { NeutralGround } from './neutral-ground.js';

/** The clock of a pool or cache, its one timer for all deadlines, and where what is nobody's runs. */
export interface Timekeeping {
  /** On the ground. */
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly ground: NeutralGround;
}

export function timekeeping(clock: Clock, ground: NeutralGround): Timekeeping {
  const onGround = clockOn(ground, clock);
  return { clock: onGround, wheel: new DeadlineWheel(onGround), ground };
}
