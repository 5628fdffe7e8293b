import { ResourceError } from './resource-error.js';

/**
 * Why a session can't be lent on: the loan left something that no statement undoes (`lasting`); pg could not be made to forget its named statements
 * (`named`); a listener or a callback of the borrower threw while pg read an answer (`thrown`); a borrower still used it after the loan (`used`); a
 * statement that nobody waits for was not cancelled in time, or the cancel may still arrive (`uncancelled`).
 */
export type UncleanReason = 'lasting' | 'named' | 'thrown' | 'used' | 'uncancelled';

const PROBLEMS: Readonly<Record<UncleanReason, string>> = {
  lasting:
    'It was left something that no statement undoes, such as a random seed, a connection of dblink or a library.',
  named: 'Statements that have a name there are not where this version of pg is known to keep them.',
  thrown:
    'A listener or a callback has thrown while pg read an answer of the server, which pg would read once more.',
  used: 'Somebody still uses it whose loan has ended: await each query, or hold the lease in use() until all are done.',
  uncancelled:
    'A statement that nobody waits for any more was not cancelled in time, or its cancel may still arrive.',
};

/**
 * A session can't be lent on after a loan, and is destroyed. This is the `cause` of the event that tells of it; with the reason `uncancelled`, statements
 * that the session still has fail with it, too.
 */
export class UncleanSessionError extends ResourceError {
  constructor(readonly reason: UncleanReason) {
    super(`The session is destroyed instead of being lent on. ${PROBLEMS[reason]}`);
  }
}
