import { describeCause } from '../../words/describe-cause.js';
import { forgetFrames } from '../../words/forget-frames.js';
import type { ResourceCreationError } from '../../errors/resource-creation-error.js';
import type { PoolStats } from '../../reports/pool-stats.js';

/** Why nothing could be created the last time, and since when that is so; until a creation succeeds. */
export class LastFailure {
  error: ResourceCreationError | undefined = undefined;
  private since = new Date();

  /** @param error without an owner: other callers will be told of it */
  remember(error: ResourceCreationError): void {
    if (this.error === undefined) this.since = new Date();
    forgetFrames(error);
    this.error = error;
  }

  /** A creation has succeeded. @returns whether those before it had failed */
  forget(): boolean {
    const had = this.error !== undefined;
    this.error = undefined;
    return had;
  }

  get report(): PoolStats['failing'] {
    const { error, since } = this;
    return error && { cause: describeCause(error.cause), since };
  }
}
