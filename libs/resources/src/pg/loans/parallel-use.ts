import { describeName } from '../../words/describe-name.js';

/** Says once of a resource type that one transaction was used by several at the same time. */
export class ParallelUse {
  private isTold = false;

  /** Called where the second statement is given. @param owner who holds the session */
  warn(owner = 'somebody'): void {
    if (this.isTold) return;
    this.isTold = true;
    const { stack = '' } = new Error();
    process.emitWarning(
      `The transaction of ${describeName(owner)} was used in parallel: a statement was given before the one before it was done. ` +
        'They run one after the other, in whichever order they come; if one fails, those after it do. Await each, or take a session for each.',
      { type: 'ParallelTransactionWarning', detail: stack.slice(stack.indexOf('\n') + 1) },
    );
  }
}
