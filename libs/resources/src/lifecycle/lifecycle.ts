import { PHASES, type LifecycleEvent, type Phase } from '../reports/phase.js';

export type LifecycleListener = (event: LifecycleEvent) => void;

/** The phases of a coordinator's life. It only keeps and announces the phase; whoever enters one acts. */
export class Lifecycle {
  private readonly listeners = new Set<LifecycleListener>();
  /** Whether it drains or is closed: asked at every loan. */
  draining = false;
  private last: LifecycleEvent = { phase: 'starting', at: new Date() };

  get phase(): Phase {
    return this.last.phase;
  }

  reached(phase: Phase): boolean {
    return PHASES.indexOf(this.phase) >= PHASES.indexOf(phase);
  }

  /** Does nothing when the phase was reached before. */
  enter(phase: Phase): void {
    if (this.reached(phase)) return;
    this.last = { phase, at: new Date() };
    this.draining = this.reached('draining');
    for (const listener of this.listeners) listener(this.last);
  }

  /** Tells the present phase at once, then each as it is entered; `closed` is the last. @returns a function that stops listening */
  follow(listener: LifecycleListener): () => void {
    this.listeners.add(listener);
    listener(this.last);
    return () => void this.listeners.delete(listener);
  }
}
