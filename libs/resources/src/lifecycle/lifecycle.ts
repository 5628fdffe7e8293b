import type { LifecycleEvent, Phase } from '../reports/phase.js';
import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { tell } from '../words/warn-of.js';
import { PhaseMachine, type PhaseListener } from './phase-machine.js';

/**
 * The life of a coordinator, and where all lives, its own and those of its types, are told of. It only keeps and announces the phase;
 * whoever enters one acts.
 */
export class Lifecycle {
  /** Whether it drains or is stopped: asked at every loan. */
  draining = false;
  private readonly listeners = new Set<PhaseListener>();
  private readonly types = new Set<PhaseMachine>();
  private readonly own: PhaseMachine;
  /** Entered, and not told to everybody yet. */
  private readonly untold: LifecycleEvent[] = [];

  /** @param ground where listeners hear */
  constructor(
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
  ) {
    this.own = new PhaseMachine(undefined, clock, this.announce);
  }

  get phase(): Phase {
    return this.own.phase;
  }

  /** @param cause why it is `degraded` or `failed` @throws IllegalTransitionError */
  enter(phase: Phase, cause?: unknown): void {
    if (phase === 'draining' && this.own.may(phase)) this.draining = true;
    this.own.enter(phase, cause);
  }

  /** Begins the life of a type. */
  begin(type: string): PhaseMachine {
    const machine = new PhaseMachine(type, this.clock, this.announce);
    this.types.add(machine);
    return machine;
  }

  /** Of a type that is stopped: nothing is told of it any more. */
  forget(machine: PhaseMachine): void {
    this.types.delete(machine);
  }

  /**
   * Tells how the present phases were entered at once, the coordinator's first, then each phase as it is entered; the coordinator's
   * `stopped` is the last.
   *
   * @returns a function that stops listening
   */
  follow(listener: PhaseListener): () => void {
    const entry: PhaseListener = (event) => tell(() => listener({ ...event }));
    this.listeners.add(entry);
    this.ground.run(() => {
      for (const { last } of [this.own, ...this.types]) entry(last);
    });
    return () => void this.listeners.delete(entry);
  }

  /** A listener may cause the next one: each hears them in their order. */
  private readonly announce: PhaseListener = (event) => {
    const { untold, listeners } = this;
    if (listeners.size === 0 || untold.push(event) > 1) return;
    this.ground.run(() => {
      for (let next = untold.at(0); next !== undefined; next = untold.at(0)) {
        for (const listener of listeners) listener(next);
        untold.shift();
      }
    });
  };
}
