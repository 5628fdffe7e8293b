import { isError } from '../words/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { RESOURCE_ERROR } from '../errors/resource-error.js';
import { isObject } from './is-object.js';
import { isA } from '../words/is-a.js';

/**
 * Whether a failure of a user's hook is the answer to whoever asked, as an HttpException of Nest's is: it says nothing of what the hook
 * connects to. Our own errors are not, whichever copy of this package they are of, although they have a status, too: they say that another
 * pool had nothing.
 */
export function isAnswer(failure: unknown): failure is Error {
  if (!isError(failure) || read(failure, RESOURCE_ERROR) === true) return false;
  return ['getStatus', 'getResponse'].every((name) => typeof read(failure, name) === 'function');
}

/** Whether trying again would make no difference: the failure says so (`retryable: false`), is an answer, or the factory is wrong. */
export function isFinal(failure: unknown): boolean {
  if (isError(failure) && (isA(failure, InvalidOptionsError) || isAnswer(failure))) return true;
  return isObject(failure) && read(failure, 'retryable') === false;
}

/** A property that may throw when it is read. */
function read(failure: object, name: string | symbol): unknown {
  try {
    return Reflect.get(failure, name);
  } catch {
    return undefined;
  }
}
