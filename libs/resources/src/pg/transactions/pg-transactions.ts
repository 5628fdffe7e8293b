import type { Client, QueryResult } from 'pg';
import { TransactionRefusedError } from '../../errors/transactions/transaction-refused-error.js';
import { TransactionRolledBackError } from '../../errors/transactions/transaction-rolled-back-error.js';
import type { TransactionControl, TransactionTerms } from '../../pool/factory/transaction-control.js';
import { isA } from '../../words/is-a.js';
import type { PgSession } from '../session/pg-session.js';
import { sqlStateEffect, sqlStateOf } from '../sql-state.js';

/** Nobody but the server knows whether the transaction was committed. */
class TransactionGoneError extends Error {
  constructor() {
    super('the transaction was ended by a statement in its work: COMMIT or ROLLBACK');
    this.name = 'TransactionGoneError';
  }
}

/** The server has given it up for others: "serialization_failure", "deadlock_detected". */
const GIVEN_UP = new Set<string | undefined>(['40001', '40P01']);

/** "transaction_resolution_unknown", "statement_completion_unknown". */
const UNKNOWN = new Set<string | undefined>(['08007', '40003']);

/** How transactions are driven on PostgreSQL's sessions. */
export const pgTransactions: TransactionControl<Client> = {
  async begin(client, terms) {
    const session = client as PgSession; // create has made it
    if (!session.watch.isSettled) await session.watch.settled(); // until then nobody knows
    if (session.getTransactionStatus() !== 'I') throw new TransactionRefusedError(undefined, 'foreign');
    session.isShared = true;
    session.isReadOnly = terms.readOnly === true;
    await session.query(beginText(terms));
    session.endingsBefore = session.watch.endings;
  },
  async commit(client) {
    const session = client as PgSession;
    const { watch } = session;
    if (watch.hasEnded) throw new TransactionRolledBackError(undefined, 'lost');
    if (watch.isSettled) requireOpen(session);
    const { command } = await endedBy(session, 'COMMIT');
    if (watch.endings > session.endingsBefore + 1) throw new TransactionGoneError();
    if (command !== 'COMMIT') throw new TransactionRolledBackError(undefined, 'failed');
  },
  rollback: (client) => endedBy(client as PgSession, 'ROLLBACK'),
  savepoint: (client, name) => client.query(`SAVEPOINT ${name}`),
  rollbackTo: async (client, name) => {
    await client.query(`ROLLBACK TO SAVEPOINT ${name}`);
    await client.query(`RELEASE SAVEPOINT ${name}`);
  },
  release: (client, name) => client.query(`RELEASE SAVEPOINT ${name}`),
  effectOf(error) {
    if (isA(error, TransactionRolledBackError) && error.cause === undefined) return undefined;
    const state = sqlStateOf(error);
    if (GIVEN_UP.has(state)) return 'retry';
    return UNKNOWN.has(state) || sqlStateEffect(error) !== 'transaction' ? 'unknown' : undefined;
  },
};

/** @throws TransactionGoneError when it is another one that is open, or none */
function requireOpen(session: PgSession): void {
  const isOver = session.watch.endings > session.endingsBefore;
  if (isOver || session.getTransactionStatus() === 'I') throw new TransactionGoneError();
}

/** What nobody has awaited is answered before it, and was asked to read only. */
async function endedBy(session: PgSession, text: string): Promise<QueryResult> {
  try {
    return await session.query(text);
  } finally {
    session.isReadOnly = false;
  }
}

function beginText({ isolation, readOnly }: TransactionTerms): string {
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation}`;
  if (readOnly === undefined) return `BEGIN${level}`;
  return `BEGIN${level} ${readOnly ? 'READ ONLY' : 'READ WRITE'}`;
}
