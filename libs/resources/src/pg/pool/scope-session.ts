import type { TransactionTerms } from '../../pool/factory/transaction-control.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import type { HoldReference } from '../../scopes/scope-hold.js';
import type { Handle, Lane } from '../../transactions/lane.js';
import { OpenTransaction } from '../../transactions/open-transaction.js';
import { laneOf, laneOfStatement, transactionOn } from '../../transactions/transaction-frame.js';
import { type TransactionGround, TransactionSession } from '../../transactions/transaction-session.js';
import { pgTransactions } from '../transactions/pg-transactions.js';
import type { Around } from './around.js';

/**
 * The session that a scope has for all who borrow it there. What is begun on it outside of a transaction of the coordinator is a transaction of
 * its own, for which all others wait that share it; in one it is a part of that.
 */
export class ScopeSession implements Around {
  readonly session: TransactionSession;

  /** @param lease ends with the client */
  constructor(
    ground: TransactionGround,
    scope: LeaseScope,
    readonly lease: HoldReference,
  ) {
    this.session = new TransactionSession(scope, lease, pgTransactions, ground);
  }

  get resource(): unknown {
    return this.lease.resource;
  }

  get open(): boolean {
    return !this.lease.ended;
  }

  get depth(): number {
    return this.transaction?.depth ?? 0;
  }

  get lane(): Lane {
    return laneOfStatement(this.resource) ?? laneOf(this.lease.hold);
  }

  requireTerms(terms: TransactionTerms): void {
    this.transaction?.requireTerms(terms);
  }

  async inner(handle: Handle, terms: TransactionTerms, signal: AbortSignal): Promise<OpenTransaction> {
    const { transaction, lane } = this;
    if (transaction !== undefined) return await transaction.inner(handle, terms, signal);
    await lane.enter(handle, signal);
    try {
      return await OpenTransaction.begin(this.session, terms, () => lane.leave());
    } catch (error) {
      lane.leave();
      throw error;
    }
  }

  private get transaction(): OpenTransaction | undefined {
    return transactionOn(this.lease.hold);
  }
}
