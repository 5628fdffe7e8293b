import { ResourceError } from './resource-error.js';

/**
 * Why a session can't be lent on: it was left something that no statement undoes (`lasting`), pg could not be made to forget its named
 * statements (`named`), a listener or a callback of a borrower has thrown while pg read an answer (`thrown`), a borrower was still using it after the loan
 * (`used`), or a statement that nobody waits for was not cancelled in time, or its cancel may still arrive (`uncancelled`).
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
 * A loan has left its session so that no reset makes it as it was; it is destroyed. It is the `cause` of an event; and of what
 * was not cancelled, the failure.
 */
export class UncleanSessionError extends ResourceError {
  constructor(readonly reason: UncleanReason) {
    super(`The session is destroyed instead of being lent on. ${PROBLEMS[reason]}`);
  }
}
