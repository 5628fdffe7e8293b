import { DRAIN_STEPS, type DrainStep } from '../reports/drain-report.js';
import type { Clock } from '../time/clock.js';

/** Tells how long each step of a shutdown took. Steps don't overlap: one that begins ends the one before it. */
export class DrainClock {
  private readonly spent: Record<DrainStep, number> = zeroes();
  private current: { readonly step: DrainStep; readonly since: number } | undefined;

  constructor(private readonly clock: Clock) {}

  /** Milliseconds by step; 0 for one that was not made. */
  get durations(): Readonly<Record<DrainStep, number>> {
    const durations = { ...this.spent };
    if (this.current !== undefined) durations[this.current.step] += this.clock.now() - this.current.since;
    return durations;
  }

  /** Does nothing when this step is being made. */
  begin(step: DrainStep): void {
    if (this.current?.step === step) return;
    this.end();
    this.current = { step, since: this.clock.now() };
  }

  /** @param step ends only if it is this one; default: whatever it is */
  end(step: DrainStep | undefined = this.current?.step): void {
    if (this.current === undefined || this.current.step !== step) return;
    this.spent[step] += this.clock.now() - this.current.since;
    this.current = undefined;
  }
}

function zeroes(): Record<DrainStep, number> {
  return Object.fromEntries(DRAIN_STEPS.map((step) => [step, 0])) as Record<DrainStep, number>; // of all steps
}
