import { Deadline, type DeadlineWheel } from '../time/deadline-wheel.js';
import { outcomeOf } from './outcome-of.js';
import type { Clock } from '../time/clock.js';

/** A user's function did not settle in the time that it was given. */
export class TimeLimitError extends Error {
  /**
   * @param what such as `create`
   * @param limit milliseconds
   */
  constructor(
    readonly what: string,
    readonly limit: number,
  ) {
    super(`${what} did not settle within ${limit} ms`);
    this.name = 'TimeLimitError';
  }
}

class Limit extends Deadline {
  constructor(override readonly expire: () => void) {
    super();
  }
}

/** Where {@link withTimeLimit} takes its time from, and what else may end it. */
export interface TimeLimitOptions<T> {
  /** Most milliseconds. */
  limit: number;
  clock: Clock;
  wheel: DeadlineWheel;
  /** Ends the wait early, with the signal's reason. */
  signal?: AbortSignal;
  /** Gets a result that came after the end, so that it can be destroyed. */
  late?: (result: T) => void;
  /** Hears that the function itself has settled, in time or not, after all others have. */
  settled?: () => void;
}

/**
 * Runs a user's function and waits for it, but not forever. It cannot stop the function.
 *
 * @param what such as `create`, for the error
 * @throws what `work` throws, at once or later; {@link TimeLimitError} when its time is up; the signal's reason
 */
export function withTimeLimit<T>(
  what: string,
  work: () => T | PromiseLike<T>,
  { limit, clock, wheel, signal, late, settled }: TimeLimitOptions<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let open = true;
    const end = (): boolean => {
      const first = open;
      open = false;
      wheel.cancel(entry);
      signal?.removeEventListener('abort', abort);
      return first;
    };
    const fail = (error: unknown): void => {
      if (end()) reject(error);
    };
    const abort = (): void => fail(signal?.reason);
    const entry = new Limit(() => fail(new TimeLimitError(what, limit)));
    let running: T | PromiseLike<T>;
    try {
      running = work();
    } catch (error) {
      reject(error);
      settled?.();
      return;
    }
    wheel.add(entry, clock.now() + limit);
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort(); // the work itself has caused it
    outcomeOf(running, {
      resolved(result) {
        if (end()) resolve(result);
        else late?.(result);
        settled?.();
      },
      rejected(error) {
        fail(error);
        settled?.();
      },
    });
  });
}
