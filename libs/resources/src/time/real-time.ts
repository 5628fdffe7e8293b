import util from 'node:util';
import { MessageChannel } from 'node:worker_threads';

/** Where a test has a browser's globals, what they have waits with the test's timers. Of Node's own class, only instances can be had. */
const Signal = util.transferableAbortController().signal.constructor as typeof AbortSignal;

/**
 * Waits in real time: a test's fake timers replace `setTimeout` and all its relatives, wherever they are imported from, but not this.
 *
 * @param ms milliseconds
 * @param holds whether the process may not end meanwhile
 */
export function realTime(ms: number, holds = true): Promise<void> {
  const { port1: hold } = new MessageChannel();
  if (holds) hold.ref(); // the signal's timer would let the process end
  return new Promise((resolve) => {
    Signal.timeout(ms).addEventListener('abort', () => {
      hold.close();
      resolve();
    });
  });
}
