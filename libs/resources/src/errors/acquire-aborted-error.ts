import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { UnavailableError } from './resource-error.js';

/** The caller's `AbortSignal` fired before it got a lease. The `cause` is the signal's reason. */
export class AcquireAbortedError extends UnavailableError {
  constructor(type: string, reason: unknown, stats: PoolStats, owner: string) {
    super(
      `${describeName(owner)} gave up waiting for a resource of pool "${describeName(type)}": its AbortSignal was aborted. No resource was lost.`,
      { type, stats, owner, cause: reason },
    );
  }
}
