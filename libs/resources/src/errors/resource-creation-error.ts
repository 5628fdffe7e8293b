import type { PoolStats } from '../policies/pool-stats.js';
import { describeCause, ResourceError } from './resource-error.js';

/** The factory's `create` threw, rejected, or did not settle in time. The `cause` says which. */
export class ResourceCreationError extends ResourceError {
  /** @param owner the caller that it fails, if any */
  constructor(type: string, cause: unknown, stats?: PoolStats, owner?: string) {
    super(
      `The factory of "${type}" could not create a resource: ${describeCause(cause)}. ` +
        `Check that what it connects to is up and that its credentials are right; the cause has the details.`,
      { type, stats, owner, cause },
    );
  }
}
