import { quoteName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/** How many characters of the statement the message shows. */
const LONGEST = 40;

/**
 * A statement was not sent, because nobody waited for it any more: the client had hung up, or a signal was aborted, at a moment when nothing ran that could have
 * been cancelled. Only the first statement after that is refused; the next ones are sent.
 */
export class StatementCancelledError extends ResourceError {
  /** The SQLSTATE of a statement that is cancelled while it runs. */
  readonly code = '57014';

  /** @param statement its text; of it, only the beginning is told */
  constructor(readonly statement: string) {
    super(
      `${quoteName(statement.trim(), LONGEST)} was not sent: nobody waits for it any more. ` +
        'What must be done in spite of that, such as tidying up, can be sent now.',
    );
    Object.defineProperty(this, 'statement', { enumerable: false }); // it may hold values
  }
}
