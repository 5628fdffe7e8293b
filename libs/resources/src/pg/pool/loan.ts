import type { PgSession } from '../session/pg-session.js';

/** The loan of a session to one client of an ORM. It ends once; afterwards nothing reaches the session through it. */
export interface Loan {
  readonly type: string;
  readonly owner: string;
  readonly session: PgSession;
  /** Whether it has ended, by whoever ended it. */
  readonly ended: boolean;
  /** Gives a statement to the session. @param args as `Client.query` takes them, in any of its forms @returns what that returns */
  query(args: unknown[]): unknown;
  /** A statement of the loan has failed. */
  failed(error: unknown): void;
  /** Its session has died: it need not be given back any more. */
  died(): void;
  /** Ends it. @param broken why the session must not be lent on; falsy if it may */
  end(broken: unknown): Promise<void>;
}
