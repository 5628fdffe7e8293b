import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { HIGHEST_PRIORITY } from '../policies/queue-order.js';
import { type Duration, format, parseDuration } from '../time/duration.js';

/** What one `acquire` may ask for. */
export interface AcquireOptions {
  /** Gives up when aborted, in whatever phase. */
  signal?: AbortSignal;
  /** Most time until the lease, in place of the pool's `acquireTimeout`. More than 0. */
  timeout?: Duration;
  /** Who asks, for reports and errors. Default `'anonymous'`. */
  owner?: string;
  /** For whom: what `quota.max` and the fair order of the queue count. Default: the owner. */
  tenant?: string;
  /** With `queue.order: 'priority'`, a whole number from 0 to 9: higher is served first. Default 0. */
  priority?: number;
}

/**
 * @returns milliseconds
 * @throws InvalidOptionsError for what is no duration, and for 0
 */
export function readTimeout(timeout: Duration, type?: string): number {
  const limit = parseDuration(timeout, 'timeout', type);
  if (limit > 0) return limit;
  throw new InvalidOptionsError('timeout', 'must be more than 0; tryAcquire() never waits.', type);
}

/** @throws InvalidOptionsError */
export function checkPriority(priority: number, type: string): void {
  if (Number.isInteger(priority) && priority >= 0 && priority <= HIGHEST_PRIORITY) return;
  const problem = `must be a whole number from 0 to ${HIGHEST_PRIORITY}; got ${format(priority)}.`;
  throw new InvalidOptionsError('priority', problem, type);
}
