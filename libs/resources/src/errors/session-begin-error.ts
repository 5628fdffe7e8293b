import { describeCause } from '../words/describe-cause.js';
import { ResourceError } from './resource-error.js';

/** A transaction was not begun, because `session.begin` of its type has failed. */
export class SessionBeginError extends ResourceError {
  constructor(owner: string, cause: unknown) {
    super(`The transaction was not begun, because session.begin has failed: ${describeCause(cause)}`, {
      owner,
      cause,
    });
  }
}
