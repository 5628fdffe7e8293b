import type { Client, QueryResult } from 'pg';
import { TransactionRefusedError } from '../../errors/transactions/transaction-refused-error.js';
import { TransactionRolledBackError } from '../../errors/transactions/transaction-rolled-back-error.js';
import type { TransactionControl, TransactionTerms } from '../../pool/factory/transaction-control.js';
import { isA } from '../../words/is-a.js';
import { sqlStateEffect, sqlStateOf } from '../sql-state.js';
import type { TransactionClient } from './transaction-client.js';

/** The transaction was already over at its commit: whether it was committed, only the server knows. */
class TransactionGoneError extends Error {
  constructor() {
    super('the transaction was ended by a statement in its work: COMMIT or ROLLBACK');
    this.name = 'TransactionGoneError';
  }
}

/** The server has given up the transaction for the sake of others: serialization_failure, deadlock_detected. */
const GIVEN_UP = new Set<string | undefined>(['40001', '40P01']);

/** transaction_resolution_unknown, statement_completion_unknown. */
const UNKNOWN = new Set<string | undefined>(['08007', '40003']);

/** How transactions are driven on PostgreSQL's sessions. */
export const pgTransactions: TransactionControl<Client> = {
  async begin(client, terms) {
    const session = client as TransactionClient; // create has made it
    if (!session.watch.isSettled) await session.watch.settled(); // until then, the status may be wrong
    if (session.getTransactionStatus() !== 'I') throw new TransactionRefusedError(undefined, 'foreign');
    session.isShared = true;
    session.isReadOnly = terms.readOnly === true;
    await session.query(beginText(terms));
    session.endingsBefore = session.watch.endings;
  },
  async commit(client) {
    const session = client as TransactionClient;
    const { watch } = session;
    if (watch.hasEnded) throw new TransactionRolledBackError(undefined, 'lost');
    if (watch.isSettled) requireOpen(session);
    const { command } = await endedBy(session, 'COMMIT');
    if (watch.endings > session.endingsBefore + 1) throw new TransactionGoneError();
    if (command !== 'COMMIT') throw new TransactionRolledBackError(undefined, 'failed');
  },
  rollback: (client) => endedBy(client as TransactionClient, 'ROLLBACK'),
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

/** @throws TransactionGoneError if another transaction is open than the one that was begun, or none */
function requireOpen(session: TransactionClient): void {
  const isOver = session.watch.endings > session.endingsBefore;
  if (isOver || session.getTransactionStatus() === 'I') throw new TransactionGoneError();
}

/** Statements that nobody has awaited are answered before this one, and so still belong to the read-only transaction. */
async function endedBy(session: TransactionClient, text: string): Promise<QueryResult> {
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
