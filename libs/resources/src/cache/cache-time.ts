import { type Clock } from '../time/clock.js';
import { DeadlineWheel } from '../time/deadline-wheel.js';
import { clockOn } from '../time/ground-clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** A cache's clock, its one timer for all deadlines, and where what is nobody's runs. */
export interface CacheTime {
  /** On the ground. */
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly ground: NeutralGround;
}

export function cacheTime(clock: Clock, ground: NeutralGround): CacheTime {
  const onGround = clockOn(ground, clock);
  return { clock: onGround, wheel: new DeadlineWheel(onGround), ground };
}
