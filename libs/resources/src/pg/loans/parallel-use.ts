import { describeName } from '../../words/describe-name.js';

/** Warns when a transaction is used in parallel, once for each resource type. */
export class ParallelUse {
  private isTold = false;

  /** Called where the second statement is given: the warning shows that place. @param owner who holds the session */
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
