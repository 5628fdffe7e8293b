import { performance as nodesPerformance } from 'node:perf_hooks';
import { setTimeout as nodesSetTimeout } from 'node:timers';
import promises from 'node:timers/promises';

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
  private readonly performance = performanceOfNow();
  // Compared with what it is later, and called on its object.
  // oxlint-disable-next-line typescript/unbound-method
  private readonly reading = this.performance.now;
  private readonly begin = globalThis.setTimeout;
  private readonly end = globalThis.clearTimeout;
  /** Node's mocks are the same functions again when they are enabled again, but for this one. */
  private readonly promised = promises.setTimeout;
  /** Where the functions are others at each look: what makes them. */
  private readonly makers: readonly unknown[] | undefined;

  constructor() {
    const { performance } = this;
    if (performance.now !== this.reading || globalThis.setTimeout !== this.begin)
      this.makers = makersOf(performance);
    this.foreign = Object.hasOwn(performance, 'now') || !this.hasTimersOfNode();
    // Those of @sinonjs/fake-timers, which jest and vitest have too, count from their installation.
    this.beginning = Object.hasOwn(performance, 'clock') ? 0 : undefined;
  }

  /** Whether they are those of the process still. Cheap: asked with every reading. */
  get isCurrent(): boolean {
    const performance = performanceOfNow();
    const { foreign, makers } = this;
    if (foreign && promises.setTimeout !== this.promised) return false;
    if (performance.now === this.reading && globalThis.setTimeout === this.begin) return true;
    return makers !== undefined && makersOf(performance).every((maker, index) => maker === makers[index]);
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

  /**
   * A test's function may call back at once, so that nobody sleeps. That is no timer, and Node's stands in.
   *
   * @param delay milliseconds, at most {@link LONGEST_TIMER}
   */
  setTimeout(callback: () => void, delay: number): unknown {
    const { begin } = this; // called as the global function that it is
    let hasBegun = false;
    let wasAtOnce = false;
    const timer: unknown = begin(() => {
      if (hasBegun) callback();
      else wasAtOnce = true;
    }, delay);
    hasBegun = true;
    return wasAtOnce ? nodesSetTimeout(callback, delay) : timer;
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

/** A library that is compiled for browsers may have taken it from the globals. */
function performanceOfNow(): typeof nodesPerformance {
  return globalThis.performance ?? nodesPerformance;
}

function makersOf(performance: object): unknown[] {
  return [makerOf(performance, 'now'), makerOf(globalThis, 'setTimeout')];
}

/** The function itself, unless a getter makes it. */
function makerOf(holder: object, name: string): unknown {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const maker: unknown = own?.['get'];
  return maker ?? Reflect.get(holder, name);
}
