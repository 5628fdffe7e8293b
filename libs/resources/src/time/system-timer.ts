import { LONGEST_TIMER, type TimeSource } from './time-source.js';

/** How one of a source's timers was started. */
export interface TimerStart {
  readonly source: TimeSource;
  /** Milliseconds of the clock. */
  readonly at: number;
  /** Milliseconds. */
  readonly delay: number;
  /** What the source's reading was. */
  readonly reading: number;
}

/** The clock that a timer belongs to. */
export interface TimerHost {
  readonly source: TimeSource;
  /**
   * One of the source's timers has fired.
   *
   * @returns the clock's time
   */
  fired(timer: SystemTimer, start: TimerStart): number;
  waits(timer: SystemTimer): void;
}

/**
 * Waits with the timers of a source, as many of them as it takes, one after the other: a source may have no timer that is long enough, and may
 * be replaced by another while this one waits.
 */
export class SystemTimer {
  /** Whether it keeps the process alive. */
  held = true;
  private source: TimeSource | undefined;
  private timer: unknown;
  /** Which of the source's timers counts. */
  private turn = 0;

  /** @param due milliseconds of the clock */
  constructor(
    private readonly host: TimerHost,
    private readonly callback: () => void,
    private readonly due: number,
  ) {}

  ref(): void {
    this.held = true;
    this.applyHold();
  }

  unref(): void {
    this.held = false;
    this.applyHold();
  }

  /** Goes on with the host's source of now. @param now milliseconds of the clock */
  start(now: number): void {
    this.stop();
    const { source } = this.host;
    const delay = Math.min(source.delayFor(Math.max(0, this.due - now)), LONGEST_TIMER);
    const start = { source, at: now, delay, reading: source.foreign ? source.read() : now };
    const turn = this.turn;
    this.source = source;
    this.timer = source.setTimeout(() => {
      if (turn === this.turn) this.fired(start);
    }, delay);
    if (!this.held) this.applyHold();
    this.host.waits(this);
  }

  stop(): void {
    this.turn++;
    const { source, timer } = this;
    // A test's source that is gone has forgotten its timers: Node's mocks are confused by one that they don't know.
    if (timer !== undefined && source !== undefined && (!source.foreign || source.isCurrent))
      source.clearTimeout(timer);
    this.timer = undefined;
  }

  private fired(start: TimerStart): void {
    this.timer = undefined;
    const now = this.host.fired(this, start);
    if (start.at + start.delay < this.due && now < this.due) this.start(now);
    else this.callback();
  }

  /** A test's timer may be a number. */
  private applyHold(): void {
    const timer = this.timer as Partial<NodeJS.Timeout> | undefined;
    if (this.held) timer?.ref?.();
    else timer?.unref?.();
  }
}
