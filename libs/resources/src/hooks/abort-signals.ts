import { describeCause } from '../words/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { describeValue } from '../words/describe-value.js';
import { isA } from '../words/is-a.js';

/**
 * Refuses what is not an AbortSignal. A signal of another realm, or a polyfill's, is one if it can be asked and listened to.
 *
 * @throws InvalidOptionsError
 */
export function checkSignal(signal: unknown, type?: string): void {
  if (signal === undefined || isSignal(signal)) return;
  throw new InvalidOptionsError('signal', `must be an AbortSignal; got ${describeValue(signal)}.`, type);
}

/**
 * Runs work with a signal that Node's own functions accept: the one given, or, if that is another realm's or a polyfill's, one
 * that follows it until the work has settled.
 *
 * @throws InvalidOptionsError when the signal can't be listened to, and whatever `work` does
 */
export async function withOwnSignal<R>(
  signal: AbortSignal | undefined,
  work: (own: AbortSignal | undefined) => Promise<R>,
): Promise<R> {
  if (signal === undefined || isOwnSignal(signal)) return await work(signal);
  const controller = new AbortController();
  const abort = (): void => controller.abort(reasonOf(signal));
  try {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  } catch (error) {
    throw unheard(error);
  }
  try {
    return await work(controller.signal);
  } finally {
    forget(signal, abort);
  }
}

/** @throws InvalidOptionsError when the signal can't be asked */
export function isAborted(signal: AbortSignal): boolean {
  try {
    return signal.aborted;
  } catch (error) {
    throw unheard(error);
  }
}

/** Why a signal was aborted; what a foreign one tells may throw, or be nothing. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    const reason: unknown = signal.reason;
    if (reason !== undefined) return reason;
  } catch {
    // as of one that has none
  }
  return new DOMException('This operation was aborted', 'AbortError');
}

/** Whether it is a signal that Node made. */
export function isOwnSignal(signal: AbortSignal): boolean {
  return isA(signal, AbortSignal);
}

function isSignal(signal: unknown): signal is AbortSignal {
  try {
    const { aborted, addEventListener, removeEventListener } = signal as Partial<AbortSignal>; // unchecked input
    return (
      typeof aborted === 'boolean' &&
      typeof addEventListener === 'function' &&
      typeof removeEventListener === 'function'
    );
  } catch {
    return false;
  }
}

/** Of a signal that throws where it should be listened to. */
export function unheard(error: unknown): InvalidOptionsError {
  return new InvalidOptionsError('signal', `can't be listened to: ${describeCause(error)}.`);
}

/** Ends listening. It never throws. */
export function forget(signal: AbortSignal, listener: () => void): void {
  try {
    signal.removeEventListener('abort', listener);
  } catch {
    // It will be called in vain at the worst.
  }
}
