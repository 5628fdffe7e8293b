import { types } from 'node:util';
import { isObject } from './is-object.js';

/** Whether it is a promise, or something else that tells by `then`. What throws when it is asked, is not. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (!isObject(value)) return false;
  if (types.isPromise(value)) return true;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false; // whoever reads it hears of that
  }
}
