import type { Client } from 'pg';

/** The client of a session: what a transaction asks of it, and notes there. */
export interface TransactionClient extends Client {
  readonly watch: {
    readonly isSettled: boolean;
    readonly hasEnded: boolean;
    /** Transactions that statements have ended, a count; always 0 where that can't be seen. */
    readonly endings: number;
    settled(): Promise<void>;
  };
  /** Whether a transaction was begun in this loan, so that somebody's statements might get into it. */
  isShared: boolean;
  /** Whether the transaction was asked to read only. */
  isReadOnly: boolean;
  /** The count of the watch when the transaction was begun. */
  endingsBefore: number;
}
