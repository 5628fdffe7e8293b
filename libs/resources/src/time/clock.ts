import { afterTurn } from './after-turn.js';
import { realTime } from './real-time.js';
import { SystemTimer, type TimerHost } from './system-timer.js';
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

/** Milliseconds of real time from one look at a test's source to the next. */
const LOOK = 20;

/** For how many looks the process is held by who waits with a test's timers: those hold none, and may never be moved. */
const HOLDING_LOOKS = 50;

/** A timer that never fires. It costs nothing, and holds no process. */
const NEVER: ClockTimer = { ref: () => undefined, unref: () => undefined };

const NATIVE = /\[native code\]/;

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
  /** Since something began to wait, a count. */
  private looks = 0;
  /** By how much the time of day is ahead, changed only by what Node's own clocks tell. */
  private lead: number | undefined;
  private seenLead: number | undefined;

  now(): number {
    if (!this.source.isCurrent) this.follow();
    const now = performance.now() + this.offset;
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

  fired(timer: SystemTimer, reached: number, source: TimeSource): number {
    this.timers.delete(timer);
    const now = this.now();
    // Node's own may be early by a part of a millisecond, which is no reason to change the time.
    if (now >= reached || !(source.foreign || this.source.foreign)) return now;
    this.offset += reached - now + ROUNDING;
    return this.now();
  }

  waits(timer: SystemTimer): void {
    this.timers.add(timer);
    this.looks = 0;
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
    if (!source.reads(before)) this.offset = now - (source.beginning ?? source.read());
    for (const timer of this.timers) timer.start(now);
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
    const holds = ++this.looks <= HOLDING_LOOKS && [...this.timers].some((timer) => timer.held);
    void realTime(LOOK, holds).then(() => {
      this.looking = false;
      try {
        if (this.source.foreign) this.now();
      } catch {
        return; // the test has ended, and taken the globals with it
      }
      this.look();
    });
  }
}

function isNative(candidate: unknown): boolean {
  return NATIVE.test(Function.prototype.toString.call(candidate));
}

export const systemClock: Clock = new SystemClock();
