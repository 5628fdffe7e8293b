import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import { UnavailableError } from '../resource-error.js';

/**
 * A job of a processor was ended before it was done: by its caller's `AbortSignal`, its deadline, a client that hung up, or the end of
 * its lease. The `cause` says which. How far it had come is unknown.
 */
export class ProcessorAbortedError extends UnavailableError {
  /**
   * @param type the processor's resource type, if it is known
   * @param job name of the worker's function that ran
   */
  constructor(
    type: string | undefined,
    readonly job: string,
    cause: unknown,
  ) {
    const processor = type === undefined ? 'a processor' : `processor "${describeName(type)}"`;
    super(
      `The job "${describeName(job)}" of ${processor} was ended before it was done: ${describeCause(cause)}. ` +
        `How far it had come is unknown.`,
      { type, cause },
    );
  }

  override getResponse(): object {
    return {
      statusCode: this.getStatus(),
      error: this.name,
      message: 'The work was ended before it was done. Try again later.',
    };
  }
}
