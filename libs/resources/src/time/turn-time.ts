import type { Clock } from './clock.js';

/** Readings within this many milliseconds of each other share one. */
const CLOSE = 0.2;

/**
 * The time as of the present turn of the event loop: what is asked for often and need not be exact.
 *
 * Reading Node's clock costs as much as half a loan. Where readings follow each other closely, the first of
 * a turn serves the whole turn; a reading is then too early by the time that the turn has run, never
 * too late. Deadlines are not made of it.
 */
export class TurnTime {
  private at = -Infinity;
  private holds = false;

  constructor(private readonly clock: Clock) {}

  /** Milliseconds of the clock. */
  now(): number {
    return this.holds ? this.at : this.read();
  }

  private read(): number {
    const now = this.clock.now();
    if (now - this.at < CLOSE && this.clock.afterTurn !== undefined) {
      this.holds = true;
      this.clock.afterTurn(this.turnIsOver);
    }
    this.at = now;
    return now;
  }

  private readonly turnIsOver = (): void => {
    this.holds = false;
  };
}
