import type { Clock } from './clock.js';

/** Lateness, in milliseconds, that means frozen and not only busy. */
export const FREEZE = 1_000;

/**
 * Notices that the process was frozen: stopped by a signal, a container or a debugger, suspended with its machine, or
 * blocked for long. It exists because what happened meanwhile, nobody saw: resources died, and times passed
 * in which nothing could be used.
 *
 * It is told when it will be asked next, and finds out by being asked too late (as HikariCP's housekeeper
 * does); or, where the clock does not count the time of a suspended machine, by the time of day.
 */
export class FreezeWatch {
  /** A moment after which the process must have been frozen, in milliseconds of the clock. Cheap to compare with. */
  alarm = Infinity;
  private due = Infinity;
  private lead: number;

  constructor(private readonly clock: Clock) {
    this.lead = this.wallLead(clock.now());
  }

  /** @param due when {@link look} will be called, in milliseconds of the clock; `Infinity` for nobody knows */
  expect(due: number): void {
    this.due = due;
    this.alarm = due + FREEZE;
  }

  /**
   * @returns `undefined` when all is well. Or else the milliseconds that the clock counted while the process was frozen:
   * 0 when the clock was frozen too
   */
  look(now: number): number | undefined {
    const lead = this.wallLead(now);
    const suspended = lead - this.lead > FREEZE;
    const stalled = now > this.alarm ? now - this.due : 0;
    this.lead = lead;
    this.expect(stalled > 0 ? now : this.due);
    return stalled > 0 || suspended ? stalled : undefined;
  }

  /** By how much the time of day is ahead of the clock. */
  private wallLead(now: number): number {
    return this.clock.timeOfDay === undefined ? 0 : this.clock.timeOfDay() - now;
  }
}
