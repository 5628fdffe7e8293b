import { quoteName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** Most characters of a statement that are told. */
const LONGEST = 40;

/** A statement that would leave something in its session was refused, because what stands before the server lends sessions on by itself. */
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
