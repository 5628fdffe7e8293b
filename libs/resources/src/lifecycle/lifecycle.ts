import { Observable, ReplaySubject } from 'rxjs';
import { PHASES, type LifecycleEvent, type Phase } from './phase.js';

/** The phases of a coordinator's life. It only keeps and announces the phase; who enters one acts. */
export class Lifecycle {
  private readonly events = new ReplaySubject<LifecycleEvent>(1);
  private current: Phase = 'starting';

  /** Each phase as it is entered; a new subscriber hears the present one first. Completes when closed. */
  readonly events$: Observable<LifecycleEvent> = this.events.asObservable();

  constructor() {
    this.announce('starting');
  }

  get phase(): Phase {
    return this.current;
  }

  reached(phase: Phase): boolean {
    return PHASES.indexOf(this.current) >= PHASES.indexOf(phase);
  }

  /** Does nothing when the phase was reached before. */
  enter(phase: Phase): void {
    if (this.reached(phase)) return;
    this.announce(phase);
    if (phase === 'closed') this.events.complete();
  }

  private announce(phase: Phase): void {
    this.current = phase;
    this.events.next({ phase, at: new Date() });
  }
}
