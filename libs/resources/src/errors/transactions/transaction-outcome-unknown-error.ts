import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/**
 * A commit was sent, and its answer was lost: nobody can tell whether the transaction was committed. It is not tried again, its session is
 * destroyed, and neither `afterCommit` nor `afterRollback` is called. Look at the data, or make the work such that doing it twice does no harm.
 */
export class TransactionOutcomeUnknownError extends ResourceError {
  constructor(type: string, owner: string, cause: unknown) {
    super(
      `It is not known whether a transaction of ${describeName(owner)} on "${describeName(type)}" was committed: ${describeCause(cause)}. ` +
        `It may be: look at the data before the work is done again.`,
      { type, owner, cause },
    );
  }
}
