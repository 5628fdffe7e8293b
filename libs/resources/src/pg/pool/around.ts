import type { TransactionTerms } from '../../pool/factory/transaction-control.js';
import type { Handle, Lane } from '../../transactions/lane.js';
import type { OpenTransaction } from '../../transactions/open-transaction.js';
import type { TransactionSession } from '../../transactions/transaction-session.js';

/** What is around a client that shares a session: a transaction that is open, or a scope. */
export interface Around {
  readonly session: Pick<TransactionSession, 'owner' | 'scope' | 'hold'>;
  readonly resource: unknown;
  /** Whether it has not ended. */
  readonly open: boolean;
  /** How many transactions are open around the code now running; 0 for none. */
  readonly depth: number;
  /** Where the code now running waits for its turn. */
  readonly lane: Lane;
  /** @throws TransactionRefusedError for terms that a transaction in it can't have */
  requireTerms(terms: TransactionTerms): void;
  /** Waits for its turn, and begins a transaction in it, which ends by a call. @param signal ends the wait */
  inner(handle: Handle, terms: TransactionTerms, signal: AbortSignal): Promise<OpenTransaction>;
}
