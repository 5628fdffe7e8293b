import { inspect, types } from 'node:util';
import { describeCause, isError } from './describe-cause.js';

/** Most characters of a text that an error carries as its cause, or of its cause's message. */
const LONGEST = 16_384;

/** Stands for a cause that would break whoever prints or logs the error that carries it. */
class UnreadableCause extends Error {
  override readonly name = 'UnreadableCause';
}

/** Causes that have been proved. The same one often fails many. */
const proved = new WeakSet<object>();

/**
 * What an error carries as its `cause`: what was thrown itself if it can be printed, or else an error that says what can be said
 * of it. Who logs an error reads its cause, and must not fail by a getter that throws, a revoked proxy, or a megabyte of
 * text.
 */
export function readableCause(cause: unknown): unknown {
  if (typeof cause === 'string') {
    return cause.length <= LONGEST ? cause : new UnreadableCause(describeCause(cause));
  }
  if ((typeof cause !== 'object' || cause === null) && typeof cause !== 'function') return cause;
  if (proved.has(cause)) return cause;
  if (types.isProxy(cause) || !isPrintable(cause)) return new UnreadableCause(describeCause(cause));
  proved.add(cause);
  return cause;
}

function isPrintable(cause: object): boolean {
  try {
    if (isAbortReason(cause)) return true;
    const { message, stack }: { message?: unknown; stack?: unknown } = cause; // of an error, texts, if it is well-behaved
    if (isError(cause) && String(message).length > LONGEST) return false;
    if (isError(cause) && String(stack).length > 4 * LONGEST) return false;
    inspect(cause, { depth: 1 }); // as deep as it goes when the error that carries it is printed
    return true;
  } catch {
    return false;
  }
}

/** What a signal is aborted with by default. Many are, at once, and printing each of them for a try would take long. */
function isAbortReason(cause: object): boolean {
  return cause instanceof DOMException && typeof cause.name === 'string' && typeof cause.message === 'string';
}
