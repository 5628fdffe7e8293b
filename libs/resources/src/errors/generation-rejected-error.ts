import type { GenerationStats } from '../reports/generation-stats.js';
import { describeCause } from '../words/describe-cause.js';
import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** What a new generation has failed at. */
export type GenerationCheck = 'canary.validate' | 'canary.timeout' | 'validate' | 'abortIf' | 'signal';

/** A new generation of resources was not trusted, and the one before was taken on again. The `cause` says what was thrown, if anything was. */
export class GenerationRejectedError extends ResourceError {
  /**
   * @param check what it failed at
   * @param problem in words
   * @param generation how it had done, if it was switched to already
   */
  constructor(
    type: string,
    readonly check: GenerationCheck,
    problem: string,
    readonly generation?: GenerationStats,
    cause?: unknown,
  ) {
    super(
      `The new generation of "${describeName(type)}" was rejected by "${check}": ${problem}` +
        `${cause === undefined ? '' : `: ${describeCause(cause)}`}. The one before is in force again.`,
      { type, cause },
    );
  }
}
