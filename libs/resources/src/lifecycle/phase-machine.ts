import { IllegalTransitionError } from '../errors/illegal-transition-error.js';
import type { LifecycleEvent, Phase } from '../reports/phase.js';
import type { Clock } from '../time/clock.js';
import { forgetFrames } from '../words/forget-frames.js';

/** Which phases may follow each. Every life ends in `stopped`; what never started, and what failed, is stopped like the others. */
export const TRANSITIONS: Readonly<Record<Phase, readonly Phase[]>> = {
  registered: ['starting', 'degraded', 'failed', 'draining'],
  starting: ['ready', 'degraded', 'failed', 'draining'],
  ready: ['degraded', 'draining'],
  degraded: ['ready', 'draining'],
  draining: ['stopped'],
  failed: ['draining'],
  stopped: [],
};

/** Hears of each phase as it is entered. */
export type PhaseListener = (event: LifecycleEvent) => void;

/** The one state machine of all lives: the coordinator's, and each type's. It keeps and tells the phase; whoever enters one acts. */
export class PhaseMachine {
  /** How it came into its present phase. */
  last: LifecycleEvent;
  private since: number;

  /** @param type the resource type; undefined of the coordinator itself */
  constructor(
    private readonly type: string | undefined,
    private readonly clock: Clock,
    private readonly listener: PhaseListener,
  ) {
    this.since = clock.now();
    this.last = this.event('registered', undefined, 0, undefined);
    listener(this.last);
  }

  get phase(): Phase {
    return this.last.phase;
  }

  /** Whether a phase may follow now. */
  may(phase: Phase): boolean {
    return TRANSITIONS[this.phase].includes(phase);
  }

  /** @param cause why it is `degraded` or `failed` @throws IllegalTransitionError */
  enter(phase: Phase, cause?: unknown): void {
    if (!this.may(phase)) throw new IllegalTransitionError(this.phase, phase, this.type);
    const now = this.clock.now();
    forgetFrames(cause);
    this.last = this.event(phase, this.phase, now - this.since, cause);
    this.since = now;
    this.listener(this.last);
  }

  private event(phase: Phase, from: Phase | undefined, duration: number, cause: unknown): LifecycleEvent {
    const event: LifecycleEvent = { phase, from, at: new Date(), duration };
    if (this.type !== undefined) event.type = this.type;
    if (cause !== undefined) event.cause = cause;
    return event;
  }
}
