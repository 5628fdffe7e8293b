import { heed } from '../words/warn-of.js';
import { isThenable } from './is-thenable.js';

/**
 * Whether a user's function that must answer at once has not: what it returned is a promise, or something like one.
 *
 * @param failed hears of the promise's rejection, which goes unhandled nowhere
 */
export function answersLater(answer: unknown, failed?: (reason: unknown) => void): boolean {
  return heed(answer, failed) || isThenable(answer);
}
