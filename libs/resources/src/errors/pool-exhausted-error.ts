import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { describePool, UnavailableError } from './resource-error.js';

/** The queue is full: the caller is refused at once instead of waiting behind too many others. */
export class PoolExhaustedError extends UnavailableError {
  /** @param maxWaiting the bound that was reached, a count */
  constructor(
    type: string,
    readonly maxWaiting: number,
    stats: PoolStats,
    owner: string,
  ) {
    super(
      `Pool "${describeName(type)}" refused ${describeName(owner)}: ${maxWaiting} callers are waiting already (${describePool(stats)}). ` +
        `Ask again later, raise "max", or allow a longer queue with "maxWaiting".`,
      { type, stats, owner },
    );
  }
}
