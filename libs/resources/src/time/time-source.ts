/** Node fires a timer with a longer delay at once, and warns. 24.8 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** More than rounding can add to a moment or take from it. Milliseconds. */
export const ROUNDING = 1e-3;

/**
 * The process's functions of time as they are now: Node's own, or those that a test has put in their place. Whoever keeps one can tell
 * that there are others by now, read how far it has come, and stop the timers that it has started.
 */
export class TimeSource {
  /** Whether a test has replaced any of them: then time passes when the test says so, and perhaps for timers only. */
  readonly foreign: boolean;
  /** What the reading was when this source began, if that is known. */
  readonly beginning: number | undefined;
  private readonly performance = globalThis.performance;
  // Compared with what it is later, and called on its object.
  // oxlint-disable-next-line typescript/unbound-method
  private readonly reading = globalThis.performance.now;
  private readonly begin = globalThis.setTimeout;
  private readonly end = globalThis.clearTimeout;

  constructor() {
    const { performance } = this;
    this.foreign = Object.hasOwn(performance, 'now') || !this.hasTimersOfNode();
    // Those of @sinonjs/fake-timers, which jest and vitest have too, count from their installation.
    this.beginning = Object.hasOwn(performance, 'clock') ? 0 : undefined;
  }

  /** Whether they are those of the process still. Cheap: asked with every reading. */
  get isCurrent(): boolean {
    return globalThis.performance.now === this.reading && globalThis.setTimeout === this.begin;
  }

  /** Milliseconds since some moment. Of a test's, whatever it returns. */
  read(): number {
    return Reflect.apply(this.reading, this.performance, []);
  }

  /** Whether the other tells the same time, whatever its timers do. */
  reads(other: TimeSource): boolean {
    return this.reading === other.reading;
  }

  /** A test's timers cut off what is less than a millisecond, and it counts to the millisecond when it moves them. */
  delayFor(milliseconds: number): number {
    return this.foreign ? Math.ceil(milliseconds - ROUNDING) : milliseconds;
  }

  /** @param delay milliseconds, at most {@link LONGEST_TIMER} */
  setTimeout(callback: () => void, delay: number): unknown {
    const { begin } = this; // called as the global function that it is
    return begin(callback, delay);
  }

  clearTimeout(timer: unknown): void {
    const { end } = this;
    end(timer as NodeJS.Timeout); // of this source
  }

  private hasTimersOfNode(): boolean {
    const timer = this.setTimeout(() => undefined, LONGEST_TIMER);
    this.clearTimeout(timer);
    return typeof timer === 'object' && timer !== null && '_idleTimeout' in timer;
  }
}
