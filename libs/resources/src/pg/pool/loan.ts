import type { PgSession } from '../session/pg-session.js';

/** What one checkout has of a session. It ends once; afterwards nothing reaches the session through it. */
export interface Loan {
  readonly type: string;
  readonly owner: string;
  readonly session: PgSession;
  /** Whether it has ended, by whoever ended it. */
  readonly ended: boolean;
  /** Gives a statement to the session, in whichever of the forms that `Client.query` takes. */
  query(args: unknown[]): unknown;
  /** A statement of the loan has failed. */
  failed(error: unknown): void;
  /** Its session has died: it need not be given back any more. */
  died(): void;
  /** @param broken why the session is not to be lent again, if it is not */
  end(broken: unknown): Promise<void>;
}
