import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { describePool, UnavailableError } from './resource-error.js';

/** The caller was shed: the queue has been standing for so long that not all waiting callers can be served in time. */
export class PoolOverloadedError extends UnavailableError {
  /** @param waited milliseconds that the caller had waited */
  constructor(
    type: string,
    readonly waited: number,
    stats: PoolStats,
    owner: string,
  ) {
    super(
      `Pool "${describeName(type)}" shed ${describeName(owner)} after ${Math.round(waited)} ms: it has been overloaded for longer than a burst lasts (${describePool(stats)}). ` +
        `Ask again later, raise "max", release leases sooner, or allow longer waits with "queue.coDel.target".`,
      { type, stats, owner },
    );
  }
}
