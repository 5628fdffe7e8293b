import { withTimeLimit } from './time-limit.js';
import type { Timekeeping } from '../time/timekeeping.js';

/** What `destroy` is told. */
export interface DestroyContext {
  /**
   * Aborted when `destroy` has failed or its time is up: nobody waits for it any more, and what the resource still has, such as a
   * socket to a silent server, is to be ended without further ado.
   */
  readonly signal: AbortSignal;
}

/** Hears how a destruction ends. */
export interface DestructionListener {
  /** It threw, or its time was up. */
  failed(cause: unknown): void;
  /** It is over, well or not. */
  gone(): void;
}

/**
 * Calls users' functions that destroy: on neutral ground and each within a time limit. It never fails: what throws or hangs is
 * reported, and counts as gone all the same.
 */
export class Destroyer {
  private readonly running = new Set<Promise<void>>();

  /** @param later whether to call only when the call that ended the thing has returned */
  constructor(
    private readonly time: Timekeeping,
    private readonly later = false,
  ) {}

  /** Those that have not settled, a count. */
  get inFlight(): number {
    return this.running.size;
  }

  /**
   * @param limit most milliseconds
   * @returns resolves when it is over; never rejects
   */
  destroy(
    work: (context: DestroyContext) => unknown,
    limit: number,
    listener: DestructionListener,
  ): Promise<void> {
    return this.time.ground.run(() => {
      const controller = new AbortController();
      const { signal } = controller;
      const limited = (): Promise<unknown> =>
        withTimeLimit('destroy', () => work({ signal }), { limit, ...this.time });
      const over = (this.later ? Promise.resolve().then(limited) : limited())
        .catch((cause: unknown) => {
          controller.abort(cause);
          listener.failed(cause);
        })
        .then(() => {
          this.running.delete(over);
          listener.gone();
        });
      this.running.add(over);
      return over;
    });
  }

  /** Resolves when all that is being destroyed now is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }
}
