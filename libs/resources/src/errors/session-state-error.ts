import { quoteName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** How many characters of the statement the message shows. */
const LONGEST = 40;

/** A statement that would leave something in its session was refused, because a proxy before the server gives the session to other clients. */
export class SessionStateError extends ResourceError {
  /**
   * @param behind such as `pgbouncer-transaction`
   * @param statement its text; of it, only the beginning is told
   */
  constructor(
    readonly behind: string,
    readonly statement: string,
  ) {
    super(
      `${quoteName(statement.trim(), LONGEST)} would leave something in the session, which behind "${behind}" is another client's next. ` +
        'Use what ends with the transaction (SET LOCAL, set_config(..., true), pg_advisory_xact_lock), or connect to the server itself.',
    );
    Object.defineProperty(this, 'statement', { enumerable: false }); // it may hold values
  }
}
