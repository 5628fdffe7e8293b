import type { ThreadEnd } from '../../errors/processors/processor-crashed-error.js';
import { TimeLimitError } from '../../hooks/time-limit.js';
import type { Clock } from '../../time/clock.js';
import { warnOf } from '../../words/warn-of.js';
import type { LoadedThread, LoadedThreadHost } from '../loaded-thread.js';
import { LeavingThreads } from './leaving-threads.js';

/** Milliseconds from a thread that could not be made to the next try, at first; after each further one, twice as many. */
const PAUSE = 1_000;
/** And at the most. */
const LONGEST_PAUSE = 60_000;

/** Who makes the threads; implemented by `ProcessorFactory`. */
export interface TurnoverHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  load(host: LoadedThreadHost, signal: AbortSignal): Promise<LoadedThread>;
}

/** A processor whose thread has served long enough. */
export interface DueProcessor {
  /** Takes a thread in the place of its own, if nothing is run in that. @returns resolves when the other one is gone; `undefined` if it did not */
  take(next: LoadedThread): Promise<void> | undefined;
}

/**
 * The threads that take the places of those which have served long enough, one after the other: the next one is made first, and goes to whichever of the
 * type's processors can take it first; the one after that is made when the other one is gone. So there is one thread more than processors, and never
 * one less; and a session that goes on for hours keeps nobody else from getting another thread.
 */
export class Turnover implements LoadedThreadHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  private readonly due = new Set<DueProcessor>();
  private abort: AbortController | undefined;
  /** Resolves when the thread that was begun last is there, or will never be. */
  private made = Promise.resolve();
  /** Resolves when a thread that was given up while it was made has ended, or leaves. */
  private givenUp = Promise.resolve();
  private next: LoadedThread | undefined;
  /** Whether a thread is being made, waits to be taken, or goes. */
  private underWay = false;
  private notBefore = -Infinity;
  /** How many could not be made, one after the other. */
  private failures = 0;

  private readonly leaving: LeavingThreads;

  /**
   * @param limit most milliseconds in which a thread may be loaded
   * @param toRetire most milliseconds in which one that nobody needs any more may close what it has to close
   */
  constructor(
    private readonly host: TurnoverHost,
    private readonly limit: number,
    toRetire: number,
  ) {
    this.type = host.type;
    this.clock = host.clock;
    this.leaving = new LeavingThreads(host.clock, toRetire);
  }

  /** There is nothing to be heard of a thread without jobs. */
  readonly told = (): void => undefined;

  /** A processor of which nothing is on loan is due for another thread: now if there is one, or else later. */
  want(processor: DueProcessor): void {
    this.due.add(processor);
    this.serve();
    this.begin();
  }

  /**
   * It needs none any more.
   *
   * @param signal ends at once what nobody needs; given by a processor that ends
   * @returns resolves when there is none left that nobody needs, for one that ends
   */
  async leave(processor: DueProcessor, signal?: AbortSignal): Promise<void> {
    if (this.due.delete(processor) && this.due.size === 0) this.giveUp();
    if (signal === undefined) return;
    await this.givenUp;
    await this.leaving.over(signal);
  }

  /** The one that waits has died. */
  ended(loaded: LoadedThread, { cause }: ThreadEnd): void {
    if (loaded !== this.next) return;
    this.failed(cause ?? new Error('a thread ended before it was used'));
    this.next = undefined;
    this.underWay = false;
  }

  private begin(): void {
    if (this.underWay || this.due.size === 0 || this.clock.now() < this.notBefore) return;
    this.underWay = true;
    const abort = new AbortController();
    this.abort = abort;
    this.made = this.make(abort);
  }

  private giveUp(): void {
    if (this.abort !== undefined) {
      this.abort.abort();
      this.givenUp = this.made;
    }
    if (this.next !== undefined) this.goes(this.leaving.add(this.next));
  }

  /** Never rejects. */
  private async make({ signal }: AbortController): Promise<void> {
    try {
      const next = await this.loadInTime(signal);
      this.abort = undefined;
      if (signal.aborted) return this.goes(this.leaving.add(next));
      this.failures = 0;
      this.next = next;
      this.serve();
    } catch (error) {
      this.abort = undefined;
      this.underWay = false;
      if (signal.aborted)
        this.begin(); // somebody may need one again
      else this.failed(error);
    }
  }

  private async loadInTime(givenUp: AbortSignal): Promise<LoadedThread> {
    const { clock, limit } = this;
    const late = new AbortController();
    const timer = clock.setTimeout(() => late.abort(new TimeLimitError('loading a thread', limit)), limit);
    timer.unref();
    try {
      return await this.host.load(this, AbortSignal.any([givenUp, late.signal]));
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Gives the one that waits to the first who can take it. */
  private serve(): void {
    const { next } = this;
    if (next === undefined || next.ending) return;
    for (const processor of this.due) {
      const gone = processor.take(next);
      if (gone === undefined) continue;
      this.due.delete(processor);
      this.goes(gone);
      return;
    }
  }

  private goes(gone: Promise<void>): void {
    this.next = undefined;
    void gone.then(() => {
      this.underWay = false;
      this.begin();
    });
  }

  /** What there is goes on. Of one trouble, the first failure is told. */
  private failed(error: unknown): void {
    if (this.failures === 0) warnOf(error);
    this.notBefore = this.clock.now() + Math.min(LONGEST_PAUSE, PAUSE * 2 ** this.failures);
    this.failures++;
  }
}
