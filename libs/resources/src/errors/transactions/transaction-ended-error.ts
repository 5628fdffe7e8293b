import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/** A transaction was used after its end. */
export class TransactionEndedError extends ResourceError {
  constructor(type: string, owner: string) {
    super(
      `A transaction of ${describeName(owner)} on "${describeName(type)}" was used after its end. Await all that is begun in it before its work returns.`,
      { type, owner },
    );
  }
}
