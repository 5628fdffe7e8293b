import type { Clock, ClockTimer } from './clock.js';
import type { NeutralGround } from './neutral-ground.js';

/**
 * A clock whose timers are started on neutral ground and call back there. Both are needed: a timer of Node keeps the
 * context in which it was started, and an injected or faked clock calls back in that of whoever moves it.
 *
 * The end of a turn is heard where it is told: a request that borrows pays for it, what is then done is bookkeeping that calls nobody
 * but this clock, and no context outlives the turn.
 */
class GroundClock implements Clock {
  readonly now: Clock['now'];
  readonly timeOfDay: Clock['timeOfDay'];
  readonly afterTurn: Clock['afterTurn'];

  constructor(
    private readonly clock: Clock,
    readonly ground: NeutralGround,
  ) {
    this.now = clock.now.bind(clock);
    this.timeOfDay = clock.timeOfDay?.bind(clock);
    this.afterTurn = clock.afterTurn?.bind(clock);
  }

  setTimeout(callback: () => void, delay: number): ClockTimer {
    const { clock, ground } = this;
    return ground.run(() => clock.setTimeout(() => ground.run(callback), delay));
  }

  clearTimeout(timer: ClockTimer): void {
    this.clock.clearTimeout(timer);
  }
}

/** @returns the clock itself when it is on that ground already */
export function clockOn(ground: NeutralGround, clock: Clock): Clock {
  return clock instanceof GroundClock && clock.ground === ground ? clock : new GroundClock(clock, ground);
}
