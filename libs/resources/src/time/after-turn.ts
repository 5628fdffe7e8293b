import { setImmediate as imported } from 'node:timers';
import { realTime } from './real-time.js';

/**
 * Calls back when the event loop has finished its present turn, really: no fake timers of a test hold it back, whether they were installed
 * before this module was loaded or after.
 */
export const afterTurn: (callback: () => void) => void = isNodes(imported)
  ? (callback) => void imported(callback)
  : afterTurnOfTest;

/** What was faked when it was imported stays a fake, also when the fakes are gone. */
function afterTurnOfTest(callback: () => void): void {
  if (isNodes(setImmediate)) setImmediate(callback);
  else void realTime(0).then(callback);
}

function isNodes(candidate: typeof setImmediate): boolean {
  const immediate: unknown = candidate(() => undefined);
  return typeof immediate === 'object' && immediate !== null && '_onImmediate' in immediate;
}
