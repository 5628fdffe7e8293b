import type { Client } from 'pg';
import { UncleanSessionError } from '../../errors/unclean-session-error.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { LEFT, type Left, mostOf } from '../left-behind.js';
import type { PgSession } from '../session/pg-session.js';

/** Brings a session back to how it was before the loan, at once or later. @throws why it can't; then the session is destroyed */
export type ResetSession = (session: PgSession) => void | Promise<void>;

/** A reset of the user's. It is called when nothing is in flight; a transaction may be open. */
export type ResetFunction = (client: Client) => unknown;

/** `'auto'`: undoes what the loan has left behind. Where that is nothing, nothing is sent. */
export const resetByNeed: ResetSession = (session) => (session.isClean ? session.startOver() : undo(session));

/** `'auto'` behind RDS Proxy, where `DISCARD ALL` would pin the session: if state was left behind, the session is destroyed. */
export const resetOrEnd: ResetSession = (session) =>
  session.isClean
    ? session.startOver()
    : inOrder(session, async () => {
        await rollBack(session);
        if (session.watch.left >= LEFT.state) throw new UncleanSessionError('lasting');
      });

/** `'discard'`: undoes whatever may have been left, each time. */
export const resetAll: ResetSession = (session) =>
  inOrder(session, async () => {
    await rollBack(session);
    if (session.watch.left === LEFT.lasting) throw new UncleanSessionError('lasting');
    await discardAll(session);
  });

/** `'rollback'`: ends an open transaction, and undoes nothing else. */
export const resetTransaction: ResetSession = (session) =>
  session.isRolledBack && !session.hasTraces
    ? session.startOver()
    : inOrder(session, () => rollBack(session));

/** Leaves it to a function of the user's, and checks that no transaction is open afterwards. */
export function resetBy(reset: ResetFunction): ResetSession {
  return async (session) => {
    await session.watch.settled();
    await new Promise<void>((resolve, rejected) => {
      outcomeOf(reset(session), { resolved: () => resolve(), rejected });
    });
    await inOrder(session, () => Promise.resolve());
  };
}

/**
 * Waits until nothing is in flight, because what was left is not known before, and then does the work.
 *
 * @throws UncleanSessionError if the borrower has sent something meanwhile, or a transaction is still open
 */
async function inOrder(session: PgSession, work: () => Promise<void>): Promise<void> {
  const { watch } = session;
  const { submitted } = watch;
  await watch.settled();
  session.restoreClient();
  await work();
  if (watch.submitted !== submitted || !session.isRolledBack) throw new UncleanSessionError('used');
  session.startOver();
}

async function undo(session: PgSession): Promise<void> {
  await inOrder(session, async () => {
    const before = session.watch.left;
    await rollBack(session);
    session.endChange();
    const left = await lookAgain(session, mostOf(before, session.watch.left));
    await undoLeft(session, left);
  });
}

/** Looks at the database again if nothing is known of it, such as after a change of its catalogue. Then the loan may have left anything. */
async function lookAgain(session: PgSession, left: Left): Promise<Left> {
  const database = session.judging?.database;
  if (database === undefined || database.known?.table !== undefined) return left;
  await database.look(session);
  return mostOf(left, LEFT.unknown);
}

async function undoLeft(session: PgSession, left: Left): Promise<void> {
  if (left === LEFT.lasting) throw new UncleanSessionError('lasting');
  if (left === LEFT.sequences) await session.ask('DISCARD SEQUENCES');
  if (left < LEFT.state) return;
  const known = session.judging?.database?.known;
  // Only where texts tell anything at all: otherwise each loan would cost its session.
  if (left === LEFT.unknown && known?.table !== undefined && known.lasting)
    throw new UncleanSessionError('lasting');
  await discardAll(session);
  if (left === LEFT.unknown) await undoUnknown(session, known?.origins === true);
}

/** Undoes what `DISCARD ALL` does not: sets another random seed, and finds out whether there is a replication origin. */
async function undoUnknown(session: PgSession, origins: boolean): Promise<void> {
  const origin = origins ? 'pg_replication_origin_session_is_setup()' : 'false';
  const seed = Math.random() * 2 - 1;
  const { rows } = await session.ask<{ lasting: boolean }>(
    `SELECT ${origin} AS lasting, setseed(${seed.toFixed(15)})`,
  );
  if (rows[0].lasting) throw new UncleanSessionError('lasting');
}

async function rollBack(session: PgSession): Promise<void> {
  if (session.getTransactionStatus() !== 'I') await session.ask('ROLLBACK');
}

/** In a query of its own: several statements in one query are one transaction, in which it is refused. */
async function discardAll(session: PgSession): Promise<void> {
  await session.ask('DISCARD ALL');
  if (!session.names.forgetAll()) throw new UncleanSessionError('named');
}
