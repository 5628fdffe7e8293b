import { inMicrotask } from './in-microtask.js';
import { types } from 'node:util';
import { heed } from '../words/warn-of.js';

/** Thenables that may resolve to one another before it counts as endless, a count. */
const MOST_STEPS = 10;

/** What becomes of a value that a user's function has returned. Exactly one of them is called, once, and never at once. */
export interface OutcomeListener<T> {
  resolved(value: T): void;
  rejected(reason: unknown): void;
}

/**
 * Waits for what a user's function has returned, as `await` does. It exists because `await` trusts a thenable: one that
 * resolves to itself keeps the process busy forever, and nothing else runs.
 */
export function outcomeOf<T>(value: T | PromiseLike<T>, listener: OutcomeListener<T>): void {
  if (types.isPromise(value)) follow(value, MOST_STEPS, listener);
  else inMicrotask(() => follow(value, MOST_STEPS, listener));
}

type Then = (resolved: (value: unknown) => void, rejected: (reason: unknown) => void) => unknown;

function follow<T>(value: unknown, steps: number, listener: OutcomeListener<T>): void {
  let open = true;
  const once = (end: () => void): void => {
    if (!open) return;
    open = false;
    end();
  };
  const rejected = (reason: unknown): void => once(() => listener.rejected(reason));
  let then: Then | undefined;
  try {
    then = thenOf(value);
    if (then !== undefined && steps === 0) {
      throw new TypeError('a thenable resolves to other thenables without end');
    }
    then?.call(value, (next) => once(() => follow(next, steps - 1, listener)), rejected);
  } catch (error) {
    heed(value); // nobody else will hear of it
    return inMicrotask(() => rejected(error));
  }
  if (then === undefined) listener.resolved(value as T); // a value that is no thenable is what it resolves with
}

function thenOf(value: unknown): Then | undefined {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return undefined;
  const { then } = value as { then?: unknown }; // any object may have one
  return typeof then === 'function' ? (then as Then) : undefined;
}
