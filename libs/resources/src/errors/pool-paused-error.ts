import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { describePool, UnavailableError } from './resource-error.js';

/** The pool was paused until the caller's deadline had passed. */
export class PoolPausedError extends UnavailableError {
  /** @param timeout milliseconds waited */
  constructor(
    type: string,
    readonly timeout: number,
    stats: PoolStats,
    owner: string,
  ) {
    super(
      `Pool "${describeName(type)}" was paused for all of the ${timeout} ms that ${describeName(owner)} waited (${describePool(stats)}). ` +
        `Call resume() on the pool, or wait longer with "acquireTimeout".`,
      { type, stats, owner },
    );
  }
}
