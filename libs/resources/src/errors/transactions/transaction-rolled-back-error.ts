import { describeCause } from '../../words/describe-cause.js';
import { ResourceError } from '../resource-error.js';

/**
 * Why a transaction was rolled back although its work has returned: it was marked, by `setRollbackOnly()` or by work that had joined it and failed (`marked`,
 * with that as the cause); a statement in it had failed (`failed`); its session was gone, or the loan was over (`lost`); a transaction in it was still open
 * (`unfinished`).
 */
export type RollbackReason = 'marked' | 'failed' | 'lost' | 'unfinished';

const PROBLEMS: Readonly<Record<RollbackReason, string>> = {
  marked:
    'Something in it has failed, or called setRollbackOnly(), and its work returned as if it had not. Let what fails inside reach the outside, or run it NESTED.',
  failed:
    'A statement in it had failed, and its work returned as if it had not. Let the error reach the outside, or run what may fail NESTED.',
  lost: 'Its session was gone, or was taken back, before its work had returned.',
  unfinished:
    'A transaction or a cursor that was begun in it was still open when its work returned. Await and end all that is begun inside.',
};

/** The work of a transaction has returned, but the transaction was rolled back. That is certain: nothing of it was kept. */
export class TransactionRolledBackError extends ResourceError {
  constructor(
    type: string | undefined,
    readonly reason: RollbackReason,
    cause?: unknown,
  ) {
    const why = cause === undefined ? '' : ` The cause: ${describeCause(cause)}.`;
    super(`The transaction was rolled back. ${PROBLEMS[reason]}${why}`, {
      ...(type !== undefined && { type }),
      cause,
    });
  }
}
