import type { Clock, ClockTimer } from './clock.js';

interface VirtualTimer extends ClockTimer {
  readonly at: number;
  readonly callback: () => void;
  held: boolean;
}

/** Resolves when every promise callback that can run has run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves when it is told to. As Node's, its timers wait at least a millisecond. */
export class VirtualClock implements Clock {
  private time: number;
  private readonly timers = new Set<VirtualTimer>();
  /** Calls of `now()`, a count. */
  reads = 0;
  private suspended = 0;
  /** Given, turns of the event loop end when {@link endTurn} says so. */
  readonly afterTurn: Clock['afterTurn'];
  private readonly turnEnders: (() => void)[] = [];

  /** @param start milliseconds */
  constructor(start = 1_000_000, { hasTurns = false } = {}) {
    this.time = start;
    if (hasTurns) this.afterTurn = (callback) => void this.turnEnders.push(callback);
  }

  endTurn(): void {
    for (const callback of this.turnEnders.splice(0)) callback();
  }

  /** Timers that have not run, a count. */
  get running(): number {
    return this.timers.size;
  }

  /** Timers that keep the process alive, a count. */
  get holding(): number {
    return [...this.timers].filter(({ held }) => held).length;
  }

  now(): number {
    this.reads++;
    return this.time;
  }

  setTimeout(callback: () => void, delay: number): ClockTimer {
    const timer: VirtualTimer = {
      at: this.time + Math.max(1, delay),
      callback,
      held: true,
      ref: () => void (timer.held = true),
      unref: () => void (timer.held = false),
    };
    if (delay !== Infinity) this.timers.add(timer);
    return timer;
  }

  /** @returns whether it had not run yet */
  clearTimeout(timer: ClockTimer): boolean {
    return this.timers.delete(timer as VirtualTimer);
  }

  /** Lets time pass: runs the timers that fall due, one by one, and all that each of them causes. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let timer = this.next(end); timer !== undefined; timer = this.next(end)) {
      this.timers.delete(timer);
      this.time = Math.max(this.time, timer.at);
      timer.callback();
      await settle();
    }
    this.time = end;
  }

  /** Lets time pass without running anything, as when the process was busy or frozen. */
  stall(ms: number): void {
    this.time += ms;
  }

  /** Lets the time of day pass without the clock's noticing, as when the machine was suspended. */
  suspend(ms: number): void {
    this.suspended += ms;
  }

  timeOfDay(): number {
    return this.time + this.suspended;
  }

  private next(end: number): VirtualTimer | undefined {
    let first: VirtualTimer | undefined;
    for (const timer of this.timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}
