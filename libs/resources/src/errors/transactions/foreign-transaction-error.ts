import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/**
 * Why a statement on an ORM's pool was not sent to a session that others share: it would end a transaction that its client has not begun (`end`); it begins
 * or ends a transaction in a form that can't be turned into a savepoint (`form`); it can't run in the transaction that is open (`unfit`); another client's
 * transaction or cursor was open there during the whole `timeout` of the pool (`waited`).
 */
export type ForeignTransactionProblem = 'end' | 'form' | 'unfit' | 'waited';

const PROBLEMS: Readonly<Record<ForeignTransactionProblem, string>> = {
  end: 'It would end a transaction that its client has not begun. Let the work that began that return, or throw.',
  form: 'It begins or ends a transaction in a form that has no place on a shared session: send BEGIN, COMMIT and ROLLBACK by themselves.',
  unfit: 'It can not run in a transaction. Send it outside of one, or set "unfit" to "separate".',
  waited:
    "Another transaction or cursor was open on its session, and did not end meanwhile. Where a client has begun it, use that one's own client inside of it, or NESTED in place of it.",
};

/** A statement of an ORM was not sent, because others share its session. */
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
