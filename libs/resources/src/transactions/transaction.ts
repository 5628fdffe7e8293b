import type { Isolation } from '../pool/factory/transaction-control.js';

/** A transaction, for the work in it. */
export interface Transaction {
  /** What it was begun with; undefined for the server's default. */
  readonly isolation: Isolation | undefined;
  readonly readOnly: boolean | undefined;
  /** 1 for one that begins on its session, one more for each savepoint around the work. */
  readonly depth: number;
  /**
   * Has a function called once all of it is committed: with the outermost one, if this is inside of others. It is not waited for, is run outside
   * of any unit of work, and what it throws or rejects with becomes a process warning.
   *
   * @throws TransactionEndedError
   */
  afterCommit(hook: () => unknown): void;
  /**
   * Has a function called once it is rolled back, alone or with what is around it; as {@link afterCommit} does. With `retry`, after each try.
   *
   * @param hook is given what the work has thrown, or why nothing was kept
   * @throws TransactionEndedError
   */
  afterRollback(hook: (cause: unknown) => unknown): void;
  /**
   * Whatever its work returns, nothing of it will be kept, and who began it gets a TransactionRolledBackError.
   *
   * @throws TransactionEndedError
   */
  setRollbackOnly(cause?: unknown): void;
}
