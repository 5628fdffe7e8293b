import { StartTimeoutError } from '../errors/start-timeout-error.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import type { TypeLife } from './type-life.js';

/** Milliseconds from one try of what failed to the next. */
const PAUSE = 1_000;

/** Hears that a start has ended, one way or the other. */
export interface StartListener {
  hasStarted(life: TypeLife): void;
  hasNotStarted(life: TypeLife, cause: unknown): void;
  /** It was tried again whether a type that had failed can make something. */
  wasTried(life: TypeLife): void;
}

/** What goes on for one type. */
interface Effort {
  /** Limits its start, or waits for the next try. */
  timer: ClockTimer | undefined;
  /** Whether its parts are at it. */
  trying: boolean;
}

/** Starts types, within the time that each of them has, and tries again what has failed. When to begin is for others to say. */
export class TypeStarts {
  private readonly efforts = new WeakMap<TypeLife, Effort>();

  constructor(
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
    private readonly listener: StartListener,
  ) {}

  /** Starts it, for as long as it may take. What takes longer goes on, and succeeds late. */
  begin(life: TypeLife): void {
    const effort = this.effortOf(life);
    const { startTimeout } = life;
    this.attempt(life, effort);
    if (startTimeout === Infinity) return;
    effort.timer = this.clock.setTimeout(() => this.expire(life, startTimeout, false), startTimeout);
  }

  /** Its time is up. @param whole whether that of the whole start is */
  expire(life: TypeLife, timeout: number, whole: boolean): void {
    this.stopTimer(life);
    this.listener.hasNotStarted(life, new StartTimeoutError(life.type, timeout, whole));
  }

  /** Tries again after a while, unless that is under way. */
  retryLater(life: TypeLife): void {
    const effort = this.effortOf(life);
    if (effort.timer !== undefined || effort.trying) return;
    effort.timer = this.clock.setTimeout(() => {
      effort.timer = undefined;
      this.retry(life);
    }, PAUSE);
    effort.timer.unref();
  }

  /** Tries again now, unless that is under way. */
  retry(life: TypeLife): void {
    const effort = this.effortOf(life);
    if (effort.trying || life.stopping !== undefined) return;
    this.stopTimer(life);
    if (!life.started) return this.attempt(life, effort);
    effort.trying = true;
    void this.ground.run(async () => {
      await life.tryAgain();
      effort.trying = false;
      this.listener.wasTried(life);
    });
  }

  /** Nothing is tried any more. */
  stop(life: TypeLife): void {
    this.stopTimer(life);
  }

  private attempt(life: TypeLife, effort: Effort): void {
    effort.trying = true;
    const over = (tell: () => void): void => {
      effort.trying = false;
      this.stopTimer(life);
      if (life.stopping === undefined) tell();
    };
    this.ground.run(() => {
      life.start().then(
        () => over(() => this.listener.hasStarted(life)),
        (cause: unknown) => over(() => this.listener.hasNotStarted(life, cause)),
      );
    });
  }

  private stopTimer(life: TypeLife): void {
    const effort = this.effortOf(life);
    if (effort.timer !== undefined) this.clock.clearTimeout(effort.timer);
    effort.timer = undefined;
  }

  private effortOf(life: TypeLife): Effort {
    let effort = this.efforts.get(life);
    if (effort === undefined) this.efforts.set(life, (effort = { timer: undefined, trying: false }));
    return effort;
  }
}
