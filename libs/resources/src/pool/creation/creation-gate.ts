import {
  type BreakerLimits,
  type BreakerState,
  CreationBreaker,
} from '../../policies/creation/creation-breaker.js';
import type { Clock, ClockTimer } from '../../time/clock.js';

/** What the pool hears of its breaker. */
export interface BreakerListener {
  /** @param cooldown milliseconds until a probe */
  breakerOpened(cause: unknown, cooldown: number): void;
  breakerClosed(): void;
  /** The cooldown is over: a probe may begin, or another one. */
  makeUp(): void;
}

/** Stands before every creation: asks the breaker, tells it what became of it, and wakes the pool when its cooldown is over. */
export class CreationGate {
  private readonly breaker: CreationBreaker;
  private timer: ClockTimer | undefined;

  constructor(
    limits: BreakerLimits,
    private readonly clock: Clock,
    private readonly listener: BreakerListener,
  ) {
    this.breaker = new CreationBreaker(limits);
  }

  get state(): BreakerState {
    return this.breaker.state(this.clock.now());
  }

  /** Whether creation goes on as usual: none is a probe. */
  get closed(): boolean {
    return this.breaker.closed;
  }

  /** Whether a creation may begin now. */
  get permits(): boolean {
    return this.breaker.closed || this.breaker.permits(this.clock.now());
  }

  /** Milliseconds until it permits a probe; `undefined` when that is not what it waits for. */
  get suspendedFor(): number | undefined {
    return this.breaker.closed ? undefined : this.breaker.remaining(this.clock.now());
  }

  reconfigure(limits: BreakerLimits): void {
    this.breaker.reconfigure(limits);
    if (this.breaker.closed) this.stop();
  }

  /** What failed so far says nothing about what comes: there is a new factory. */
  reset(): void {
    this.breaker.reset();
    this.stop();
  }

  /** @returns to be given back with the failure */
  begin(): number {
    const begun = this.breaker.begin(this.clock.now());
    if (!this.breaker.closed) this.waitUntilCooledDown();
    return begun;
  }

  succeeded(): void {
    if (!this.breaker.succeeded()) return;
    this.stop();
    this.listener.breakerClosed();
  }

  /** A creation came to nothing, and that says nothing of the next one. */
  answered(begun: number): void {
    this.breaker.learntNothing(begun);
  }

  failed(begun: number, cause: unknown): void {
    const now = this.clock.now();
    if (!this.breaker.failed(begun, now)) return;
    this.waitUntilCooledDown();
    this.listener.breakerOpened(cause, this.breaker.remaining(now));
  }

  /** Its timer must not outlive the pool. */
  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Node's timers may be a little early by the clock that the breaker reads. */
  private waitUntilCooledDown(): void {
    this.stop();
    this.timer = this.clock.setTimeout(() => {
      this.timer = undefined;
      if (this.breaker.remaining(this.clock.now()) > 0) this.waitUntilCooledDown();
      else this.listener.makeUp();
    }, this.breaker.remaining(this.clock.now()));
    this.timer.unref();
  }
}
