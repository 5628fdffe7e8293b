import type { PoolStats } from '../reports/pool-stats.js';
import { describeCause } from '../words/describe-cause.js';
import { isInstance } from '../words/is-instance.js';
import { describeName } from '../words/describe-name.js';
import { InvalidOptionsError } from './invalid-options-error.js';
import { UnavailableError } from './resource-error.js';

/** Seconds: clients are sent away for no longer. */
const DAY = 86_400;

/** The factory's `create` threw, rejected, or did not settle in time. The `cause` says which. */
export class ResourceCreationError extends UnavailableError {
  /**
   * @param owner the caller that gets the error, if any
   * @param suspendedFor milliseconds for which nothing will be tried again; `undefined` when that is not suspended
   */
  constructor(
    type: string,
    cause: unknown,
    stats?: PoolStats,
    owner?: string,
    readonly suspendedFor?: number,
  ) {
    super(
      `The factory of "${describeName(type)}" could not create a resource: ${describeCause(cause)}. ` +
        (suspendedFor === undefined
          ? ''
          : `After repeated failure, creation is suspended for another ${Math.ceil(suspendedFor)} ms. `) +
        (isInstance(cause, InvalidOptionsError)
          ? `Change the factory.`
          : `Check that what it connects to is up and that its credentials are right; the cause has the details.`),
      { type, stats, owner, cause },
    );
  }

  /** Before creation is tried again, whoever asked would be refused again. */
  override get retryAfter(): number {
    return Math.max(super.retryAfter, Math.min(DAY, Math.ceil((this.suspendedFor ?? 0) / 1_000)));
  }
}
