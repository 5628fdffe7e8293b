import { type Clock } from '../time/clock.js';
import { DeadlineWheel } from '../time/deadline-wheel.js';
import { clockOn } from '../time/ground-clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';

/** What a pool does not decide by itself: its clock, its one timer for all deadlines, chance, and where what is nobody's runs. */
export interface PoolTime {
  /** On the ground. */
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  readonly ground: NeutralGround;
}

export function poolTime(clock: Clock, ground: NeutralGround, random: () => number): PoolTime {
  const onGround = clockOn(ground, clock);
  return { clock: onGround, wheel: new DeadlineWheel(onGround), random, ground };
}
