import { TimeLimitError } from '../../hooks/time-limit.js';
import type { Clock } from '../../time/clock.js';
import { warnOf } from '../../words/warn-of.js';

/** A thread that is to end when it has closed what it has to close. */
export interface LeavingThread {
  /** @param signal ends it at once @throws what kept it from closing */
  retire(signal: AbortSignal): Promise<void>;
}

/** Threads that nobody needs any more. Nobody has to wait for them but who ends the last of what needed them. */
export class LeavingThreads {
  private readonly ends = new Map<AbortController, Promise<void>>();

  /** @param limit most milliseconds that one may take */
  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  /** @returns resolves when it has ended. Never rejects */
  add(thread: LeavingThread): Promise<void> {
    const end = new AbortController();
    let late: TimeLimitError | undefined;
    const timer = this.clock.setTimeout(() => {
      late = new TimeLimitError('the end of a thread', this.limit);
      end.abort(late);
    }, this.limit);
    const over = thread
      .retire(end.signal)
      .then(() => {
        if (late !== undefined) throw late; // who has it ended before that knows it
      })
      .catch(warnOf)
      .then(() => {
        this.clock.clearTimeout(timer);
        this.ends.delete(end);
      });
    this.ends.set(end, over);
    return over;
  }

  /** Resolves when all have ended. @param signal ends them at once */
  async over(signal: AbortSignal): Promise<void> {
    const abort = (): void => {
      for (const end of this.ends.keys()) end.abort(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    await Promise.all(this.ends.values());
    signal.removeEventListener('abort', abort);
  }
}
