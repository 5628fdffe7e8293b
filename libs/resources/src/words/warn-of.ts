import { types } from 'node:util';
import { describeCause, isError } from './describe-cause.js';
import { describeName } from './describe-name.js';
import { readableCause } from './readable-cause.js';

/** Most characters of one part of a warning. */
const LONGEST = 500;

/** The name of a warning about a failure that is not printed as it is. */
const WARNING = 'HookWarning';

/**
 * Reports, as a process warning, what a user's function has thrown that nobody waits for. Node throws for a warning that is
 * neither a text nor an error of its own realm, and prints the others as they are, a turn later, where nobody could catch what
 * comes of it.
 */
export function warnOf(failure: unknown): void {
  try {
    if (isPrintedWell(failure)) return process.emitWarning(failure);
  } catch {
    // An error of another realm.
  }
  process.emitWarning(describeCause(failure), WARNING);
}

/**
 * Calls a function of the user's that only listens. What it throws, and what a promise of its rejects with, is reported by
 * {@link warnOf}.
 */
export function tell(listener: () => unknown): void {
  try {
    heed(listener(), warnOf);
  } catch (error) {
    warnOf(error);
  }
}

/**
 * Sees to it that a promise which a function returned that should not have makes no unhandled rejection.
 *
 * @returns whether it is one
 */
export function heed(answer: unknown, failed: (reason: unknown) => void = () => undefined): boolean {
  if (!types.isPromise(answer)) return false; // only those reject unheard; calling anybody's "then" would do anybody's work
  try {
    void Promise.prototype.then.call(answer, undefined, failed);
  } catch (error) {
    failed(error);
  }
  return true;
}

function isPrintedWell(failure: unknown): failure is Error | string {
  if (typeof failure === 'string') return isOneLine(failure);
  if (!isError(failure) || readableCause(failure) !== failure) return false;
  try {
    const { name, code, detail } = failure as Error & { code?: unknown; detail?: unknown }; // what Node prints, besides
    return (
      isOneLine(String(failure)) && name !== 'DeprecationWarning' && [code, detail].every(isOneLineOrNothing)
    );
  } catch {
    return false;
  }
}

function isOneLineOrNothing(text: unknown): boolean {
  return text === undefined || typeof text === 'number' || (typeof text === 'string' && isOneLine(text));
}

function isOneLine(text: string): boolean {
  return describeName(text, LONGEST) === text;
}
