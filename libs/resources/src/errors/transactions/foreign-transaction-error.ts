import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/**
 * Why a statement on the ORM's pool was not sent to a session that is in a transaction of ours: it would end that transaction, which its client has
 * not begun (`end`); it begins or ends one in a form that can't be turned into a part of it (`form`); it can't run in a transaction (`unfit`); another
 * client's transaction or cursor was open in it all the time (`waited`).
 */
export type ForeignTransactionProblem = 'end' | 'form' | 'unfit' | 'waited';

const PROBLEMS: Readonly<Record<ForeignTransactionProblem, string>> = {
  end: 'It would end a transaction that its client has not begun. Let the work that began that return, or throw.',
  form: 'It begins or ends a transaction in a form that has no place in another: send BEGIN, COMMIT and ROLLBACK by themselves.',
  unfit: 'It can not run in a transaction. Send it outside of one, or set "unfit" to "separate".',
  waited:
    "Another client has begun a transaction in the same one, or a cursor, and did not end it meanwhile. Use that one's own client inside of it, or NESTED in place of it.",
};

/** A statement of an ORM was not sent, because of the transaction that is open around it. */
export class ForeignTransactionError extends ResourceError {
  constructor(
    type: string,
    owner: string,
    readonly problem: ForeignTransactionProblem,
  ) {
    super(
      `A statement of ${describeName(owner)} on "${describeName(type)}" was not sent. ${PROBLEMS[problem]}`,
      { type, owner },
    );
  }
}
