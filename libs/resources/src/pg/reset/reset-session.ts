import type { Client } from 'pg';
import { UncleanSessionError } from '../../errors/unclean-session-error.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { LEFT, type Left, mostOf } from '../left-behind.js';
import type { PgSession } from '../session/pg-session.js';

/** Brings a session back to how it was before the loan. @throws what says that it can't; at once or later */
export type ResetSession = (session: PgSession) => void | Promise<void>;

/** What a user's function does instead: the session has nothing in flight, but may be in a transaction. */
export type ResetFunction = (client: Client) => unknown;

/** Undoes what the loan has left behind, and nothing else. */
export const resetByNeed: ResetSession = (session) => (session.isClean ? session.startOver() : undo(session));

/** As {@link resetByNeed}, where no statement may be sent that undoes it: there, whatever was left ends the session. */
export const resetOrEnd: ResetSession = (session) =>
  session.isClean
    ? session.startOver()
    : inOrder(session, async () => {
        await rollBack(session);
        if (session.watch.left >= LEFT.state) throw new UncleanSessionError('lasting');
      });

/** Undoes whatever it may be. */
export const resetAll: ResetSession = (session) =>
  inOrder(session, async () => {
    await rollBack(session);
    if (session.watch.left === LEFT.lasting) throw new UncleanSessionError('lasting');
    await discardAll(session);
  });

/** Ends an open transaction. */
export const resetTransaction: ResetSession = (session) =>
  session.isRolledBack && !session.hasTraces
    ? session.startOver()
    : inOrder(session, () => rollBack(session));

/** Leaves it to a user's function. */
export function resetBy(reset: ResetFunction): ResetSession {
  return async (session) => {
    await session.watch.settled();
    await new Promise<void>((resolve, rejected) => {
      outcomeOf(reset(session), { resolved: () => resolve(), rejected });
    });
    await inOrder(session, () => Promise.resolve());
  };
}

/** Waits until nothing is in flight, because until then nothing is known; and looks whether nobody has come in between. */
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
    const left = await onceMore(session, mostOf(before, session.watch.left));
    await undoLeft(session, left);
  });
}

/** Looks at a database of which nothing is known, because it may have been changed: then the loan may have left anything. */
async function onceMore(session: PgSession, left: Left): Promise<Left> {
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
  // Where texts tell nothing, all loans would end their sessions.
  if (left === LEFT.unknown && known?.table !== undefined && known.lasting)
    throw new UncleanSessionError('lasting');
  await discardAll(session);
  if (left === LEFT.unknown) await undoUnknown(session, known?.origins === true);
}

/** What `DISCARD ALL` leaves as it is: a random seed, and a replication origin. */
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

/** In a query of its own: it is refused in a transaction, and two statements of one query are one. */
async function discardAll(session: PgSession): Promise<void> {
  await session.ask('DISCARD ALL');
  if (!session.names.forgetAll()) throw new UncleanSessionError('named');
}
