import { describeCause } from '../../words/describe-cause.js';
import { ResourceError } from '../resource-error.js';

/**
 * Why nothing was kept although the work has returned: it, or what has joined it, had been marked (`marked`, the cause says by what); a
 * statement in it had failed (`failed`); the session was gone, or its loan was over (`lost`); something in it was still open (`unfinished`).
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

/** The work of a transaction has returned, and nothing of it was kept. Nothing is unknown: all of it was rolled back. */
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
