import type { Clock, ClockTimer } from './clock.js';

class RingNode {
  /** @internal */
  wheelPrevious: RingNode | undefined = undefined;
  /** @internal */
  wheelNext: RingNode | undefined = undefined;
}

/** Something that must happen at a moment unless it is cancelled. Embed it: it is its own list node. */
export abstract class Deadline extends RingNode {
  /** Milliseconds of the wheel's clock; in the turn in which it began, milliseconds from its end. */
  deadline = Infinity;

  abstract expire(): void;
}

class Bucket extends RingNode {
  constructor() {
    super();
    this.wheelPrevious = this;
    this.wheelNext = this;
  }
}

/** How late an expiry may be, in milliseconds. Never early. */
export const WHEEL_RESOLUTION = 8;
const BUCKETS = 256;

/**
 * All deadlines of a pool behind one timer. It exists because a timer per waiter costs as much as
 * the whole loan; here adding and cancelling are a few pointer writes, O(1) whatever the number.
 * A hashed timing wheel (Varghese and Lauck, 1987), whose buckets are linked through the entries.
 */
export class DeadlineWheel {
  private readonly buckets: Bucket[] = [];
  /** What began in this turn of the event loop. */
  private readonly beginners = new Bucket();
  private count = 0;
  private timer: ClockTimer | undefined;
  /** When it fires: the earliest deadline, or the end of the earliest bucket. */
  private timerAt = Infinity;
  private lastTick: number;

  constructor(private readonly clock: Clock) {
    for (let i = 0; i < BUCKETS; i++) this.buckets.push(new Bucket());
    this.lastTick = Math.floor(clock.now() / WHEEL_RESOLUTION);
  }

  /** Entries that wait. */
  get size(): number {
    return this.count;
  }

  /** @param at milliseconds of the clock; `Infinity` never expires and costs nothing */
  add(entry: Deadline, at: number): void {
    entry.deadline = at;
    if (at === Infinity) return;
    this.link(entry, this.bucket(this.tickOf(at)));
    if (at < this.timerAt) this.arm(at);
  }

  /**
   * Adds an entry whose time begins now. Where the clock tells the end of a turn of the event loop, the
   * time is read then, once for all that began in the turn: an expiry is never early, late by the turn
   * at most as any timer's is, and an entry that is cancelled in its own turn has cost no reading.
   *
   * @param span milliseconds; `Infinity` never expires
   */
  begin(entry: Deadline, span: number): void {
    if (span === Infinity) return;
    const { clock, beginners } = this;
    if (clock.afterTurn === undefined) return this.add(entry, clock.now() + span);
    entry.deadline = span;
    this.link(entry, beginners);
    clock.afterTurn(this.addBeginners); // each time: the clock may have become a test's, whose turns have no end
  }

  /**
   * Does nothing for an entry that has expired or was never added. The timer stays, because starting
   * and clearing one costs as much as a loan, but it holds the process only while something waits.
   */
  cancel(entry: Deadline): void {
    if (this.unlink(entry) && this.count === 0) this.timer?.unref();
  }

  /** Expires at once whatever still waits, so that nobody waits forever, and stops the timer. */
  close(): void {
    const waiting = [this.beginners, ...this.buckets].flatMap((bucket) => this.entries(bucket));
    this.disarm();
    for (const entry of waiting) this.expire(entry);
  }

  private readonly addBeginners = (): void => {
    const entries = this.entries(this.beginners);
    if (entries.length === 0) return;
    const now = this.clock.now();
    for (const entry of entries) {
      this.unlink(entry);
      this.add(entry, now + entry.deadline);
    }
  };

  private link(entry: RingNode, bucket: Bucket): void {
    const last = bucket.wheelPrevious as RingNode; // a bucket is a closed ring
    entry.wheelPrevious = last;
    entry.wheelNext = bucket;
    last.wheelNext = entry;
    bucket.wheelPrevious = entry;
    if (this.count++ === 0) this.timer?.ref();
  }

  /** @returns whether it was linked */
  private unlink(entry: RingNode): boolean {
    const { wheelPrevious, wheelNext } = entry;
    if (wheelPrevious === undefined || wheelNext === undefined) return false;
    wheelPrevious.wheelNext = wheelNext;
    wheelNext.wheelPrevious = wheelPrevious;
    entry.wheelPrevious = undefined;
    entry.wheelNext = undefined;
    this.count--;
    return true;
  }

  private disarm(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.timerAt = Infinity;
  }

  private tickOf(at: number): number {
    return Math.max(Math.ceil(at / WHEEL_RESOLUTION), this.lastTick + 1);
  }

  private bucket(tick: number): Bucket {
    return this.buckets[tick % BUCKETS];
  }

  private arm(at: number): void {
    this.disarm();
    this.timerAt = at;
    this.timer = this.clock.setTimeout(() => this.advance(), Math.max(0, at - this.clock.now()));
  }

  private advance(): void {
    this.timer = undefined;
    this.timerAt = Infinity;
    const now = this.clock.now();
    const tick = Math.floor(now / WHEEL_RESOLUTION);
    const due: Deadline[] = [];
    // What is due in the present tick stands in the bucket of its end.
    const from = Math.max(this.lastTick + 1, tick - BUCKETS + 2);
    for (let t = from; t <= tick + 1; t++) {
      for (const entry of this.entries(this.bucket(t))) if (entry.deadline <= now) due.push(entry);
    }
    this.lastTick = Math.max(this.lastTick, tick);
    for (const entry of due) this.expire(entry);
    if (this.count === 0) return;
    const next = this.nextMoment();
    if (next < this.timerAt) this.arm(next); // unless an expiry has added something earlier
  }

  private expire(entry: Deadline): void {
    if (entry.wheelNext === undefined) return; // an earlier expiry has cancelled it
    this.cancel(entry);
    entry.expire();
  }

  private entries(bucket: Bucket): Deadline[] {
    const entries: Deadline[] = [];
    for (let node = bucket.wheelNext; node instanceof Deadline; node = node.wheelNext) entries.push(node);
    return entries;
  }

  /** The earliest deadline of the next bucket that has entries. They may belong to a later round; then the wheel just looks again. */
  private nextMoment(): number {
    for (let tick = this.lastTick + 1; tick <= this.lastTick + BUCKETS; tick++) {
      const entries = this.entries(this.bucket(tick));
      if (entries.length > 0)
        return entries.reduce((first, { deadline }) => Math.min(first, deadline), tick * WHEEL_RESOLUTION);
    }
    return (this.lastTick + BUCKETS) * WHEEL_RESOLUTION;
  }
}
