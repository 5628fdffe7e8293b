import type { Clock } from '../time/clock.js';

/**
 * Runs work that may wait for something, but not for ever.
 *
 * @param limit milliseconds; `Infinity` for no limit
 * @param tooLate makes the reason with which the work's signal is aborted when the time is up
 */
export async function inTime<R>(
  clock: Clock,
  limit: number,
  tooLate: () => Error,
  work: (late: AbortSignal) => Promise<R>,
): Promise<R> {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(tooLate()), limit);
  try {
    return await work(late.signal);
  } finally {
    clock.clearTimeout(timer);
  }
}
