import type { Isolation } from '../pool/factory/transaction-control.js';

/** A transaction, for the work in it. */
export interface Transaction {
  /** The isolation with which it was begun; undefined for the server's default. */
  readonly isolation: Isolation | undefined;
  /** Whether it was begun as read-only; undefined for the server's default. */
  readonly readOnly: boolean | undefined;
  /** 1 in a transaction that was begun on its session, and one more for each savepoint around the work. */
  readonly depth: number;
  /**
   * Calls a function when all is committed, which is at the commit of the outermost transaction. Nobody waits for the function; it runs outside of any unit of
   * work, and what it throws or rejects with becomes a process warning.
   *
   * @throws TransactionEndedError
   */
  afterCommit(hook: () => unknown): void;
  /**
   * Calls a function when this transaction is rolled back, alone or with one around it; in the manner of {@link afterCommit}. With `retry`, after each failed
   * try.
   *
   * @param hook given what the work has thrown, or the reason for the rollback
   * @throws TransactionEndedError
   */
  afterRollback(hook: (cause: unknown) => unknown): void;
  /**
   * Makes the transaction roll back, whatever its work returns. Who began it gets a TransactionRolledBackError.
   *
   * @param cause the cause of that error
   *
   * @throws TransactionEndedError
   */
  setRollbackOnly(cause?: unknown): void;
}
