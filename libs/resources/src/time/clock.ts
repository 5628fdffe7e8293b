import { afterTurn } from './after-turn.js';
import { NeutralGround } from './neutral-ground.js';
import { realTime } from './real-time.js';
import { SystemTimer, type TimerHost, type TimerStart } from './system-timer.js';
import { ROUNDING, TimeSource } from './time-source.js';

/** A running timer of a {@link Clock}. */
export interface ClockTimer {
  /** Keeps the process alive while the timer is running, as a new one does. */
  ref(): void;
  /** Lets the process end although the timer is running. */
  unref(): void;
}

/**
 * Where a pool gets its time from. Injected, so that tests run hours in a moment and every
 * interleaving can be replayed.
 */
export interface Clock {
  /** Milliseconds since some fixed moment, never going backwards. */
  now(): number;
  /** Calls `callback` once, `delay` milliseconds from now, however far that is; never, when it is `Infinity`. */
  setTimeout(callback: () => void, delay: number): ClockTimer;
  clearTimeout(timer: ClockTimer): void;
  /**
   * Milliseconds since 1970. Optional: with it a pool notices that its machine was suspended although
   * {@link now} did not count that time.
   */
  timeOfDay?(): number;
  /**
   * Calls `callback` once, when the event loop has finished its present turn. Optional: with it a pool reads
   * the time once a turn where that is enough; without it, each time.
   */
  afterTurn?(callback: () => void): void;
}

/** Milliseconds of real time from one look at a test's source to the next, at least. */
const LOOK = 20;

/** And at most. */
const LONGEST_LOOK = 250;

/** A source that has stayed for so many times that long is looked at that seldom: some wrap the process's functions for good. */
const PATIENCE = 50;

/** For how many milliseconds the process is held by who waits with a test's timers: those hold none, and may never be moved. */
const HOLD = 1_000;

/** A timer may be early by less than this many milliseconds without anybody having moved the time: Node's are, and whatever wraps them. */
const EARLY = 1;

/** A timer that never fires. It costs nothing, and holds no process. */
const NEVER: ClockTimer = { ref: () => undefined, unref: () => undefined };

/** With its name: a function that is bound, or a proxy, has none. */
const NATIVE = /^function now\(\) \{ \[native code\] \}$/;

/**
 * Node's monotonic clock and timers, or those that a test has put in their place, whenever it does. They are looked up at each call, here
 * and nowhere else.
 *
 * Its time goes on where another source takes over, so that no duration is negative or leaps; what waits goes on with the timers of the
 * new one. While time is a test's, a timer that fires has come to its time, although the reading may stand still: not every test fakes both.
 */
class SystemClock implements Clock, TimerHost {
  source = new TimeSource();
  /** What is added to the source's reading. */
  private offset = 0;
  /** The last time that was told of a test's source. */
  private last = -Infinity;
  private readonly timers = new Set<SystemTimer>();
  /** What waits for the end of this turn. */
  private turnEnders: (() => void)[] = [];
  private looking = false;
  /** For how many milliseconds this source has been looked at. */
  private looked = 0;
  /** And for how many since something began to wait. */
  private held = 0;
  /** Whoever notices that another source has taken over is not whom the timers are for. */
  private readonly ground = new NeutralGround();
  /** By how much the time of day is ahead, changed only by what Node's own clocks tell. */
  private lead: number | undefined;
  private seenLead: number | undefined;

  now(): number {
    if (!this.source.isCurrent) this.follow();
    const now = this.source.read() + this.offset;
    return this.source.foreign ? this.advance(now) : now;
  }

  setTimeout(callback: () => void, delay: number): ClockTimer {
    if (delay === Infinity) return NEVER;
    const now = this.now();
    const timer = new SystemTimer(this, callback, now + delay);
    timer.start(now);
    return timer;
  }

  clearTimeout(timer: ClockTimer): void {
    if (!(timer instanceof SystemTimer)) return;
    this.timers.delete(timer);
    timer.stop();
  }

  timeOfDay(): number {
    const now = this.now();
    const lead = this.source.foreign || !isNative(Date.now) ? undefined : Date.now() - now;
    if (lead !== undefined) this.lead = (this.lead ?? lead) + (lead - (this.seenLead ?? lead));
    this.seenLead = lead;
    return now + (this.lead ?? 0);
  }

  /** A turn in which a test moves the time has no end that could be waited for. */
  afterTurn(callback: () => void): void {
    if (!this.source.isCurrent) this.follow();
    const { turnEnders } = this;
    if (this.source.foreign) callback();
    else if (turnEnders.at(-1) !== callback && turnEnders.push(callback) === 1) afterTurn(this.endTurn);
  }

  fired(timer: SystemTimer, { source, at, delay, reading }: TimerStart): number {
    this.timers.delete(timer);
    const now = this.now();
    const lacks = at + delay - now;
    if (lacks <= 0 || !(source.foreign || this.source.foreign)) return now;
    // It is only early, and to go on from there would add up where the process's functions are wrapped for good.
    const passesByItself = source === this.source && source.read() - reading > delay / 2;
    if (passesByItself && lacks > ROUNDING && lacks < EARLY) return now;
    this.offset += lacks + ROUNDING;
    return this.now();
  }

  waits(timer: SystemTimer): void {
    this.timers.add(timer);
    this.held = 0;
    this.look();
  }

  /** Another source has taken over. The old one's time counts up to now, and the new one's from where it began. */
  private follow(): void {
    const before = this.source;
    const read = before.read() + this.offset;
    const now = before.foreign && !(read >= this.last) ? this.last : read;
    const source = new TimeSource();
    this.source = source;
    this.last = now;
    this.seenLead = undefined;
    this.looked = 0;
    if (!source.reads(before)) this.offset = now - (source.beginning ?? source.read());
    this.ground.run(() => {
      for (const timer of this.timers) timer.start(now);
    });
    this.endTurn();
    this.look();
  }

  private readonly endTurn = (): void => {
    const callbacks = this.turnEnders;
    this.turnEnders = [];
    for (const callback of callbacks) callback();
  };

  /** A test's source may stand still, go back, or tell no number at all. */
  private advance(now: number): number {
    if (now >= this.last) this.last = now;
    else if (now < this.last) this.offset += this.last - now;
    return this.last;
  }

  /** Nobody tells when a test's timers are gone, and with them what would have woken those who wait. */
  private look(): void {
    if (this.looking || !this.source.foreign || this.timers.size === 0) return;
    this.looking = true;
    const holds = this.held < HOLD && [...this.timers].some((timer) => timer.held);
    const span = Math.min(Math.max(LOOK, Math.floor(this.looked / PATIENCE)), LONGEST_LOOK);
    this.looked += span;
    this.held += span;
    void this.ground.run(() => realTime(span, holds).then(this.lookAgain));
  }

  private readonly lookAgain = (): void => {
    this.looking = false;
    try {
      if (this.source.foreign) this.now();
    } catch {
      return; // the test has ended, and taken the globals with it
    }
    this.look();
  };
}

function isNative(candidate: unknown): boolean {
  return typeof candidate === 'function' && NATIVE.test(Function.prototype.toString.call(candidate));
}

export const systemClock: Clock = new SystemClock();
