import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { ResourceCreationError } from './resource-creation-error.js';
import { describeCause } from '../words/describe-cause.js';
import { isInstance } from '../words/is-instance.js';
import { describePool, UnavailableError } from './resource-error.js';

/** No resource became free before the caller's deadline. The `cause` is the pool's last creation failure, if any. */
export class AcquireTimeoutError extends UnavailableError {
  /** @param timeout milliseconds waited */
  constructor(
    type: string,
    readonly timeout: number,
    stats: PoolStats,
    owner: string,
    cause?: unknown,
  ) {
    const root = isInstance(cause, ResourceCreationError) ? cause.cause : cause;
    const why = cause === undefined ? '' : ` The last attempt to create one failed: ${describeCause(root)}.`;
    super(
      `No resource of pool "${describeName(type)}" became free for ${describeName(owner)} within ${timeout} ms (${describePool(stats)}).${why} ` +
        `See pool.leases() for who holds them; then release leases sooner, raise "max", or raise "acquireTimeout".`,
      { type, stats, owner, cause },
    );
  }
}
